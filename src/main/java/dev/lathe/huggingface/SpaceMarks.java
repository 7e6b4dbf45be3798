package dev.lathe.huggingface;

import dev.lathe.huggingface.tokenizer.TokenizerJson;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonObject;
import java.util.List;

/** How a tokenizer in the manner of SentencePiece writes spaces: as U+2581, one more at the text's beginning or not. */
record SpaceMarks(TokenizerJson tokenizer) {
    private static final String MARK = "\u2581";

    boolean arePrefixed() {
        List<JsonObject> normalizers = tokenizer.normalizers();
        List<JsonObject> preTokenizers = tokenizer.preTokenizers();
        if (normalizers.isEmpty() && preTokenizers.size() == 1 && isMetaspace(preTokenizers.getFirst())) {
            return !preTokenizers
                    .getFirst()
                    .findText("prepend_scheme")
                    .orElse("always")
                    .equals("never");
        }
        // Cutting at spaces finds none: they are marks by then.
        if (preTokenizers.stream().allMatch(step -> step.text("type").equals("Split"))) {
            if (normalizers.size() == 1 && replacesSpaces(normalizers.getFirst())) {
                return false;
            }
            if (normalizers.size() == 2 && prepends(normalizers.getFirst()) && replacesSpaces(normalizers.getLast())) {
                return true;
            }
        }
        throw new JsonException("'normalizer' and 'pre_tokenizer' are not those of SentencePiece's BPE: " + normalizers
                + ", " + preTokenizers);
    }

    private static boolean isMetaspace(JsonObject preTokenizer) {
        return preTokenizer.text("type").equals("Metaspace")
                && preTokenizer.findText("replacement").orElse(MARK).equals(MARK)
                && !preTokenizer.findBoolean("split").orElse(true);
    }

    private static boolean prepends(JsonObject step) {
        return step.text("type").equals("Prepend") && step.text("prepend").equals(MARK);
    }

    private static boolean replacesSpaces(JsonObject step) {
        return step.text("type").equals("Replace")
                && step.object("pattern").findText("String").orElse("").equals(" ")
                && step.text("content").equals(MARK);
    }
}
