package dev.lathe.measure;

/** Hears of a measurement while it runs, on the thread that measures. */
@FunctionalInterface
public interface Progress {
    /** Hears nothing. */
    Progress NONE = (done, total, perplexity) -> {};

    /**
     * One more window is scored.
     *
     * @param done windows scored so far
     * @param total windows in all
     * @param perplexity the measured model's perplexity so far
     */
    void window(int done, int total, double perplexity);
}
