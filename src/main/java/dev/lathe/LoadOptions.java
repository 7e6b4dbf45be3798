package dev.lathe;

/**
 * How a model is loaded and computed. Immutable; each method named after a component returns changed options.
 *
 * @param threads threads that compute one pass, the caller's included; 0 for the machine's physical cores
 */
public record LoadOptions(int threads) {
    /** As many threads as physical cores. */
    public static final LoadOptions DEFAULT = new LoadOptions(0);

    /** Checks each component. */
    public LoadOptions {
        if (threads < 0) {
            throw new IllegalArgumentException("threads is " + threads + ": expected at least 1, or 0 for all cores");
        }
    }

    /** With so many threads. */
    public LoadOptions threads(int value) {
        return new LoadOptions(value);
    }
}
