package dev.lathe.model.config;

import java.util.List;

/**
 * The shape of a decoder. Immutable.
 *
 * @param family the value of {@code general.architecture}, also the prefix of the other keys
 * @param vocabularySize number of tokens
 * @param contextLength the longest text it was trained for
 * @param hiddenSize length of a token's row of the residual stream; of sliced models before they were
 * @param norms what the norms of the residual stream compute
 * @param normEpsilon added to the mean square in every norm
 * @param ends what happens to embeddings and logits
 * @param residualScale factor of what each half of a layer adds
 * @param layers one entry a layer, first to last
 * @param streamSizes lengths of the residual stream from layer to layer
 * @param vocabularyFingerprint a hash of what tokens stand for; 0 where unknown
 */
public record ModelConfig(
        String family,
        int vocabularySize,
        int contextLength,
        int hiddenSize,
        NormKind norms,
        float normEpsilon,
        EndsConfig ends,
        float residualScale,
        List<LayerConfig> layers,
        StreamSizes streamSizes,
        long vocabularyFingerprint) {

    /** Checks that sizes are positive and copies the list. */
    public ModelConfig {
        layers = List.copyOf(layers);
        Checks.positive("vocabulary size", vocabularySize);
        Checks.positive("context length", contextLength);
        Checks.positive("hidden size", hiddenSize);
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("a model needs at least one layer");
        }
        if (streamSizes.layers() != layers.size()) {
            throw new IllegalArgumentException("sizes of the residual stream of " + streamSizes.layers()
                    + " layers do not describe " + layers.size());
        }
        if (streamSizes.largest() > hiddenSize) {
            throw new IllegalArgumentException("a residual stream of up to " + streamSizes.largest()
                    + " is no slice of a hidden size of " + hiddenSize);
        }
        Checks.notNegative("norm epsilon", normEpsilon);
        Checks.positive("residual scale", residualScale);
    }

    /**
     * What happens to embeddings and logits.
     *
     * @param embeddingScale factor of the token embeddings
     * @param embeddingNorm whether they are normed
     * @param learnedPositions whether each position has an embedding of its own, which is added
     * @param logitScale factor of the logits
     * @param logitCap logits become {@code cap * tanh(logit / cap)}; 0 for none
     * @param tokenTypes how many kinds of tokens have an embedding of their own, which is added; 0 for none
     * @param finalNorm whether rows are normed after the last layer
     * @param pooling how the vector of a text is made of its rows
     * @param classifier how the score of a pair of texts is, where that is what is made
     */
    public record EndsConfig(
            float embeddingScale,
            boolean embeddingNorm,
            boolean learnedPositions,
            float logitScale,
            float logitCap,
            int tokenTypes,
            boolean finalNorm,
            Pooling pooling,
            ClassifierConfig classifier) {
        /** Embeddings and logits as they are. */
        public static final EndsConfig PLAIN =
                new EndsConfig(1, false, false, 1, 0, 0, true, Pooling.NONE, ClassifierConfig.PLAIN);

        /** Checks the numbers. */
        public EndsConfig {
            Checks.positive("embedding scale", embeddingScale);
            Checks.positive("logit scale", logitScale);
            Checks.notNegative("cap of logits", logitCap);
            if (tokenTypes < 0) {
                throw new IllegalArgumentException("the number of token types must not be negative, got " + tokenTypes);
            }
        }

        /** With a factor of the token embeddings. */
        public EndsConfig embeddingScale(double factor) {
            Copy copy = new Copy(this);
            copy.embeddingScale = (float) factor;
            return copy.config();
        }

        /** With normed embeddings. */
        public EndsConfig normed() {
            Copy copy = new Copy(this);
            copy.embeddingNorm = true;
            return copy.config();
        }

        /** With an embedding of each position. */
        public EndsConfig positioned() {
            Copy copy = new Copy(this);
            copy.learnedPositions = true;
            return copy.config();
        }

        /** With a factor of the logits. */
        public EndsConfig logitScale(double factor) {
            Copy copy = new Copy(this);
            copy.logitScale = (float) factor;
            return copy.config();
        }

        /** With capped logits. */
        public EndsConfig logitCap(double cap) {
            Copy copy = new Copy(this);
            copy.logitCap = (float) cap;
            return copy.config();
        }

        /** With embeddings of so many kinds of tokens. */
        public EndsConfig tokenTypes(int count) {
            Copy copy = new Copy(this);
            copy.tokenTypes = count;
            return copy.config();
        }

        /** Without a norm after the last layer. */
        public EndsConfig withoutFinalNorm() {
            Copy copy = new Copy(this);
            copy.finalNorm = false;
            return copy.config();
        }

        /** With vectors of texts. */
        public EndsConfig pooling(Pooling kind) {
            Copy copy = new Copy(this);
            copy.pooling = kind;
            return copy.config();
        }

        /** With another classification head than BERT's. */
        public EndsConfig classifier(ClassifierConfig head) {
            Copy copy = new Copy(this);
            copy.classifier = head;
            return copy.config();
        }

        /** A copy of which one component becomes another. */
        private static final class Copy {
            private float embeddingScale;
            private boolean embeddingNorm;
            private boolean learnedPositions;
            private float logitScale;
            private float logitCap;
            private int tokenTypes;
            private boolean finalNorm;
            private Pooling pooling;
            private ClassifierConfig classifier;

            Copy(EndsConfig of) {
                embeddingScale = of.embeddingScale;
                embeddingNorm = of.embeddingNorm;
                learnedPositions = of.learnedPositions;
                logitScale = of.logitScale;
                logitCap = of.logitCap;
                tokenTypes = of.tokenTypes;
                finalNorm = of.finalNorm;
                pooling = of.pooling;
                classifier = of.classifier;
            }

            EndsConfig config() {
                return new EndsConfig(
                        embeddingScale,
                        embeddingNorm,
                        learnedPositions,
                        logitScale,
                        logitCap,
                        tokenTypes,
                        finalNorm,
                        pooling,
                        classifier);
            }
        }
    }

    /** Whether tokens see those after them: such a model makes vectors of texts and cannot continue one. */
    public boolean isEncoder() {
        return layers.stream().anyMatch(layer -> !layer.attention().causal());
    }
}
