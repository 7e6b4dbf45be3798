package dev.lathe.huggingface;

import dev.lathe.huggingface.tokenizer.TokenizerJson;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonObject;
import java.util.Base64;

/**
 * What a Unigram tokenizer does to a text before it is cut into pieces, as XLM-R's do: characters are mapped, several
 * spaces become one, and each word begins with U+2581. GGUF files cannot say that a space at the end of a text stays.
 *
 * @param characterMap the precompiled map, empty if there is none
 * @param mergesSpaces whether several spaces are one
 */
record UnigramText(byte[] characterMap, boolean mergesSpaces) {
    private static final String MARK = "\u2581";

    static UnigramText of(TokenizerJson tokenizer) {
        byte[] map = {};
        boolean merges = false;
        for (JsonObject step : tokenizer.normalizers()) {
            switch (step.text("type")) {
                case "Precompiled" -> map = decoded(step.text("precompiled_charsmap"));
                case "Replace" -> {
                    if (!step.object("pattern").findText("Regex").orElse("").equals(" {2,}")
                            || !step.text("content").equals(" ")) {
                        throw unsupported("normalizer", step);
                    }
                    merges = true;
                }
                case "Strip" -> merges = true;
                default -> throw unsupported("normalizer", step);
            }
        }
        boolean marks = false;
        for (JsonObject step : tokenizer.preTokenizers()) {
            switch (step.text("type")) {
                case "WhitespaceSplit" -> merges = true;
                case "Metaspace" -> {
                    boolean always = step.findText("prepend_scheme")
                            .orElse(step.findBoolean("add_prefix_space").orElse(true) ? "always" : "never")
                            .equals("always");
                    if (!always || !step.findText("replacement").orElse(MARK).equals(MARK)) {
                        throw unsupported("pre_tokenizer", step);
                    }
                    marks = true;
                }
                default -> throw unsupported("pre_tokenizer", step);
            }
        }
        if (!marks) {
            throw new JsonException("'pre_tokenizer' has no Metaspace; Unigram tokenizers are read with one");
        }
        return new UnigramText(map, merges);
    }

    /** The map as unsigned numbers. */
    long[] characterMapBytes() {
        long[] bytes = new long[characterMap.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = Byte.toUnsignedLong(characterMap[i]);
        }
        return bytes;
    }

    private static byte[] decoded(String map) {
        try {
            return Base64.getDecoder().decode(map);
        } catch (IllegalArgumentException e) {
            throw new JsonException("'precompiled_charsmap' is no Base64: " + e.getMessage());
        }
    }

    private static JsonException unsupported(String where, JsonObject step) {
        String json = step.toJson();
        return new JsonException("'" + where + "' has " + json.substring(0, Math.min(200, json.length()))
                + ", which is not read of Unigram tokenizers");
    }
}
