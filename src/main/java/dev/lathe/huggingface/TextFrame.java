package dev.lathe.huggingface;

import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.util.List;
import java.util.Optional;

/**
 * What {@code post_processor} puts around a single text.
 *
 * @param before the token before it
 * @param after the token behind it
 * @param endsFirstTwice whether the first text of a pair has two tokens behind it
 */
record TextFrame(Optional<Integer> before, Optional<Integer> after, boolean endsFirstTwice) {
    private static final TextFrame NONE = new TextFrame(Optional.empty(), Optional.empty(), false);

    /** That of a {@code tokenizer.json}; nothing where it does not say. */
    static TextFrame of(JsonObject tokenizer, VocabularyTable vocabulary) {
        return tokenizer
                .findObject("post_processor")
                .map(processor -> ofProcessor(processor, vocabulary))
                .orElse(NONE);
    }

    private static TextFrame ofProcessor(JsonObject processor, VocabularyTable vocabulary) {
        switch (processor.text("type")) {
            case "TemplateProcessing" -> {
                return ofTemplate(processor, vocabulary);
            }
            case "BertProcessing", "RobertaProcessing" -> {
                return new TextFrame(
                        Optional.of(named(processor, "cls", vocabulary)),
                        Optional.of(named(processor, "sep", vocabulary)),
                        processor.text("type").equals("RobertaProcessing"));
            }
            case "ByteLevel" -> {
                return NONE;
            }
            case "Sequence" -> {
                TextFrame frame = NONE;
                for (JsonValue element : processor.array("processors").elements()) {
                    if (!(element instanceof JsonObject object)) {
                        throw new JsonException("'processors' has " + element.kind() + ", an object is expected");
                    }
                    TextFrame next = ofProcessor(object, vocabulary);
                    frame = next.equals(NONE) ? frame : next;
                }
                return frame;
            }
            default ->
                throw new JsonException("'post_processor' is of the unknown type " + processor.text("type")
                        + "; read are TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel and Sequence");
        }
    }

    /** The token of a pair of a piece and its number. */
    private static int named(JsonObject processor, String role, VocabularyTable vocabulary) {
        List<JsonValue> pair = processor.array(role).elements();
        if (pair.isEmpty() || !(pair.getFirst() instanceof JsonString piece)) {
            throw new JsonException("'" + role + "' of 'post_processor' names no token");
        }
        return vocabulary.token(piece.text());
    }

    private static TextFrame ofTemplate(JsonObject processor, VocabularyTable vocabulary) {
        List<JsonValue> parts = processor.array("single").elements();
        int text = -1;
        for (int i = 0; i < parts.size(); i++) {
            if (parts.get(i) instanceof JsonObject part && part.find("Sequence").isPresent()) {
                text = text < 0 ? i : parts.size();
            }
        }
        if (text < 0 || text > 1 || parts.size() - text > 2) {
            throw new JsonException("'single' of 'post_processor' is " + processor.array("single")
                    + "; at most one special token on each side of the text is supported");
        }
        return new TextFrame(
                text == 1 ? Optional.of(special(parts.getFirst(), processor, vocabulary)) : Optional.empty(),
                parts.size() - text == 2
                        ? Optional.of(special(parts.getLast(), processor, vocabulary))
                        : Optional.empty(),
                endsFirstTwice(processor));
    }

    /** Whether two special tokens are between the texts of a pair. */
    private static boolean endsFirstTwice(JsonObject processor) {
        List<JsonValue> parts =
                processor.findArray("pair").map(JsonArray::elements).orElse(List.of());
        int texts = 0;
        int between = 0;
        for (JsonValue each : parts) {
            boolean isText =
                    each instanceof JsonObject part && part.find("Sequence").isPresent();
            texts += isText ? 1 : 0;
            between += texts == 1 && !isText ? 1 : 0;
        }
        return texts == 2 && between == 2;
    }

    private static int special(JsonValue part, JsonObject processor, VocabularyTable vocabulary) {
        if (!(part instanceof JsonObject object)) {
            throw new JsonException("'single' of 'post_processor' has " + part.kind() + ", an object is expected");
        }
        String name = object.object("SpecialToken").text("id");
        Optional<JsonArray> tokens = processor
                .findObject("special_tokens")
                .flatMap(all -> all.findObject(name))
                .flatMap(token -> token.findArray("ids"));
        if (tokens.isEmpty()) {
            return vocabulary.token(name);
        }
        if (tokens.get().elements().size() != 1
                || !(tokens.get().elements().getFirst() instanceof JsonNumber number)
                || number.longValue() < 0
                || number.longValue() >= vocabulary.pieces().size()) {
            throw new JsonException("'special_tokens' of 'post_processor' has " + tokens.get() + " for " + name
                    + ", one token of the vocabulary is expected");
        }
        return (int) number.longValue();
    }
}
