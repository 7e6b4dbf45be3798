package dev.lathe.model.config;

import dev.lathe.gguf.Metadata;
import java.util.List;

/**
 * The shape of a decoder. Immutable.
 *
 * @param architecture the family
 * @param vocabularySize number of tokens
 * @param contextLength the longest text it was trained for
 * @param hiddenSize length of a token's row of the residual stream; of sliced models before they were
 * @param normEpsilon added to the mean square in every norm
 * @param embeddingScale factor of the token embeddings
 * @param layers one entry a block, first to last
 * @param streamSizes lengths of the residual stream from block to block
 * @param vocabularyFingerprint a hash of what tokens stand for; 0 where unknown
 */
public record ModelConfig(
        Architecture architecture,
        int vocabularySize,
        int contextLength,
        int hiddenSize,
        float normEpsilon,
        float embeddingScale,
        List<LayerConfig> layers,
        StreamSizes streamSizes,
        long vocabularyFingerprint) {

    /** The shape of a model whose residual stream has one length everywhere, and which does not know what its tokens stand for. */
    public ModelConfig(
            Architecture architecture,
            int vocabularySize,
            int contextLength,
            int hiddenSize,
            float normEpsilon,
            float embeddingScale,
            List<LayerConfig> layers) {
        this(
                architecture,
                vocabularySize,
                contextLength,
                hiddenSize,
                normEpsilon,
                embeddingScale,
                layers,
                StreamSizes.uniform(hiddenSize, layers.size()),
                0);
    }

    /** Checks that sizes are positive and copies the list. */
    public ModelConfig {
        layers = List.copyOf(layers);
        requirePositive("vocabulary size", vocabularySize);
        requirePositive("context length", contextLength);
        requirePositive("hidden size", hiddenSize);
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("a model needs at least one block");
        }
        if (streamSizes.layers() != layers.size()) {
            throw new IllegalArgumentException("sizes of the residual stream of " + streamSizes.layers()
                    + " blocks do not describe " + layers.size());
        }
        if (streamSizes.largest() > hiddenSize) {
            throw new IllegalArgumentException("a residual stream of up to " + streamSizes.largest()
                    + " is no slice of a hidden size of " + hiddenSize);
        }
        if (!(normEpsilon >= 0) || Float.isInfinite(normEpsilon)) {
            throw new IllegalArgumentException("norm epsilon must not be negative, got " + normEpsilon);
        }
        if (!(embeddingScale > 0) || Float.isInfinite(embeddingScale)) {
            throw new IllegalArgumentException("embedding scale must be positive, got " + embeddingScale);
        }
    }

    private static void requirePositive(String name, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " must be positive, got " + value);
        }
    }

    /**
     * Reads the shape from a GGUF file's metadata.
     *
     * @param vocabularySize rows of the embedding matrix
     * @throws dev.lathe.gguf.GgufException if a key is missing or wrong, or the model is of a kind that cannot be run
     */
    public static ModelConfig of(Metadata metadata, int vocabularySize) {
        return new ConfigReader(metadata).read(vocabularySize);
    }
}
