package dev.lathe;

import dev.lathe.model.Arithmetic;
import java.util.Objects;
import java.util.Optional;

/**
 * How a model is loaded and computed. Immutable; each method named after a component returns changed options.
 *
 * @param threads threads that compute one pass, the caller's included; 0 for the machine's physical cores
 * @param arithmetic how it multiplies; anything but exact is a simulation and slow
 * @param threadsOf another model whose threads compute instead of threads of its own
 */
public record LoadOptions(int threads, Arithmetic arithmetic, Optional<Model> threadsOf) {
    /** As many threads as physical cores, exact arithmetic. */
    public static final LoadOptions DEFAULT = new LoadOptions(0);

    /** Checks each component. */
    public LoadOptions {
        Objects.requireNonNull(arithmetic, "arithmetic");
        if (threads < 0) {
            throw new IllegalArgumentException("threads is " + threads + ": expected at least 1, or 0 for all cores");
        }
        if (threads > 0 && threadsOf.isPresent()) {
            throw new IllegalArgumentException(
                    "threads(" + threads + ") and threadsOf(model) exclude each other: leave one out");
        }
    }

    /** On so many threads. */
    public LoadOptions(int threads, Arithmetic arithmetic) {
        this(threads, arithmetic, Optional.empty());
    }

    /** Exact arithmetic on so many threads. */
    public LoadOptions(int threads) {
        this(threads, Arithmetic.EXACT);
    }

    /** With so many threads. */
    public LoadOptions threads(int value) {
        return new LoadOptions(value, arithmetic, threadsOf);
    }

    /** With another arithmetic. */
    public LoadOptions arithmetic(Arithmetic value) {
        return new LoadOptions(threads, value, threadsOf);
    }

    /**
     * On the threads of another model, which must be closed later. Right for models that take turns, such as a draft and
     * the model it drafts for: two teams of threads would get in each other's way.
     */
    public LoadOptions threadsOf(Model model) {
        return new LoadOptions(threads, arithmetic, Optional.of(model));
    }
}
