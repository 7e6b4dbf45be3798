package dev.lathe.model;

import dev.lathe.tensor.Linear;
import java.util.List;
import java.util.Optional;

/**
 * All weights of a decoder, as a tree of values. Immutable: vectors are not copied and must not be changed.
 *
 * @param embedding token embeddings, [vocabulary x hidden]
 * @param embeddingRotation what a token's embedding is multiplied with, [first length of the stream x hidden]; empty for the identity
 * @param blocks the blocks, first to last
 * @param finalNorm the norm before the head, [last length of the stream]
 * @param head normed rows to logits, [vocabulary x last length of the stream]; the embedding itself where tied
 * @param headBias added to the logits, [vocabulary] or empty
 * @param ropeFactors divisors of the rotary frequencies, [rotary dimensions / 2], or empty
 */
public record ModelWeights(
        Linear embedding,
        Optional<Linear> embeddingRotation,
        List<BlockWeights> blocks,
        NormWeights finalNorm,
        Linear head,
        float[] headBias,
        float[] ropeFactors) {
    /** An absent vector. */
    public static final float[] NONE = {};

    /** Copies the list. */
    public ModelWeights {
        blocks = List.copyOf(blocks);
    }

    /** Weights of a model that was not sliced. */
    public ModelWeights(
            Linear embedding, List<BlockWeights> blocks, NormWeights finalNorm, Linear head, float[] ropeFactors) {
        this(embedding, Optional.empty(), blocks, finalNorm, head, NONE, ropeFactors);
    }

    /**
     * A norm's weights.
     *
     * @param gain what normed rows are multiplied with, [hidden]
     * @param shift what is added then, [hidden], by layer norms; empty for root mean square norms
     */
    public record NormWeights(float[] gain, float[] shift) {
        /** Weights of a root mean square norm. */
        public NormWeights(float[] gain) {
            this(gain, NONE);
        }
    }

    /**
     * One block.
     *
     * @param attention its attention
     * @param feedForward its feed-forward part
     */
    public record BlockWeights(AttentionWeights attention, FeedForwardWeights feedForward) {}

    /**
     * One attention. Vectors that a model lacks are empty. The hidden rows after it may have another length than those before.
     *
     * @param norm the norm before it, [hidden]
     * @param query [heads * keySize x hidden]
     * @param key [keyValueHeads * keySize x hidden]
     * @param value [keyValueHeads * valueSize x hidden]
     * @param output [hidden x heads * valueSize]
     * @param queryBias [heads * keySize] or empty
     * @param keyBias [keyValueHeads * keySize] or empty
     * @param valueBias [keyValueHeads * valueSize] or empty
     * @param outputBias [hidden] or empty
     * @param queryNorm weight of the norm of each head of queries, [keySize] or empty
     * @param keyNorm weight of the norm of each head of keys, [keySize] or empty
     * @param postNorm weight of the norm after it, [hidden] or empty
     * @param shortcut [hidden after x hidden before]; empty for the identity
     */
    public record AttentionWeights(
            NormWeights norm,
            Linear query,
            Linear key,
            Linear value,
            Linear output,
            float[] queryBias,
            float[] keyBias,
            float[] valueBias,
            float[] outputBias,
            float[] queryNorm,
            float[] keyNorm,
            float[] postNorm,
            Optional<Linear> shortcut) {}

    /**
     * One feed-forward part: down(function(gate(x)) * up(x)), or down(function(up(x))) without a gate. Vectors that a model lacks
     * are empty.
     *
     * @param norm the norm before it, [hidden]
     * @param gate [feedForward x hidden], or empty
     * @param up [feedForward x hidden]
     * @param down [hidden x feedForward]
     * @param gateBias [feedForward] or empty
     * @param upBias [feedForward] or empty
     * @param downBias [hidden] or empty
     * @param postNorm weight of the norm after it, [hidden] or empty
     * @param shortcut [hidden after x hidden before]; empty for the identity
     */
    public record FeedForwardWeights(
            NormWeights norm,
            Optional<Linear> gate,
            Linear up,
            Linear down,
            float[] gateBias,
            float[] upBias,
            float[] downBias,
            float[] postNorm,
            Optional<Linear> shortcut) {}
}
