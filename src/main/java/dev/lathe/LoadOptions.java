package dev.lathe;

import dev.lathe.model.Arithmetic;
import dev.lathe.model.ExpertOptions;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a model is loaded and computed. Immutable; each method named after a component returns changed options.
 *
 * @param threads threads that compute one pass, the caller's included, up to {@value #MAX_THREADS}; 0 for the machine's physical cores
 * @param arithmetic how it multiplies; anything but exact is a simulation and slow
 * @param threadsOf another model whose threads compute instead of threads of its own
 * @param packed a folder where packed weights are kept, so that the next load reads them instead of packing them
 * @param weightMemory bytes of packed weights that may be in memory at once; the other layers are read for each pass
 * @param experts how a mixture of experts is computed, and whether choices are counted
 */
public record LoadOptions(
        int threads,
        Arithmetic arithmetic,
        Optional<Model> threadsOf,
        Optional<Path> packed,
        OptionalLong weightMemory,
        ExpertOptions experts) {
    /** More threads than any machine has use for, and few enough to start. */
    public static final int MAX_THREADS = 1024;

    /** As many threads as physical cores, exact arithmetic. */
    public static final LoadOptions DEFAULT = new LoadOptions(0);

    /** Checks each component. */
    public LoadOptions {
        Objects.requireNonNull(arithmetic, "arithmetic");
        Objects.requireNonNull(threadsOf, "threadsOf");
        Objects.requireNonNull(packed, "packed");
        Objects.requireNonNull(weightMemory, "weightMemory");
        Objects.requireNonNull(experts, "experts");
        if (weightMemory.isPresent() && weightMemory.getAsLong() < 1) {
            throw new IllegalArgumentException("weightMemory is " + weightMemory.getAsLong() + ": expected bytes");
        }
        if (weightMemory.isPresent() && packed.isEmpty()) {
            throw new IllegalArgumentException(
                    "weightMemory reads layers from a packed file: name its folder with packed(folder) first");
        }
        if (weightMemory.isPresent() && !arithmetic.equals(Arithmetic.EXACT)) {
            throw new IllegalArgumentException(
                    "weightMemory and another arithmetic than EXACT exclude each other: leave one out");
        }
        if (threads < 0 || threads > MAX_THREADS) {
            throw new IllegalArgumentException(
                    "threads is " + threads + ": expected 1 to " + MAX_THREADS + ", or 0 for all cores");
        }
        if (threads > 0 && threadsOf.isPresent()) {
            throw new IllegalArgumentException(
                    "threads(" + threads + ") and threadsOf(model) exclude each other: leave one out");
        }
    }

    /** On so many threads. */
    public LoadOptions(int threads, Arithmetic arithmetic) {
        this(threads, arithmetic, Optional.empty(), Optional.empty(), OptionalLong.empty(), ExpertOptions.DEFAULT);
    }

    /** Exact arithmetic on so many threads. */
    public LoadOptions(int threads) {
        this(threads, Arithmetic.EXACT);
    }

    /** With so many threads. */
    public LoadOptions threads(int value) {
        return new LoadOptions(value, arithmetic, threadsOf, packed, weightMemory, experts);
    }

    /** With another arithmetic. */
    public LoadOptions arithmetic(Arithmetic value) {
        return new LoadOptions(threads, value, threadsOf, packed, weightMemory, experts);
    }

    /**
     * On the threads of another model, which must be closed later. Right for models that take turns, such as a draft
     * and the model it drafts for: two teams of threads would get in each other's way.
     */
    public LoadOptions threadsOf(Model model) {
        return new LoadOptions(
                threads,
                arithmetic,
                Optional.of(Objects.requireNonNull(model, "model")),
                packed,
                weightMemory,
                experts);
    }

    /**
     * With packed weights kept in a folder: the first load of a model writes about the bytes of its file there, and each
     * load after it, by any process, reads them. A file that is damaged, or belongs to other weights or another version of
     * Lathe, is never computed with: it is made anew. The folder is as trustworthy as the model's file must be.
     */
    public LoadOptions packed(Path folder) {
        return new LoadOptions(
                threads,
                arithmetic,
                threadsOf,
                Optional.of(Objects.requireNonNull(folder, "folder")),
                weightMemory,
                experts);
    }

    /**
     * With at most so many bytes of packed weights in memory, for models that are larger than it. What belongs to no
     * layer stays, and as many layers as fit, spread evenly; the others are read from the packed file for each pass, by
     * one thread, ahead of those that compute. A prompt reads each layer once for all its rows. Of a mixture of
     * experts all but the experts stays, and an expert that is chosen and not there is read. Results are the same to the
     * bit. {@link Model#weightStreaming} says how it goes. Set {@link #packed} before.
     */
    public LoadOptions weightMemory(long bytes) {
        return new LoadOptions(threads, arithmetic, threadsOf, packed, OptionalLong.of(bytes), experts);
    }

    /**
     * With a mixture of experts computed in this way: with choices counted, as {@link Model#expertUse} tells them, or with weak
     * experts left out, which changes the results. Models without experts do not look at it.
     */
    public LoadOptions experts(ExpertOptions value) {
        return new LoadOptions(threads, arithmetic, threadsOf, packed, weightMemory, value);
    }
}
