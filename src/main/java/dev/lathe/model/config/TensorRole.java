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
    /** Divisors of the rotary frequencies in contexts longer than the first training's. */
    LONG_ROPE_FACTORS("rope_factors_long", Part.MODEL),
    /** Divisors of the rotary frequencies in contexts as long as the first training's. */
    SHORT_ROPE_FACTORS("rope_factors_short", Part.MODEL),
    /** Embeddings of positions, [context x hidden]. */
    POSITION_EMBEDDING("position_embd", Part.MODEL),
    /** Embeddings of kinds of tokens, such as those of a second text, [types x hidden]. */
    TOKEN_TYPES("token_types", Part.MODEL),
    /** The classification head's first layer, [hidden x hidden]. */
    CLASSIFIER("cls", Part.MODEL),
    /** The norm after the classification head's first layer. */
    CLASSIFIER_NORM("cls.norm", Part.MODEL),
    /** The classification head's last layer, [scores x hidden]. */
    CLASSIFIER_OUTPUT("cls.output", Part.MODEL),
    /** A text's pooled row to the inside of two further layers, [inner x hidden]. */
    DENSE_2("dense_2", Part.MODEL),
    /** From there back to the length of a vector, [hidden x inner]. */
    DENSE_3("dense_3", Part.MODEL),
    /** The norm of embeddings. */
    EMBEDDING_NORM("token_embd_norm", Part.MODEL),

    /** The norm before attention. */
    ATTENTION_NORM("attn_norm", Part.ATTENTION),
    /** A second norm before a half of the layer, where both read the same input. */
    ATTENTION_NORM_2("attn_norm_2", Part.ATTENTION),
    /** Queries, keys and values in one matrix. */
    QUERY_KEY_VALUE("attn_qkv", Part.ATTENTION),
    /** Queries, [heads * keySize x hidden]. */
    QUERY("attn_q", Part.ATTENTION),
    /** Keys, [keyValueHeads * keySize x hidden]. */
    KEY("attn_k", Part.ATTENTION),
    /** Values, [keyValueHeads * valueSize x hidden]. */
    VALUE("attn_v", Part.ATTENTION),
    /** Hidden rows to latent queries, [queryRank x hidden]. */
    LATENT_QUERY("attn_q_a", Part.ATTENTION),
    /** The norm of latent queries. */
    LATENT_QUERY_NORM("attn_q_a_norm", Part.ATTENTION),
    /** Latent queries to queries, [heads * keySize x queryRank]. */
    QUERY_OF_LATENT("attn_q_b", Part.ATTENTION),
    /** Hidden rows to the latent vector of keys and values and the part of keys that rotates, [rank + rotary x hidden]. */
    LATENT("attn_kv_a_mqa", Part.ATTENTION),
    /** The norm of the latent vector. */
    LATENT_NORM("attn_kv_a_norm", Part.ATTENTION),
    /** For each head, queries to the space of the latent vector, [rank x keySize]. */
    KEY_OF_LATENT("attn_k_b", Part.ATTENTION),
    /** For each head, the latent vector to values, [valueSize x rank]. */
    VALUE_OF_LATENT("attn_v_b", Part.ATTENTION),
    /** For each head, a score that takes weight and has no value. */
    SINKS("attn_sinks", Part.ATTENTION),
    /** The norm of queries. */
    QUERY_NORM("attn_q_norm", Part.ATTENTION),
    /** The norm of keys. */
    KEY_NORM("attn_k_norm", Part.ATTENTION),
    /** The norm of what the heads gathered. */
    ATTENTION_SUB_NORM("attn_sub_norm", Part.ATTENTION),
    /** What the heads gathered to the residual stream, [hidden x heads * valueSize]. */
    ATTENTION_OUTPUT("attn_output", Part.ATTENTION),
    /** The norm after attention. */
    POST_ATTENTION_NORM("post_attention_norm", Part.ATTENTION),
    /** What the residual connection around attention is multiplied with in sliced models. */
    ATTENTION_RESIDUAL("attn_shortcut", Part.ROTATION),

    /** The norm of the residual stream after attention. */
    ATTENTION_OUTPUT_NORM("attn_output_norm", Part.ATTENTION),
    /** The norm before the feed-forward part. */
    FEED_FORWARD_NORM("ffn_norm", Part.FEED_FORWARD),
    /** The gate, [feedForward x hidden]. */
    GATE("ffn_gate", Part.FEED_FORWARD),
    /** What the gate multiplies, [feedForward x hidden]. */
    UP("ffn_up", Part.FEED_FORWARD),
    /** The norm of what the last matrix reads. */
    FEED_FORWARD_SUB_NORM("ffn_sub_norm", Part.FEED_FORWARD),
    /** Back to the residual stream, [hidden x feedForward]. */
    DOWN("ffn_down", Part.FEED_FORWARD),
    /** Scores of the experts, [experts x hidden]. */
    ROUTER("ffn_gate_inp", Part.ROUTER),
    /** What is added to scores of experts for choosing alone. */
    CHOICE_BIAS("exp_probs_b", Part.ROUTER),
    /** The gate of each expert. */
    EXPERT_GATE("ffn_gate_exps", Part.FEED_FORWARD),
    /** What the gate multiplies, of each expert. */
    EXPERT_UP("ffn_up_exps", Part.FEED_FORWARD),
    /** Back to the residual stream, of each expert. */
    EXPERT_DOWN("ffn_down_exps", Part.FEED_FORWARD),
    /** The weight of the shared expert, [hidden]. */
    SHARED_ROUTER("ffn_gate_inp_shexp", Part.ROUTER),
    /** The gate of the expert that every token takes. */
    SHARED_GATE("ffn_gate_shexp", Part.FEED_FORWARD),
    /** What that gate multiplies. */
    SHARED_UP("ffn_up_shexp", Part.FEED_FORWARD),
    /** Back to the residual stream, of the expert that every token takes. */
    SHARED_DOWN("ffn_down_shexp", Part.FEED_FORWARD),
    /** The norm after the feed-forward part. */
    POST_FEED_FORWARD_NORM("post_ffw_norm", Part.FEED_FORWARD),
    /** The norm of the residual stream after the feed-forward part. */
    LAYER_OUTPUT_NORM("layer_output_norm", Part.FEED_FORWARD),
    /** What the residual connection around the feed-forward part is multiplied with in sliced models. */
    FEED_FORWARD_RESIDUAL("ffn_shortcut", Part.ROTATION),

    /** A tensor that no decoder here knows. */
    OTHER("", Part.UNKNOWN);

    private enum Part {
        MODEL,
        ATTENTION,
        FEED_FORWARD,
        ROUTER,
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

    /** Whether its rows are looked up, not multiplied. */
    public boolean isLookedUp() {
        return this == EMBEDDING || this == POSITION_EMBEDDING || this == TOKEN_TYPES;
    }

    /** Whether it chooses experts: small, and kept as it is. */
    public boolean isRouter() {
        return part == Part.ROUTER;
    }

    /** Whether it scores texts: small, and kept as it is. */
    public boolean isClassifier() {
        return this == CLASSIFIER || this == CLASSIFIER_OUTPUT;
    }

    /** Whether it turns the residual stream itself, as slicing makes it: not quantized like others. */
    public boolean isRotation() {
        return part == Part.ROTATION;
    }
}
