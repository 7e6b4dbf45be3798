package dev.lathe.model.config;

/**
 * How positions rotate the heads of a layer.
 *
 * @param dimensions how many of a head's first elements rotate; even
 * @param base pair i turns by position * base^(-2i / dimensions), before scaling
 * @param scaling how the angles are stretched for contexts longer than the first training's
 */
public record RopeConfig(int dimensions, double base, Scaling scaling) {
    /** Checks the sizes. */
    public RopeConfig {
        if (dimensions <= 0 || dimensions % 2 != 0) {
            throw new IllegalArgumentException("rotary dimensions must be positive and even, got " + dimensions);
        }
        if (!(base > 0) || Double.isInfinite(base)) {
            throw new IllegalArgumentException("rotary base must be positive, got " + base);
        }
    }

    /** A stretch of the angles. Llama 3's own scaling is a tensor of factors in the file instead. */
    public sealed interface Scaling {
        /** Angles as trained. */
        record None() implements Scaling {}

        /**
         * All angles divided by a factor.
         *
         * @param factor the divisor
         */
        record Linear(double factor) implements Scaling {
            /** Checks the factor. */
            public Linear {
                requirePositive("factor", factor);
            }
        }

        /**
         * YaRN: slow pairs divided by the factor, fast ones left, those between mixed; queries and keys grow a little.
         *
         * <p>Peng et al., "YaRN: Efficient Context Window Extension", 2023, section 3.
         *
         * @param factor the divisor
         * @param originalContextLength the context before the stretch
         * @param betaFast turns over the original context from which a pair is fast
         * @param betaSlow turns over the original context below which a pair is slow
         * @param truncated whether the pairs that are fast and slow are whole numbers: rounded to each other's outside
         * @param logMultiplier the all-dimensions multiplier that takes growth back; 0 for none
         * @param attentionFactor a further factor of the growth
         */
        record Yarn(
                double factor,
                int originalContextLength,
                double betaFast,
                double betaSlow,
                boolean truncated,
                double logMultiplier,
                double attentionFactor)
                implements Scaling {
            /** Checks the numbers. */
            public Yarn {
                requirePositive("factor", factor);
                requirePositive("original context length", originalContextLength);
                requirePositive("beta_fast", betaFast);
                requirePositive("beta_slow", betaSlow);
                requirePositive("attention factor", attentionFactor);
            }
        }

        /**
         * LongRoPE: the frequencies are divided by the file's factors, those for long contexts where the model's context is
         * longer than the first training's.
         *
         * <p>Ding et al., "LongRoPE: Extending LLM Context Window Beyond 2 Million Tokens", 2024, arXiv 2402.13753, section 3.
         *
         * @param originalContextLength the context of the first training
         * @param attentionFactor by which queries and keys grow
         */
        record ByContext(int originalContextLength, double attentionFactor) implements Scaling {
            /** Checks the numbers. */
            public ByContext {
                requirePositive("original context length", originalContextLength);
                requirePositive("attention factor", attentionFactor);
            }
        }

        private static void requirePositive(String name, double value) {
            if (!(value > 0) || Double.isInfinite(value)) {
                throw new IllegalArgumentException("rotary scaling: " + name + " must be positive, got " + value);
            }
        }
    }
}
