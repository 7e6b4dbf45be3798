package dev.lathe.huggingface.tokenizer;

import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonObject;

/**
 * What BERT's normalizer does to a text, and how long its words may be.
 *
 * @param lowercases whether letters become small
 * @param stripsAccents whether accents are taken off
 * @param longestWord characters of the longest word that is not unknown
 */
public record WordPieceRules(boolean lowercases, boolean stripsAccents, int longestWord) {
    static WordPieceRules of(JsonObject tokenizer) {
        JsonObject normalizer = tokenizer.object("normalizer");
        JsonObject preTokenizer = tokenizer.object("pre_tokenizer");
        if (!normalizer.text("type").equals("BertNormalizer")
                || !normalizer.findBoolean("clean_text").orElse(true)
                || !normalizer.findBoolean("handle_chinese_chars").orElse(true)
                || !preTokenizer.text("type").equals("BertPreTokenizer")) {
            throw new JsonException("'normalizer' and 'pre_tokenizer' of WordPiece are not those of BERT: "
                    + normalizer.toJson() + ", " + preTokenizer.toJson());
        }
        boolean lowercases = normalizer.findBoolean("lowercase").orElse(true);
        long longestWord =
                tokenizer.object("model").findLong("max_input_chars_per_word").orElse(100L);
        return new WordPieceRules(
                lowercases,
                normalizer.findBoolean("strip_accents").orElse(lowercases),
                Math.clamp(longestWord, 0, Integer.MAX_VALUE));
    }
}
