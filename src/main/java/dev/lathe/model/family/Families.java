package dev.lathe.model.family;

import dev.lathe.gguf.GgufException;
import dev.lathe.gguf.Metadata;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** All families that can be run. */
public final class Families {
    private static final Map<String, Family> BY_NAME = byName();

    private Families() {}

    /** Each by the value of {@code general.architecture} in its files, which is also the prefix of their other keys. */
    private static Map<String, Family> byName() {
        Map<String, Family> families = new LinkedHashMap<>();
        families.put("llama", new Llama());
        families.put("llama4", new Llama4());
        families.put("qwen", new Qwen());
        families.put("qwen2", new Qwen2());
        families.put("qwen2moe", new Qwen2Moe());
        families.put("qwen2vl", new Qwen2Vl());
        families.put("qwen3", new Qwen3());
        families.put("qwen3moe", new Qwen3Moe());
        families.put("qwen3vl", new Qwen3Vl());
        families.put("qwen3vlmoe", new Qwen3VlMoe());
        families.put("gemma", new Gemma());
        families.put("gemma2", new Gemma2());
        families.put("gemma3", new Gemma3());
        families.put("phi2", new Phi2());
        families.put("phi3", new Phi3());
        families.put("olmo2", new Olmo2());
        families.put("olmoe", new Olmoe());
        families.put("smollm3", new SmolLm3());
        families.put("mistral3", new Mistral3());
        families.put("nemotron", new Nemotron());
        families.put("granite", new Granite());
        families.put("granitemoe", new GraniteMoe());
        families.put("gpt-oss", new GptOss());
        families.put("deepseek2", new DeepSeek2());
        families.put("glm4", new Glm4());
        families.put("glm4moe", new Glm4Moe());
        families.put("command-r", new CommandR());
        families.put("cohere2", new Cohere2());
        families.put("arcee", new Arcee());
        families.put("seed_oss", new SeedOss());
        families.put("ernie4_5", new Ernie45());
        families.put("ernie4_5-moe", new Ernie45Moe());
        families.put("exaone", new Exaone());
        families.put("internlm2", new InternLm2());
        families.put("minicpm", new MiniCpm());
        families.put("exaone4", new Exaone4());
        families.put("hunyuan-dense", new HunYuanDense());
        families.put("olmo", new Olmo());
        families.put("xverse", new Xverse());
        families.put("orion", new Orion());
        families.put("baichuan", new Baichuan());
        families.put("mpt", new Mpt());
        families.put("chatglm", new ChatGlm());
        families.put("deepseek", new DeepSeek());
        families.put("plamo", new Plamo());
        families.put("apertus", new Apertus());
        families.put("bitnet", new BitNet());
        families.put("dots1", new Dots1());
        families.put("hunyuan-moe", new HunYuanMoe());
        families.put("minimax-m2", new MiniMaxM2());
        families.put("bailingmoe", new BailingMoe());
        families.put("bailingmoe2", new BailingMoe2());
        families.put("exaone-moe", new ExaoneMoe());
        families.put("dbrx", new Dbrx());
        families.put("refact", new Refact());
        families.put("codeshell", new CodeShell());
        families.put("jais", new Jais());
        families.put("jais2", new Jais2());
        families.put("maincoder", new Maincoder());
        families.put("openelm", new OpenElm());
        families.put("pangu-embedded", new PanguEmbedded());
        families.put("stablelm", new StableLm());
        families.put("gptneox", new GptNeoX());
        families.put("falcon", new Falcon());
        families.put("gpt2", new Gpt2());
        families.put("starcoder", new StarCoder());
        families.put("starcoder2", new StarCoder2());
        families.put("bloom", new Bloom());
        families.put("bert", new Bert());
        families.put("nomic-bert", new NomicBert());
        families.put("jina-bert-v2", new JinaBertV2());
        families.put("jina-bert-v3", new JinaBertV3());
        families.put("eurobert", new EuroBert());
        families.put("modern-bert", new ModernBert());
        families.put("gemma-embedding", new GemmaEmbedding());
        return Collections.unmodifiableMap(families);
    }

    /** The names of all families, as {@code general.architecture} has them. */
    public static List<String> names() {
        return List.copyOf(BY_NAME.keySet());
    }

    /**
     * Reads the shape of a model from a file's metadata, also of one that left its family's shape.
     *
     * @param vocabularySize rows of the embedding matrix
     * @throws GgufException if a key is missing or wrong, or the model is of a kind that cannot be run
     */
    public static ModelConfig describe(Metadata metadata, int vocabularySize) {
        return describe(metadata, vocabularySize, vocabularyFingerprint(metadata));
    }

    /**
     * Reads the shape of a model's layers; the vocabulary is as if it had one token.
     *
     * @throws GgufException if a key is missing or wrong, or the model is of a kind that cannot be run
     */
    public static ModelConfig shape(Metadata metadata) {
        return describe(metadata, 1, 0);
    }

    /**
     * What {@code feed_forward_length} is of the inner length of a feed-forward part.
     *
     * @throws GgufException if the model is of a kind that cannot be run
     */
    public static int feedForwardFactor(Metadata metadata) {
        return of(LatheFormat.baseArchitecture(metadata)).feedForwardFactor();
    }

    private static Family of(String name) {
        Family family = BY_NAME.get(name);
        if (family == null) {
            throw new GgufException(
                    "architecture '" + name + "' cannot be run; supported: " + String.join(", ", names()), -1);
        }
        return family;
    }

    private static ModelConfig describe(Metadata metadata, int vocabularySize, long vocabularyFingerprint) {
        String name = LatheFormat.baseArchitecture(metadata);
        Family family = of(name);
        Keys keys = new Keys(metadata, name);
        try {
            return config(family.describe(keys), keys, metadata, vocabularySize, vocabularyFingerprint);
        } catch (IllegalArgumentException | ArithmeticException problem) {
            throw new GgufException(name + " model: " + problem.getMessage(), -1);
        }
    }

    private static ModelConfig config(
            Description description, Keys keys, Metadata metadata, int vocabularySize, long vocabularyFingerprint) {
        List<LayerConfig> layers = new ArrayList<>();
        float[] thresholds = LatheFormat.thresholds(metadata, keys.layerCount());
        float[] gates = LatheFormat.gateThresholds(metadata, keys.layerCount());
        for (int layer = 0; layer < keys.layerCount(); layer++) {
            layers.add(description
                    .layers()
                    .apply(layer)
                    .thresholds(thresholds[2 * layer], thresholds[2 * layer + 1])
                    .gateThreshold(gates[layer])
                    .build());
        }
        ModelConfig config = new ModelConfig(
                keys.family(),
                vocabularySize,
                keys.contextLength(),
                keys.hiddenSize(),
                description.norms(),
                keys.normEpsilon(description.norms()),
                description.ends().pooling(keys.pooling()),
                description.residualScale(),
                layers,
                LatheFormat.sizes(metadata, keys.hiddenSize(), keys.layerCount()),
                vocabularyFingerprint);
        keys.rejectUnread();
        return config;
    }

    /** Two hashes of 32 bits: of the pieces, and of the tokens that begin and end a text. */
    private static long vocabularyFingerprint(Metadata metadata) {
        return metadata.find("tokenizer.ggml.tokens")
                .map(pieces -> (long) pieces.hashCode() << 32
                        | Integer.toUnsignedLong(Objects.hash(
                                metadata.findInteger("tokenizer.ggml.bos_token_id"),
                                metadata.findInteger("tokenizer.ggml.eos_token_id"))))
                .orElse(0L);
    }
}
