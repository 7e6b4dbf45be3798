package dev.lathe.huggingface;

import dev.lathe.text.json.JsonException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A family of encoders: every token sees all others, and what a folder has beyond the layers was for training. A
 * folder of the whole model names the encoder before each of its tensors, one of the encoder alone does not.
 */
abstract class EncoderFamily extends NamedFamily {
    private static final Pattern UNUSED = Pattern.compile("(.*\\.)?(position_ids|inv_freq)|pooler\\..*|cls\\..*"
            + "|lm_head\\..*|decoder\\..*|head\\..*|classifier\\..*");

    private final String prefix;

    /**
     * A family by its names.
     *
     * @param prefix what stands before the encoder's tensors in a folder of the whole model
     * @param layersPrefix what stands before a layer's number
     */
    EncoderFamily(
            String architecture,
            String prefix,
            String layersPrefix,
            Map<String, String> wholeNames,
            Map<String, String> layerNames) {
        super(architecture, layersPrefix, wholeNames, layerNames);
        this.prefix = prefix;
    }

    @Override
    void describe(Config config, Keys keys) {
        describeSizes(config, keys);
        keys.flag("attention.causal", false);
        if (config.scoresTexts()) {
            keys.count("pooling_type", SentenceModules.RANK);
        }
    }

    /** How many kinds of tokens have an embedding. */
    static void describeTokenTypes(Config config, Keys keys) {
        keys.metadata().uint32("tokenizer.ggml.token_type_count", config.integer("type_vocab_size"));
    }

    @Override
    Optional<String> rename(String name, Config config) {
        String bare = bare(name);
        boolean head = config.scoresTexts() && wholeNames().containsKey(stem(bare.substring(0, bare.lastIndexOf('.'))));
        if (!head && UNUSED.matcher(bare).matches()) {
            return Optional.empty();
        }
        return super.rename(bare, config);
    }

    private String bare(String name) {
        if (name.indexOf('.') < 0) {
            throw new JsonException("tensor " + name + " is no part of an encoder");
        }
        String bare = name.replaceFirst("\\.gamma$", ".weight").replaceFirst("\\.beta$", ".bias");
        return bare.startsWith(prefix) ? bare.substring(prefix.length()) : bare;
    }

    @Override
    String stem(String name) {
        return name;
    }

    @Override
    Map<String, float[]> vectors(Config config) {
        return Map.of();
    }
}
