package dev.lathe.route;

import dev.lathe.measure.LogSoftmax;
import dev.lathe.tensor.FloatMatrix;

/**
 * How well a model knows its way in a prompt, before it generates anything. Immutable.
 *
 * @param tokens of the prompt
 * @param meanLogProbability of its tokens after the first; 0 of a single one
 * @param entropy of what comes next, in nats
 * @param margin the probability of the most probable next token less that of the second
 */
public record PromptSignals(int tokens, double meanLogProbability, double entropy, double margin) {
    /** The exponential of the mean's negative. */
    public double perplexity() {
        return StrictMath.exp(-meanLogProbability);
    }

    /** What a {@link LogisticRegression} learns from. */
    public double[] features() {
        return new double[] {StrictMath.log(tokens), meanLogProbability, entropy, margin};
    }

    /**
     * Of a prompt.
     *
     * @param logits [tokens x vocabulary] after each token of the prompt
     * @param prompt at least one token
     */
    public static PromptSignals of(FloatMatrix logits, int... prompt) {
        Reader reader = new Reader(prompt);
        reader.read(0, logits);
        return reader.signals();
    }

    /** Reads a prompt's logits batch by batch, for prompts whose logits are too many to hold. One thread. */
    public static final class Reader {
        private final int[] prompt;
        private double sum;
        private double entropy;
        private double margin;

        /**
         * Of a prompt.
         *
         * @param prompt not copied; at least one token
         */
        public Reader(int... prompt) {
            if (prompt.length == 0) {
                throw new IllegalArgumentException("the prompt has no tokens: expected at least one");
            }
            this.prompt = prompt;
        }

        /**
         * Reads the logits after some tokens.
         *
         * @param first position of the token that the first row stands after
         * @param logits [positions x vocabulary]
         */
        public void read(int first, FloatMatrix logits) {
            if (first + logits.rows() > prompt.length) {
                throw new IllegalArgumentException("logits of positions " + first + " to " + (first + logits.rows() - 1)
                        + " of a prompt of " + prompt.length + " tokens");
            }
            for (int row = 0; row < logits.rows(); row++) {
                LogSoftmax logSoftmax = LogSoftmax.of(logits, row);
                if (first + row + 1 < prompt.length) {
                    sum += logSoftmax.of(prompt[first + row + 1]);
                } else {
                    readLast(logSoftmax);
                }
            }
        }

        private void readLast(LogSoftmax next) {
            double best = 0;
            double second = 0;
            for (int token = 0; token < next.logits().columns(); token++) {
                double logProbability = next.of(token);
                double probability = StrictMath.exp(logProbability);
                if (probability > 0) {
                    entropy -= probability * logProbability;
                }
                second = Math.max(second, Math.min(best, probability));
                best = Math.max(best, probability);
            }
            margin = best - second;
        }

        /** The signals, once all rows were read. */
        public PromptSignals signals() {
            double mean = prompt.length == 1 ? 0 : sum / (prompt.length - 1);
            return new PromptSignals(prompt.length, mean, entropy, margin);
        }
    }
}
