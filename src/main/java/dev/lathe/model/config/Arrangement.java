package dev.lathe.model.config;

import java.util.Optional;

/**
 * How the token mixer (attention) and the channel mixer (feed-forward part) of a layer stand to each other, and where their norms
 * are. Each norm is named by the tensor that holds it, since families use the same names for different places.
 *
 * @param normsSum whether the norms after a half norm the residual stream with what was added, not what is added
 * @param parallel whether both read the layer's input, side by side; else the channel mixer reads what the token mixer left
 * @param beforeAttention the norm of what attention reads
 * @param afterAttention the norm of what attention adds
 * @param beforeFeedForward the norm of what the feed-forward part reads; may be the one before attention
 * @param afterFeedForward the norm of what the feed-forward part adds
 * @param withinAttention the norm of what the heads gathered, before the last matrix of attention reads it
 * @param withinFeedForward the norm of what the last matrix of the feed-forward part reads
 */
public record Arrangement(
        boolean normsSum,
        boolean parallel,
        Optional<TensorRole> beforeAttention,
        Optional<TensorRole> afterAttention,
        Optional<TensorRole> beforeFeedForward,
        Optional<TensorRole> afterFeedForward,
        Optional<TensorRole> withinAttention,
        Optional<TensorRole> withinFeedForward) {
    /** One after the other, each with a norm before it: most families. */
    public static final Arrangement NORMS_BEFORE =
            sequential(TensorRole.ATTENTION_NORM, null, TensorRole.FEED_FORWARD_NORM, null);

    /** One after the other, each with a norm before it and one after it. */
    public static final Arrangement NORMS_BEFORE_AND_AFTER = sequential(
            TensorRole.ATTENTION_NORM,
            TensorRole.POST_ATTENTION_NORM,
            TensorRole.FEED_FORWARD_NORM,
            TensorRole.POST_FEED_FORWARD_NORM);

    /** One after the other, each with a norm after it alone. */
    public static final Arrangement NORMS_AFTER =
            sequential(null, TensorRole.POST_ATTENTION_NORM, null, TensorRole.POST_FEED_FORWARD_NORM);

    /** One after the other, each with a norm of the residual stream after it: the first transformers, and BERT. */
    public static final Arrangement NORMS_OF_SUMS = new Arrangement(
            true,
            false,
            Optional.empty(),
            Optional.of(TensorRole.ATTENTION_OUTPUT_NORM),
            Optional.empty(),
            Optional.of(TensorRole.LAYER_OUTPUT_NORM),
            Optional.empty(),
            Optional.empty());

    /** One after the other, each with a norm before it and one before its last matrix. */
    public static final Arrangement NORMS_BEFORE_AND_WITHIN = new Arrangement(
            false,
            false,
            Optional.of(TensorRole.ATTENTION_NORM),
            Optional.empty(),
            Optional.of(TensorRole.FEED_FORWARD_NORM),
            Optional.empty(),
            Optional.of(TensorRole.ATTENTION_SUB_NORM),
            Optional.of(TensorRole.FEED_FORWARD_SUB_NORM));

    /** Side by side on one normed input. */
    public static final Arrangement PARALLEL = parallel(TensorRole.ATTENTION_NORM, TensorRole.ATTENTION_NORM);

    /** One after the other, with the norms that are not null. */
    public static Arrangement sequential(
            TensorRole beforeAttention,
            TensorRole afterAttention,
            TensorRole beforeFeedForward,
            TensorRole afterFeedForward) {
        return new Arrangement(
                false,
                false,
                Optional.ofNullable(beforeAttention),
                Optional.ofNullable(afterAttention),
                Optional.ofNullable(beforeFeedForward),
                Optional.ofNullable(afterFeedForward),
                Optional.empty(),
                Optional.empty());
    }

    /** Side by side, each on its own norm of the layer's input. */
    public static Arrangement parallel(TensorRole beforeAttention, TensorRole beforeFeedForward) {
        return new Arrangement(
                false,
                true,
                Optional.of(beforeAttention),
                Optional.empty(),
                Optional.of(beforeFeedForward),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** Whether what is added to the residual stream is normed first. */
    public boolean hasNormsAfter() {
        return afterAttention.isPresent() || afterFeedForward.isPresent();
    }

    /** Whether each half reads the residual stream through a norm of its own. */
    public boolean hasOwnNormsBefore() {
        return beforeAttention.isPresent()
                && beforeFeedForward.isPresent()
                && !beforeAttention.equals(beforeFeedForward);
    }
}
