package dev.lathe;

import dev.lathe.model.Arithmetic;
import dev.lathe.model.ExpertOptions;
import dev.lathe.model.PageLimit;
import dev.lathe.tensor.store.ExpertCacheOptions;
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
 * @param prefixMemory bytes of keys and values that are kept for prompts that begin as an earlier text did; 0 for none
 * @param pageMemory how many bytes of keys and values may be in memory, and where the others go; empty for no limit
 * @param expertCache which experts of a mixture are in memory where weights are limited
 */
public record LoadOptions(
        int threads,
        Arithmetic arithmetic,
        Optional<Model> threadsOf,
        Optional<Path> packed,
        OptionalLong weightMemory,
        ExpertOptions experts,
        long prefixMemory,
        Optional<PageLimit> pageMemory,
        ExpertCacheOptions expertCache) {
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
        Objects.requireNonNull(pageMemory, "pageMemory");
        Objects.requireNonNull(expertCache, "expertCache");
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
        if (prefixMemory < 0) {
            throw new IllegalArgumentException("prefixMemory is " + prefixMemory + ": expected bytes, or 0 for none");
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
        this(
                threads,
                arithmetic,
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                ExpertOptions.DEFAULT,
                0,
                Optional.empty(),
                ExpertCacheOptions.DEFAULT);
    }

    /** Exact arithmetic on so many threads. */
    public LoadOptions(int threads) {
        this(threads, Arithmetic.EXACT);
    }

    /** With so many threads. */
    public LoadOptions threads(int value) {
        return new LoadOptions(
                value, arithmetic, threadsOf, packed, weightMemory, experts, prefixMemory, pageMemory, expertCache);
    }

    /** With another arithmetic. */
    public LoadOptions arithmetic(Arithmetic value) {
        return new LoadOptions(
                threads, value, threadsOf, packed, weightMemory, experts, prefixMemory, pageMemory, expertCache);
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
                experts,
                prefixMemory,
                pageMemory,
                expertCache);
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
                experts,
                prefixMemory,
                pageMemory,
                expertCache);
    }

    /**
     * With at most so many bytes of packed weights in memory, for models that are larger than it. What belongs to no
     * layer stays, and as many layers as fit, spread evenly; the others are read from the packed file for each pass, by
     * one thread, ahead of those that compute. A prompt reads each layer once for all its rows. Of a mixture of
     * experts all but the experts stays, and an expert that is chosen and not there is read. Results are the same to the
     * bit. {@link Model#weightStreaming} says how it goes. Set {@link #packed} before.
     */
    public LoadOptions weightMemory(long bytes) {
        return new LoadOptions(
                threads,
                arithmetic,
                threadsOf,
                packed,
                OptionalLong.of(bytes),
                experts,
                prefixMemory,
                pageMemory,
                expertCache);
    }

    /**
     * With a mixture of experts computed in this way: with choices counted, as {@link Model#expertUse} tells them, or with weak
     * experts left out, which changes the results. Models without experts do not look at it.
     */
    public LoadOptions experts(ExpertOptions value) {
        return new LoadOptions(
                threads, arithmetic, threadsOf, packed, weightMemory, value, prefixMemory, pageMemory, expertCache);
    }

    /**
     * With at most so many bytes of keys and values kept of texts that were evaluated, for all sessions and engines of the
     * model: a prompt that begins as one of them did goes on from there. Texts share the pages that they have in common,
     * and a prompt that finds its beginning copies nothing. {@link Model#prefixStatistics} says how it goes.
     */
    public LoadOptions prefixMemory(long bytes) {
        return new LoadOptions(
                threads, arithmetic, threadsOf, packed, weightMemory, experts, bytes, pageMemory, expertCache);
    }

    /**
     * With at most so many bytes of keys and values in memory, of all texts of the model together: the ones whose use is
     * the longest ago lie in a file in this folder, and come back when they are needed and fit, or are read where they lie.
     * Results are the same to the bit. A pass whose own pages do not fit is refused. {@link Model#pageStatistics} says how
     * it goes.
     */
    public LoadOptions pageMemory(long bytes, Path folder) {
        return new LoadOptions(
                threads,
                arithmetic,
                threadsOf,
                packed,
                weightMemory,
                experts,
                prefixMemory,
                Optional.of(new PageLimit(bytes, folder)),
                expertCache);
    }

    /**
     * With experts of a mixture kept in memory by another rule where {@link #weightMemory} limits them: results are the
     * same to the bit.
     */
    public LoadOptions expertCache(ExpertCacheOptions value) {
        return new LoadOptions(
                threads, arithmetic, threadsOf, packed, weightMemory, experts, prefixMemory, pageMemory, value);
    }
}
