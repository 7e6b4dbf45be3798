package dev.lathe.model.family;

import dev.lathe.gguf.GgufException;
import dev.lathe.gguf.Metadata;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** All families that can be run. */
public final class Families {
    private static final List<Family> ALL = List.of(
            new Llama(),
            new Qwen2(),
            new Qwen2Moe(),
            new Qwen3(),
            new Qwen3Moe(),
            new Gemma(),
            new Gemma2(),
            new Gemma3(),
            new Phi2(),
            new Phi3(),
            new Olmo2(),
            new Olmoe(),
            new SmolLm3(),
            new Mistral3(),
            new Nemotron(),
            new Granite(),
            new GraniteMoe(),
            new GptOss(),
            new DeepSeek2(),
            new Glm4(),
            new Glm4Moe(),
            new CommandR(),
            new Cohere2(),
            new Arcee(),
            new SeedOss(),
            new Ernie45(),
            new Ernie45Moe(),
            new Exaone(),
            new InternLm2(),
            new MiniCpm(),
            new Exaone4(),
            new HunYuanDense(),
            new Olmo(),
            new Xverse(),
            new Orion(),
            new Baichuan(),
            new Mpt(),
            new ChatGlm(),
            new DeepSeek(),
            new Dots1(),
            new StableLm(),
            new GptNeoX(),
            new Falcon(),
            new Gpt2(),
            new StarCoder(),
            new StarCoder2(),
            new Bloom(),
            new Bert(),
            new NomicBert(),
            new JinaBertV2(),
            new ModernBert(),
            new GemmaEmbedding());

    private Families() {}

    /** The names of all families, as {@code general.architecture} has them. */
    public static List<String> names() {
        return ALL.stream().map(Family::key).toList();
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

    private static ModelConfig describe(Metadata metadata, int vocabularySize, long vocabularyFingerprint) {
        String name = LatheFormat.baseArchitecture(metadata);
        Family family = ALL.stream()
                .filter(candidate -> candidate.key().equals(name))
                .findFirst()
                .orElseThrow(() -> new GgufException(
                        "architecture '" + name + "' cannot be run; supported: " + String.join(", ", names()), -1));
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
