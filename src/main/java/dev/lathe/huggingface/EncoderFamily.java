package dev.lathe.huggingface;

import dev.lathe.text.json.JsonException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A family of encoders: every token sees all others, and what a folder has beyond the layers was for training. A
 * folder of the whole model names the encoder before each of its tensors, one of the encoder alone does not.
 */
abstract class EncoderFamily extends Family {
    private static final Pattern UNUSED = Pattern.compile("(.*\\.)?(position_ids|inv_freq)|pooler\\..*|cls\\..*"
            + "|lm_head\\..*|decoder\\..*|head\\..*|classifier\\..*");

    /** Names that stand before those of the encoder's tensors. */
    abstract Set<String> prefixes();

    /** Puts how many layers there are and how large they are. */
    void describeSizes(Config config, Keys keys) {
        keys.count("vocab_size", config.integer("vocab_size"));
        keys.count("context_length", config.integer("max_position_embeddings"));
        keys.count("embedding_length", config.integer("hidden_size"));
        keys.count("block_count", config.layerCount());
        keys.count("feed_forward_length", config.integer("intermediate_size"));
        keys.count("attention.head_count", config.headCount());
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
        for (String prefix : prefixes()) {
            if (bare.startsWith(prefix)) {
                return bare.substring(prefix.length());
            }
        }
        return bare;
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
