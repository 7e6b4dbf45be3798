package dev.lathe.huggingface;

import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.util.List;
import java.util.Optional;

/** How a tokenizer in the manner of SentencePiece writes spaces: as U+2581, one more at the text's beginning or not. */
record SpaceMarks(JsonObject tokenizer) {
    private static final String MARK = "\u2581";

    boolean arePrefixed() {
        Optional<JsonObject> normalizer = tokenizer.findObject("normalizer");
        Optional<JsonObject> preTokenizer = tokenizer.findObject("pre_tokenizer");
        if (normalizer.isEmpty() && preTokenizer.filter(SpaceMarks::isMetaspace).isPresent()) {
            return !preTokenizer
                    .get()
                    .findText("prepend_scheme")
                    .orElse("always")
                    .equals("never");
        }
        // Cutting at spaces finds none: they are marks by then.
        if (preTokenizer.isEmpty() || preTokenizer.get().text("type").equals("Split")) {
            List<JsonValue> steps = normalizer
                    .filter(found -> found.text("type").equals("Sequence"))
                    .map(found -> found.array("normalizers").elements())
                    .orElse(List.copyOf(normalizer.stream().toList()));
            if (steps.size() == 1 && replacesSpaces(steps.getFirst())) {
                return false;
            }
            if (steps.size() == 2 && prepends(steps.getFirst()) && replacesSpaces(steps.getLast())) {
                return true;
            }
        }
        throw new JsonException("'normalizer' and 'pre_tokenizer' are not those of SentencePiece's BPE: "
                + JsonValue.of(normalizer.orElse(null)).toJson() + ", "
                + JsonValue.of(preTokenizer.orElse(null)).toJson());
    }

    private static boolean isMetaspace(JsonObject preTokenizer) {
        return preTokenizer.text("type").equals("Metaspace")
                && preTokenizer.findText("replacement").orElse(MARK).equals(MARK)
                && !preTokenizer.findBoolean("split").orElse(true);
    }

    private static boolean prepends(JsonValue step) {
        return step instanceof JsonObject object
                && object.text("type").equals("Prepend")
                && object.text("prepend").equals(MARK);
    }

    private static boolean replacesSpaces(JsonValue step) {
        return step instanceof JsonObject object
                && object.text("type").equals("Replace")
                && object.object("pattern").findText("String").orElse("").equals(" ")
                && object.text("content").equals(MARK);
    }
}
