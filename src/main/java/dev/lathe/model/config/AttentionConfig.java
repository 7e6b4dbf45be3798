package dev.lathe.model.config;

import java.util.Optional;

/**
 * The shape of a layer's attention.
 *
 * @param headCount heads of queries
 * @param keyValueHeadCount heads of keys and values; divides {@code headCount}
 * @param keySize length of a head of queries and keys
 * @param valueSize length of a head of values
 * @param scale factor of the scores
 * @param slidingWindow how many last positions a position sees, itself included; 0 for all
 * @param chunk a text is cut into chunks of so many positions, and a position sees its own chunk alone; 0 for no chunks
 * @param rope how positions rotate queries and keys; empty where they do not
 * @param rotaryOrder which elements rotate together
 * @param headNorm how queries and keys are normed
 * @param clamp the largest magnitude that queries, keys and values have before they are normed and rotate; 0 for any
 * @param scores what happens to scores before they are weights
 * @param causal whether a position sees none after it; else a window reaches as far to both sides, half of it each
 * @param latent where keys and values are made of a shared latent vector; then the sizes above are those of what is cached
 */
public record AttentionConfig(
        int headCount,
        int keyValueHeadCount,
        int keySize,
        int valueSize,
        float scale,
        int slidingWindow,
        int chunk,
        Optional<RopeConfig> rope,
        RotaryOrder rotaryOrder,
        HeadNorm headNorm,
        float clamp,
        ScoreConfig scores,
        boolean causal,
        Optional<LatentConfig> latent) {

    /** Checks that sizes are positive and heads divide. */
    public AttentionConfig {
        Checks.positive("head count", headCount);
        Checks.positive("key-value head count", keyValueHeadCount);
        Checks.positive("key size", keySize);
        Checks.positive("value size", valueSize);
        if (headCount % keyValueHeadCount != 0) {
            throw new IllegalArgumentException(
                    headCount + " heads cannot share " + keyValueHeadCount + " key-value heads: no whole multiple");
        }
        if (slidingWindow < 0) {
            throw new IllegalArgumentException("sliding window must not be negative, got " + slidingWindow);
        }
        if (chunk < 0 || chunk > 0 && (slidingWindow > 0 || !causal)) {
            throw new IllegalArgumentException("a chunk must not be negative and has neither a window nor positions "
                    + "that see later ones, got " + chunk);
        }
        Checks.positive("attention scale", scale);
        Checks.notNegative("clamp of queries, keys and values", clamp);
        if (rope.isPresent() && rope.get().dimensions() > keySize) {
            throw new IllegalArgumentException(
                    rope.get().dimensions() + " rotary dimensions do not fit in heads of " + keySize);
        }
        Math.multiplyExact(headCount, Math.max(keySize, valueSize));
    }

    /**
     * What happens to scores before they are weights.
     *
     * @param cap scores become {@code cap * tanh(score / cap)}; 0 for none
     * @param alibi the largest bias by distance: head h of n subtracts {@code distance * 2^(-alibi (h + 1) / n)}; 0 for none. Press,
     *     Smith and Lewis, "Train Short, Test Long", 2021, arXiv 2108.12409, section 3
     * @param sinks whether each head has a score that takes weight and has no value
     * @param temperatureScale queries grow by {@code 1 + temperatureScale * log(1 + floor((position + temperatureFrom) /
     *     temperatureLength))}; 0 for none
     * @param temperatureLength see there
     * @param temperatureFrom as what the first position counts
     */
    public record ScoreConfig(
            float cap, float alibi, boolean sinks, float temperatureScale, int temperatureLength, int temperatureFrom) {
        /** Scores as they are. */
        public static final ScoreConfig PLAIN = new ScoreConfig(0, 0, false, 0, 0, 0);

        /** Checks the numbers. */
        public ScoreConfig {
            Checks.notNegative("cap of scores", cap);
            Checks.notNegative("bias of ALiBi", alibi);
            if (temperatureScale != 0) {
                Checks.positive("length of the temperature", temperatureLength);
            }
        }

        /** Scores with a cap. */
        public static ScoreConfig capped(float cap) {
            return new ScoreConfig(cap, 0, false, 0, 0, 0);
        }

        /** Scores with biases by distance. */
        public static ScoreConfig alibi(double largest) {
            return new ScoreConfig(0, (float) largest, false, 0, 0, 0);
        }

        /** Scores of queries that grow with their position. */
        public static ScoreConfig temperature(double scale, int length, int from) {
            return new ScoreConfig(0, 0, false, (float) scale, length, from);
        }
    }

    /**
     * Multi-head latent attention. DeepSeek-AI, "DeepSeek-V2", 2024, arXiv 2405.04434, section 2.1.
     *
     * @param queryRank length of the latent query; 0 where queries are made directly
     * @param rank length of the latent vector of keys and values
     * @param keySize length of a head's part of queries and keys that does not rotate
     * @param valueSize length of a head of values
     */
    public record LatentConfig(int queryRank, int rank, int keySize, int valueSize) {
        /** Checks the sizes. */
        public LatentConfig {
            if (queryRank < 0) {
                throw new IllegalArgumentException("rank of queries must not be negative, got " + queryRank);
            }
            Checks.positive("rank of keys and values", rank);
            Checks.positive("latent key size", keySize);
            Checks.positive("latent value size", valueSize);
        }
    }

    /** The first position that one sees which sees none after it. */
    public int firstSeen(int position) {
        if (chunk > 0) {
            return position - position % chunk;
        }
        return slidingWindow == 0 ? 0 : Math.max(0, position + 1 - slidingWindow);
    }

    /** Whether positions do not see all of those before them. */
    public boolean isLocal() {
        return slidingWindow > 0 || chunk > 0;
    }

    /** Heads of queries that share one head of keys and values. */
    public int groupSize() {
        return headCount / keyValueHeadCount;
    }
}
