package dev.lathe.model.family;

import dev.lathe.gguf.GgufException;
import dev.lathe.gguf.Metadata;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;
import dev.lathe.model.family.encoder.EncoderFamilies;
import dev.lathe.model.family.gpt.GptFamilies;
import dev.lathe.model.family.llama.LlamaFamilies;
import dev.lathe.model.family.mixture.MixtureFamilies;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** All families that can be run, room by room. */
public final class Families {
    private static final Map<String, Family> BY_NAME = byName();

    private Families() {}

    private static Map<String, Family> byName() {
        Map<String, Family> families = new LinkedHashMap<>(LlamaFamilies.byName());
        families.putAll(GptFamilies.byName());
        families.putAll(MixtureFamilies.byName());
        families.putAll(EncoderFamilies.byName());
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
