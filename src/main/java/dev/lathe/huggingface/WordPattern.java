package dev.lathe.huggingface;

import dev.lathe.huggingface.tokenizer.TokenizerJson;
import dev.lathe.text.json.JsonObject;
import java.util.List;
import java.util.Optional;

/** How a byte-level tokenizer cuts a text into words, by the name that GGUF files have for it, where they have one. */
final class WordPattern {
    private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
    private static final String REST = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String ONE_DIGIT = CONTRACTIONS + "\\p{N}" + REST;
    private static final String THREE_DIGITS = CONTRACTIONS + "\\p{N}{1,3}" + REST;

    /** Words of upper case letters, if any, and then lower case ones. */
    private static final String CASES = "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";

    private static final String CASES_END = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|";
    private static final String CASE_SPLITTING = CASES + "*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+" + CASES_END + CASES
            + "+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*" + CASES_END
            + "\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private WordPattern() {}

    /** The name, if a name says all that the tokenizer does before it merges. */
    static Optional<String> of(TokenizerJson tokenizer) {
        boolean wholeWords = tokenizer.takesWholeWords();
        // Texts are mostly in this form already; no reader of GGUF files brings them into it.
        if (!tokenizer.normalizers().stream().allMatch(step -> step.text("type").equals("NFC"))) {
            return Optional.empty();
        }
        List<String> steps =
                tokenizer.preTokenizers().stream().map(WordPattern::step).toList();
        String pattern = String.join(" then ", steps);
        if (wholeWords) {
            return pattern.equals(THREE_DIGITS + " then bytes") ? Optional.of("llama-bpe") : Optional.empty();
        }
        return Optional.ofNullable(
                switch (pattern) {
                    case "words" -> "gpt-2";
                    case "digits then words" -> "smollm";
                    case ONE_DIGIT + " then bytes" -> "qwen2";
                    case CASE_SPLITTING + " then bytes" -> "gpt-4o";
                    case THREE_DIGITS + " then bytes" -> "smaug-bpe";
                    default -> null;
                });
    }

    private static String step(JsonObject step) {
        return switch (step.text("type")) {
            case "ByteLevel" ->
                step.findBoolean("add_prefix_space").orElse(false)
                        ? step.toJson()
                        : step.findBoolean("use_regex").orElse(true) ? "words" : "bytes";
            case "Digits" -> step.findBoolean("individual_digits").orElse(false) ? "digits" : "numbers";
            case "Split" ->
                step.text("behavior").equals("Isolated")
                                && !step.findBoolean("invert").orElse(false)
                        ? step.object("pattern").findText("Regex").orElse("no pattern")
                        : step.toJson();
            default -> step.toJson();
        };
    }
}
