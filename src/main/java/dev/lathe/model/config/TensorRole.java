package dev.lathe.model.config;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a tensor of a decoder is for. The one place that knows how tensors are named in files: {@code STEM.weight} and {@code
 * STEM.bias}, within layers {@code blk.N.STEM.weight}.
 */
public enum TensorRole {
    /** Token embeddings, [vocabulary x hidden]; the head too where there is no other. */
    EMBEDDING("token_embd", Part.MODEL),
    /** What each token's embedding is multiplied with in sliced models. */
    EMBEDDING_ROTATION("token_embd_rotation", Part.ROTATION),
    /** The norm before the head. */
    FINAL_NORM("output_norm", Part.MODEL),
    /** What the normed last rows are multiplied with in sliced models. */
    HEAD_ROTATION("output_rotation", Part.ROTATION),
    /** Normed rows to logits, [vocabulary x hidden]. */
    HEAD("output", Part.MODEL),
    /** Divisors of the rotary frequencies. */
    ROPE_FACTORS("rope_freqs", Part.MODEL),

    /** The norm before attention. */
    ATTENTION_NORM("attn_norm", Part.ATTENTION),
    /** Queries, [heads * keySize x hidden]. */
    QUERY("attn_q", Part.ATTENTION),
    /** Keys, [keyValueHeads * keySize x hidden]. */
    KEY("attn_k", Part.ATTENTION),
    /** Values, [keyValueHeads * valueSize x hidden]. */
    VALUE("attn_v", Part.ATTENTION),
    /** The norm of queries. */
    QUERY_NORM("attn_q_norm", Part.ATTENTION),
    /** The norm of keys. */
    KEY_NORM("attn_k_norm", Part.ATTENTION),
    /** What the heads gathered to the residual stream, [hidden x heads * valueSize]. */
    ATTENTION_OUTPUT("attn_output", Part.ATTENTION),
    /** The norm after attention. */
    POST_ATTENTION_NORM("post_attention_norm", Part.ATTENTION),
    /** What the residual connection around attention is multiplied with in sliced models. */
    ATTENTION_RESIDUAL("attn_shortcut", Part.ROTATION),

    /** The norm before the feed-forward part. */
    FEED_FORWARD_NORM("ffn_norm", Part.FEED_FORWARD),
    /** The gate, [feedForward x hidden]. */
    GATE("ffn_gate", Part.FEED_FORWARD),
    /** What the gate multiplies, [feedForward x hidden]. */
    UP("ffn_up", Part.FEED_FORWARD),
    /** Back to the residual stream, [hidden x feedForward]. */
    DOWN("ffn_down", Part.FEED_FORWARD),
    /** The norm after the feed-forward part. */
    POST_FEED_FORWARD_NORM("post_ffw_norm", Part.FEED_FORWARD),
    /** What the residual connection around the feed-forward part is multiplied with in sliced models. */
    FEED_FORWARD_RESIDUAL("ffn_shortcut", Part.ROTATION),

    /** A tensor that no decoder here knows. */
    OTHER("", Part.UNKNOWN);

    private enum Part {
        MODEL,
        ATTENTION,
        FEED_FORWARD,
        ROTATION,
        UNKNOWN
    }

    private static final Map<String, TensorRole> BY_STEM =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(TensorRole::stem, Function.identity()));

    private final String stem;
    private final Part part;

    TensorRole(String stem, Part part) {
        this.stem = stem;
        this.part = part;
    }

    /** The role of a tensor by its name in a file; factors and other stand-ins have that of their matrix. */
    public static TensorRole of(String name) {
        return TensorName.of(name).role();
    }

    static TensorRole ofStem(String stem) {
        return BY_STEM.getOrDefault(stem, OTHER);
    }

    /** The name without layer and suffix, such as {@code ffn_up}. */
    public String stem() {
        return stem;
    }

    /** The name outside of layers, such as {@code output.weight}. */
    public String weight() {
        return stem + TensorName.WEIGHT;
    }

    /** The name of what is added outside of layers. */
    public String bias() {
        return stem + TensorName.BIAS;
    }

    /** The name in a layer, such as {@code blk.3.ffn_up.weight}. */
    public String weight(int layer) {
        return TensorName.prefix(layer) + weight();
    }

    /** The name of what is added in a layer. */
    public String bias(int layer) {
        return TensorName.prefix(layer) + bias();
    }

    /** Whether it belongs to attention, norms included. */
    public boolean isAttention() {
        return part == Part.ATTENTION;
    }

    /** Whether it belongs to the feed-forward part, norms included. */
    public boolean isFeedForward() {
        return part == Part.FEED_FORWARD;
    }

    /** Whether it turns the residual stream itself, as slicing makes it: not quantized like others. */
    public boolean isRotation() {
        return part == Part.ROTATION;
    }
}
