package dev.lathe.compress;

/** Told how far a compression is. Called on the thread that compresses. */
@FunctionalInterface
public interface CompressionProgress {
    /** Hears nothing. */
    CompressionProgress NONE = (step, part, parts) -> {};

    /**
     * A part of a step is done.
     *
     * @param step what is being done
     * @param part parts done, from 1
     * @param parts all parts of the step
     */
    void done(String step, int part, int parts);
}
