package dev.lathe.measure;

/** Sums negative log likelihoods. */
final class LossSum {
    private double sum;
    private double squares;
    private int tokens;
    private int windows;

    void add(double loss) {
        sum += loss;
        squares += loss * loss;
        tokens++;
    }

    void endWindow() {
        windows++;
    }

    /** The perplexity with the error that the spread of the tokens' losses gives their mean. */
    Perplexity perplexity() {
        double mean = sum / tokens;
        double variance = Math.max(0, squares / tokens - mean * mean);
        double value = StrictMath.exp(mean);
        double error = tokens > 1 ? value * Math.sqrt(variance / (tokens - 1)) : 0;
        return new Perplexity(value, error, tokens, windows);
    }
}
