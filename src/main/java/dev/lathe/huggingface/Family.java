package dev.lathe.huggingface;

import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonLiteral;
import dev.lathe.text.json.JsonString;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a family's configuration means and how its tensors are named. Most families are decoders of one kind, which this
 * class describes; a family overrides what it does in another way.
 */
abstract class Family {
    /** Names of a layer's tensors after {@code model.layers.N.} and {@code blk.N.}, without {@code .weight}. */
    private static final Map<String, String> LAYER = Map.ofEntries(
            Map.entry("input_layernorm", "attn_norm"),
            Map.entry("self_attn.q_proj", "attn_q"),
            Map.entry("self_attn.k_proj", "attn_k"),
            Map.entry("self_attn.v_proj", "attn_v"),
            Map.entry("self_attn.o_proj", "attn_output"),
            Map.entry("self_attn.q_norm", "attn_q_norm"),
            Map.entry("self_attn.k_norm", "attn_k_norm"),
            Map.entry("post_attention_layernorm", "ffn_norm"),
            Map.entry("mlp.gate_proj", "ffn_gate"),
            Map.entry("mlp.up_proj", "ffn_up"),
            Map.entry("mlp.down_proj", "ffn_down"));

    /** Names of the norms after each half of a layer. */
    static final Map<String, String> NORMS_BEHIND =
            Map.of("post_attention_layernorm", "post_attention_norm", "post_feedforward_layernorm", "post_ffw_norm");

    private static final Map<String, String> WHOLE =
            Map.of("model.embed_tokens", "token_embd", "model.norm", "output_norm", "lm_head", "output");

    private static final String LAYERS = "model.layers.";

    /** What a tensor is; the last two are the parts of one in MXFP4. */
    private static final Set<String> SUFFIXES = Set.of("weight", "bias", "blocks", "scales");

    private static final Pattern EXPERT =
            Pattern.compile("(model\\.)?layers\\.(?<layer>0|[1-9][0-9]{0,4})\\.[a-z_]+\\.experts\\."
                    + "(?<expert>0|[1-9][0-9]{0,4})\\.(?<matrix>[a-z0-9_]+)\\.weight");

    /** The family of a configuration. */
    static Family of(Config config) {
        Map<String, Family> families = new LinkedHashMap<>();
        families.put("llama", new LlamaFamily("llama"));
        families.put("mistral", new LlamaFamily("llama"));
        families.put("mixtral", new MixtralFamily());
        families.put("qwen2", new QwenFamily("qwen2"));
        families.put("qwen2_moe", new Qwen2MoeFamily());
        families.put("qwen3", new QwenFamily("qwen3"));
        families.put("qwen2_vl", new QwenVlFamily("qwen2vl")); // published without a part for the language model
        families.put("qwen2_vl_text", new QwenVlFamily("qwen2vl"));
        families.put("qwen2_5_vl", new QwenVlFamily("qwen2vl"));
        families.put("qwen2_5_vl_text", new QwenVlFamily("qwen2vl"));
        families.put("qwen3_vl_text", new QwenVlFamily("qwen3vl"));
        families.put("qwen3_moe", new QwenMoeFamily("qwen3moe", true));
        families.put("gemma", new GemmaFamily());
        families.put("gemma2", new Gemma2Family());
        families.put("gemma3_text", new Gemma3Family());
        families.put("phi", new Phi2Family());
        families.put("phi3", new Phi3Family());
        families.put("olmo2", new Olmo2Family());
        families.put("olmo3", new Olmo2Family());
        families.put("olmoe", new OlmoeFamily());
        families.put("smollm3", new SmolLm3Family());
        families.put("granite", new GraniteFamily());
        families.put("glm4", new Glm4Family());
        families.put("glm4_moe", new Glm4MoeFamily());
        families.put("cohere", new CohereFamily("command-r"));
        families.put("cohere2", new CohereFamily("cohere2"));
        families.put("arcee", new ArceeFamily());
        families.put("seed_oss", new SeedOssFamily());
        families.put("ernie4_5", new Ernie45Family());
        families.put("exaone4", new Exaone4Family());
        families.put("stablelm", new StableLmFamily());
        families.put("starcoder2", new StarCoder2Family());
        families.put("nemotron", new NemotronFamily());
        families.put("gpt_neox", new GptNeoXFamily());
        families.put("falcon", new FalconFamily());
        families.put("gpt2", new Gpt2Family());
        families.put("gpt_bigcode", new GptBigCodeFamily());
        families.put("bloom", new BloomFamily());
        families.put("granitemoe", new GraniteMoeFamily());
        families.put("granitemoeshared", new GraniteMoeFamily());
        families.put("gpt_oss", new GptOssFamily());
        families.put("deepseek_v2", new DeepSeekFamily(false));
        families.put("deepseek_v3", new DeepSeekFamily(true));
        families.put("dots1", new Dots1Family());
        families.put("ministral3", new Ministral3Family());
        families.put("ernie4_5_moe", new Ernie45MoeFamily());
        families.put("exaone", new ExaoneFamily());
        families.put("internlm2", new InternLm2Family());
        families.put("minicpm", new MiniCpmFamily());
        families.put("granitemoehybrid", new GraniteHybridFamily());
        families.put("hunyuan_v1_dense", new HunYuanDenseFamily());
        families.put("olmo", new OlmoFamily());
        families.put("xverse", new LlamaFamily("xverse"));
        families.put("glm", new GlmFamily());
        families.put("deepseek", new DeepSeek1Family());
        families.put("apertus", new ApertusFamily());
        families.put("bert", new BertFamily());
        families.put("roberta", new RobertaFamily());
        families.put("xlm-roberta", new RobertaFamily());
        families.put("modernbert", new ModernBertFamily());
        families.put("nomic_bert", new NomicBertFamily());
        Family family = families.get(config.modelType());
        if (family == null) {
            throw new JsonException("'model_type' is " + config.modelType() + "; folders are read of "
                    + String.join(", ", families.keySet()) + ", and the language models of "
                    + String.join(", ", TextPart.TYPES));
        }
        return family.variant(config);
    }

    /** The family itself, or another that goes by the same type. */
    Family variant(Config config) {
        return this;
    }

    /** The configuration by the names that other families have, where a family has names of its own. */
    Config usual(Config config) {
        return config;
    }

    /** The name that GGUF files have for it. */
    abstract String architecture();

    /** The function in the feed-forward layer, as the configuration names it. */
    String activation() {
        return "silu";
    }

    /** Whether each position sees those after it. */
    boolean isBidirectional() {
        return false;
    }

    /** Whether the output shares the embedding where the configuration does not say. */
    boolean tiesEmbedding() {
        return false;
    }

    /** Puts the keys that loading reads. */
    void describe(Config config, Keys keys) {
        config.require("hidden_act", new JsonString(activation()));
        config.require("use_bidirectional_attention", isBidirectional() ? JsonLiteral.TRUE : JsonLiteral.FALSE);
        describeSizes(config, keys);
        keys.count("attention.head_count_kv", config.keyValueHeadCount());
        keys.count("attention.key_length", config.headSize());
        keys.count("attention.value_length", config.headSize());
        keys.count("rope.dimension_count", rotaryDimensions(config));
        describeNorms(config, keys);
        config.rope("full_attention").describe(config, keys);
        describeWindow(config, keys);
    }

    /** Puts the keys that loading reads and the folder has as tensors. */
    void describeWeights(Config config, FolderWeights files, Keys keys) throws IOException {}

    /** Puts how many layers there are and how large they are. */
    void describeSizes(Config config, Keys keys) {
        keys.count("vocab_size", config.integer("vocab_size"));
        keys.count("context_length", config.integer("max_position_embeddings"));
        keys.count("embedding_length", config.integer("hidden_size"));
        keys.count("block_count", config.layerCount());
        keys.count("feed_forward_length", config.integer("intermediate_size"));
        keys.count("attention.head_count", config.headCount());
    }

    /** What norms add to the variance. */
    void describeNorms(Config config, Keys keys) {
        keys.number("attention.layer_norm_rms_epsilon", config.json().doubleValue("rms_norm_eps"));
    }

    /** How many of a head's values are rotated. */
    int rotaryDimensions(Config config) {
        return config.headSize();
    }

    /** Vectors that a GGUF file has beside the folder's tensors, by name. */
    Map<String, float[]> vectors(Config config) {
        return config.rope("full_attention")
                .divisors(config.headSize())
                .map(divisors -> Map.of("rope_freqs.weight", divisors))
                .orElse(Map.of());
    }

    /** Layers that see the last positions only. */
    void describeWindow(Config config, Keys keys) {
        if (!config.json().findBoolean("use_sliding_window").orElse(true)) {
            return;
        }
        List<String> types = config.layerTypes();
        Optional<Integer> window = config.findInteger("sliding_window");
        if (window.isEmpty() || !types.isEmpty() && !types.contains("sliding_attention")) {
            return;
        }
        keys.count("attention.sliding_window", window.get());
        boolean[] pattern = new boolean[types.size()];
        for (int i = 0; i < pattern.length; i++) {
            pattern[i] = switch (types.get(i)) {
                case "sliding_attention" -> true;
                case "full_attention" -> false;
                default ->
                    throw new JsonException("'layer_types' has " + types.get(i) + ", expected sliding_attention"
                            + " or full_attention");
            };
        }
        if (pattern.length > 0) {
            describePattern(pattern, keys);
        }
    }

    /** For families whose GGUF files know no windows. */
    static void refuseWindow(Config config) {
        if (config.json().findBoolean("use_sliding_window").orElse(false)) {
            throw new JsonException("'use_sliding_window' is true; only models without windows are supported");
        }
    }

    /** Which layers have the window. */
    void describePattern(boolean[] pattern, Keys keys) {
        keys.booleans("attention.sliding_window_pattern", pattern);
    }

    /** The name with what it is at its end, such as {@code .weight}. */
    String spelled(String name) {
        return name;
    }

    /** GGUF's name of a tensor; empty where the tensor says nothing that is not known without it. */
    Optional<String> rename(String folderName, Config config) {
        String name = spelled(folderName);
        String suffix = name.substring(name.lastIndexOf('.') + 1);
        String stem = stem(name.substring(0, Math.max(0, name.lastIndexOf('.'))));
        if (name.endsWith("rotary_emb.inv_freq")) {
            return Optional.empty();
        }
        String renamed = wholeNames().get(stem);
        if ("output".equals(renamed) && config.tiesEmbedding(tiesEmbedding())) {
            return Optional.empty();
        }
        if (stem.startsWith(layersPrefix())) {
            int dot = stem.indexOf('.', layersPrefix().length());
            String layer = dot < 0 ? "" : stem.substring(layersPrefix().length(), dot);
            String known = dot < 0 ? null : layerNames().get(stem.substring(dot + 1));
            renamed = known == null || !layer.matches("0|[1-9][0-9]{0,4}") ? null : "blk." + layer + "." + known;
        }
        if (renamed == null || !SUFFIXES.contains(suffix)) {
            throw new JsonException("tensor " + folderName + " is no part of a model of type " + config.modelType());
        }
        return Optional.of(renamed + "." + suffix);
    }

    /** The name that is looked up: folders of a model without its head, as embedding models are, name no {@code model}. */
    String stem(String name) {
        return name.startsWith("model.") || name.equals("lm_head") ? name : "model." + name;
    }

    /** What stands before a layer's number. */
    String layersPrefix() {
        return LAYERS;
    }

    /** Names of the tensors outside of layers. */
    Map<String, String> wholeNames() {
        return WHOLE;
    }

    /**
     * The tensor of all experts of a layer in which a GGUF file has a matrix of one expert.
     *
     * @param name GGUF's, such as {@code blk.3.ffn_up_exps.weight}
     * @param expert which one
     */
    record ExpertMatrix(String name, int expert) {}

    /** Where a matrix of one expert goes; empty for all other tensors. */
    Optional<ExpertMatrix> expert(String name, Config config) {
        Matcher matcher = EXPERT.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String renamed = expertNames().get(matcher.group("matrix"));
        return renamed == null
                ? Optional.empty()
                : Optional.of(new ExpertMatrix(
                        "blk." + matcher.group("layer") + "." + renamed + ".weight",
                        Integer.parseInt(matcher.group("expert"))));
    }

    /** Names of each expert's matrices; none in dense families. */
    Map<String, String> expertNames() {
        return Map.of();
    }

    /** How many experts a layer has. */
    int expertCount(Config config) {
        return 0;
    }

    /** Names of a layer's tensors. */
    Map<String, String> layerNames() {
        return LAYER;
    }

    /** Names and others, which stand in place of those of the same tensors. */
    static Map<String, String> with(Map<String, String> names, Map<String, String> others) {
        Map<String, String> all = new HashMap<>(names);
        all.putAll(others);
        return all;
    }

    /** Names but for tensors that a family does not have. */
    static Map<String, String> without(Map<String, String> names, String... absent) {
        Map<String, String> some = new HashMap<>(names);
        some.keySet().removeAll(List.of(absent));
        return some;
    }

    /** What the model adds to each weight of a norm before it multiplies. */
    float normOffset() {
        return 0;
    }

    /**
     * What a GGUF file has of a folder's tensor, by name: views that follow each other along the first axis. Most tensors are
     * there as they are.
     *
     * @param name GGUF's name of the tensor, as {@link #rename} gives it
     */
    Map<String, List<TensorView>> arrange(String name, TensorView tensor, Config config) {
        if (rotatesNeighbours() && name.contains(".attn_q.")) {
            return Map.of(name, List.of(neighbours(tensor, config.headCount(), config.headSize())));
        }
        if (rotatesNeighbours() && name.contains(".attn_k.")) {
            return Map.of(name, List.of(neighbours(tensor, config.keyValueHeadCount(), config.headSize())));
        }
        return Map.of(name, List.of(tensor));
    }

    /** Whether GGUF files rotate neighbours where the folders rotate the halves of a head. */
    boolean rotatesNeighbours() {
        return false;
    }

    /** Rows of heads in pairs (0, half), (1, half + 1) and so on, which a GGUF file has as neighbours. */
    static TensorView neighbours(TensorView tensor, int heads, int headSize) {
        return tensor.split(0, heads, headSize)
                .split(1, 2, headSize / 2)
                .swap(1)
                .join(0)
                .join(0);
    }
}
