package dev.lathe;

import dev.lathe.model.Arithmetic;
import java.util.Objects;

/**
 * How a model is loaded and computed. Immutable; each method named after a component returns changed options.
 *
 * @param threads threads that compute one pass, the caller's included; 0 for the machine's physical cores
 * @param arithmetic how it multiplies; anything but exact is a simulation and slow
 */
public record LoadOptions(int threads, Arithmetic arithmetic) {
    /** As many threads as physical cores, exact arithmetic. */
    public static final LoadOptions DEFAULT = new LoadOptions(0);

    /** Checks each component. */
    public LoadOptions {
        Objects.requireNonNull(arithmetic, "arithmetic");
        if (threads < 0) {
            throw new IllegalArgumentException("threads is " + threads + ": expected at least 1, or 0 for all cores");
        }
    }

    /** Exact arithmetic on so many threads. */
    public LoadOptions(int threads) {
        this(threads, Arithmetic.EXACT);
    }

    /** With so many threads. */
    public LoadOptions threads(int value) {
        return new LoadOptions(value, arithmetic);
    }

    /** With another arithmetic. */
    public LoadOptions arithmetic(Arithmetic value) {
        return new LoadOptions(threads, value);
    }
}
