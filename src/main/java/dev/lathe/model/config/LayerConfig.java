package dev.lathe.model.config;

import dev.lathe.model.config.AttentionConfig.LatentConfig;
import dev.lathe.model.config.AttentionConfig.ScoreConfig;
import java.util.Optional;

/**
 * The shape of one layer: a token mixer, a channel mixer, and how they are arranged.
 *
 * @param attention the token mixer
 * @param feedForward the channel mixer
 * @param arrangement one after the other or side by side, and their norms
 */
public record LayerConfig(AttentionConfig attention, FeedForwardConfig feedForward, Arrangement arrangement) {
    /** A layer in the making: norms before, gated SiLU, heads as given. */
    public static Builder builder(int headCount, int keyValueHeadCount, int keySize, int valueSize) {
        return new Builder(headCount, keyValueHeadCount, keySize, valueSize);
    }

    /** Heads of queries. */
    public int headCount() {
        return attention.headCount();
    }

    /** Heads of keys and values. */
    public int keyValueHeadCount() {
        return attention.keyValueHeadCount();
    }

    /** Length of a head of queries and keys. */
    public int keySize() {
        return attention.keySize();
    }

    /** Length of a head of values. */
    public int valueSize() {
        return attention.valueSize();
    }

    /** Factor of the scores. */
    public float attentionScale() {
        return attention.scale();
    }

    /** How many last positions a position sees; 0 for all. */
    public int slidingWindow() {
        return attention.slidingWindow();
    }

    /** Heads of queries that share one head of keys and values. */
    public int groupSize() {
        return attention.groupSize();
    }

    /** Inner length of the feed-forward part. */
    public int feedForwardSize() {
        return feedForward.size();
    }

    /** A layer in the making. */
    public static final class Builder {
        private final int headCount;
        private int keyValueHeadCount;
        private int keySize;
        private int valueSize;
        private float scale;
        private int slidingWindow;
        private int chunk;
        private Optional<RopeConfig> rope = Optional.empty();
        private RotaryOrder rotaryOrder = RotaryOrder.HALVES;
        private HeadNorm headNorm = HeadNorm.NONE;
        private float clamp;
        private ScoreConfig scores = ScoreConfig.PLAIN;
        private boolean causal = true;
        private Optional<LatentConfig> latent = Optional.empty();
        private int feedForwardSize = 1;
        private GateFunction function = GateFunction.SILU;
        private Optional<Xielu> xielu = Optional.empty();
        private boolean gated = true;
        private boolean fused;
        private Optional<ExpertsConfig> experts = Optional.empty();
        private float inputThreshold;
        private float innerThreshold;
        private float gateThreshold;
        private Arrangement arrangement = Arrangement.NORMS_BEFORE;

        private Builder(int headCount, int keyValueHeadCount, int keySize, int valueSize) {
            this.headCount = headCount;
            this.keyValueHeadCount = keyValueHeadCount;
            this.keySize = keySize;
            this.valueSize = valueSize;
            scale = (float) (1 / Math.sqrt(keySize));
        }

        /** Factor of the scores, instead of one by the root of the keys' length. */
        public Builder scale(double factor) {
            scale = (float) factor;
            return this;
        }

        /** How many last positions a position sees; 0 for all. */
        public Builder slidingWindow(int positions) {
            slidingWindow = positions;
            return this;
        }

        /** A position sees its own chunk of so many positions alone; 0 for no chunks. */
        public Builder chunk(int positions) {
            chunk = positions;
            return this;
        }

        /** How positions rotate queries and keys. */
        public Builder rope(RopeConfig config) {
            rope = Optional.of(config);
            return this;
        }

        /** Positions do not rotate queries and keys. */
        public Builder withoutRope() {
            rope = Optional.empty();
            return this;
        }

        /** Which elements rotate together. */
        public Builder rotaryOrder(RotaryOrder order) {
            rotaryOrder = order;
            return this;
        }

        /** How queries and keys are normed. */
        public Builder headNorm(HeadNorm norm) {
            headNorm = norm;
            return this;
        }

        /** The largest magnitude of queries, keys and values; 0 for any. */
        public Builder clamp(double magnitude) {
            clamp = (float) magnitude;
            return this;
        }

        /** What happens to scores before they are weights. */
        public Builder scores(ScoreConfig config) {
            scores = config;
            return this;
        }

        /** Whether a position sees none after it. */
        public Builder causal(boolean onlyEarlier) {
            causal = onlyEarlier;
            return this;
        }

        /** Latent attention: every head reads one cached row, the latent vector and a part that rotates. */
        public Builder latent(LatentConfig config, int rotaryDimensions) {
            latent = Optional.of(config);
            keyValueHeadCount = 1;
            keySize = Math.addExact(config.rank(), rotaryDimensions);
            valueSize = config.rank();
            return this;
        }

        /** Inner length of the feed-forward part. */
        public Builder feedForwardSize(int size) {
            feedForwardSize = size;
            return this;
        }

        /** A feed-forward part with a gate of this function. */
        public Builder gated(GateFunction gate) {
            function = gate;
            gated = true;
            return this;
        }

        /** A feed-forward part of two matrices with this function between them. */
        public Builder ungated(GateFunction between) {
            function = between;
            gated = false;
            return this;
        }

        /** A feed-forward part of two matrices with xIELU between them. */
        public Builder ungated(Xielu numbers) {
            xielu = Optional.of(numbers);
            return ungated(GateFunction.XIELU);
        }

        /** Files hold gate and up as one matrix where they have no gate. */
        public Builder fused() {
            fused = true;
            return this;
        }

        /** Experts of this inner length instead of a dense part. */
        public Builder experts(ExpertsConfig config, int size) {
            experts = Optional.of(config);
            feedForwardSize = size;
            return this;
        }

        /** Below which magnitude elements that a dense feed-forward part and its last matrix read count as zero. */
        public Builder thresholds(float input, float inner) {
            inputThreshold = input;
            innerThreshold = inner;
            return this;
        }

        /** Below which magnitude the function of a gate makes a neuron of a dense part inactive. */
        public Builder gateThreshold(float gate) {
            gateThreshold = gate;
            return this;
        }

        /** How the two mixers are arranged. */
        public Builder arrangement(Arrangement arrangement) {
            this.arrangement = arrangement;
            return this;
        }

        /**
         * The layer.
         *
         * @throws IllegalArgumentException if sizes do not fit
         */
        public LayerConfig build() {
            return new LayerConfig(
                    new AttentionConfig(
                            headCount,
                            keyValueHeadCount,
                            keySize,
                            valueSize,
                            scale,
                            slidingWindow,
                            chunk,
                            rope,
                            rotaryOrder,
                            headNorm,
                            clamp,
                            scores,
                            causal,
                            latent),
                    new FeedForwardConfig(
                            feedForwardSize,
                            function,
                            xielu,
                            gated,
                            fused,
                            experts,
                            inputThreshold,
                            innerThreshold,
                            gateThreshold),
                    arrangement);
        }
    }
}
