package dev.lathe.huggingface.tokenizer;

import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What {@code post_processor} puts around a single text.
 *
 * @param before the tokens before it
 * @param after the tokens after it
 * @param endsFirstTwice whether the first text of a pair has two tokens after it
 */
public record TextFrame(List<Integer> before, List<Integer> after, boolean endsFirstTwice) {
    private static final TextFrame NONE = new TextFrame(List.of(), List.of(), false);

    /** A frame; the lists are copied. */
    public TextFrame {
        before = List.copyOf(before);
        after = List.copyOf(after);
    }

    /** That of a {@code tokenizer.json}; nothing where it does not say. */
    static TextFrame of(JsonObject tokenizer, Pieces pieces) {
        return tokenizer
                .findObject("post_processor")
                .map(processor -> ofProcessor(processor, pieces))
                .orElse(NONE);
    }

    private static TextFrame ofProcessor(JsonObject processor, Pieces pieces) {
        return switch (processor.text("type")) {
            case "ByteLevel" -> NONE;
            case "TemplateProcessing" -> ofTemplate(processor, pieces);
            case "BertProcessing", "RobertaProcessing" ->
                new TextFrame(
                        List.of(named(processor, "cls", pieces)),
                        List.of(named(processor, "sep", pieces)),
                        processor.text("type").equals("RobertaProcessing"));
            case "Sequence" -> ofSequence(processor, pieces);
            default ->
                throw new JsonException("'post_processor' is of the unknown type " + processor.text("type")
                        + "; read are TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel and Sequence");
        };
    }

    private static TextFrame ofSequence(JsonObject processor, Pieces pieces) {
        TextFrame frame = NONE;
        for (JsonObject each : Steps.objects(processor, "processors")) {
            TextFrame next = ofProcessor(each, pieces);
            if (!next.equals(NONE) && !frame.equals(NONE)) {
                throw new JsonException("'post_processor' adds tokens in several steps; one is supported");
            }
            frame = next.equals(NONE) ? frame : next;
        }
        return frame;
    }

    /** The token of a pair of a piece and its number. */
    private static int named(JsonObject processor, String role, Pieces pieces) {
        List<JsonValue> pair = processor.array(role).elements();
        if (pair.isEmpty() || !(pair.getFirst() instanceof JsonString piece)) {
            throw new JsonException("'" + role + "' of 'post_processor' names no token");
        }
        return pieces.token(piece.text());
    }

    private static TextFrame ofTemplate(JsonObject processor, Pieces pieces) {
        List<Integer> before = new ArrayList<>();
        List<Integer> after = new ArrayList<>();
        int texts = 0;
        for (JsonObject part : Steps.objects(processor, "single")) {
            if (part.find("Sequence").isPresent()) {
                texts++;
            } else {
                (texts == 0 ? before : after).addAll(special(part, processor, pieces));
            }
        }
        if (texts != 1) {
            throw new JsonException("'single' of 'post_processor' has the text " + texts + " times, expected once");
        }
        return new TextFrame(before, after, endsFirstTwice(processor));
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

    private static List<Integer> special(JsonObject part, JsonObject processor, Pieces pieces) {
        String name = part.object("SpecialToken").text("id");
        Optional<JsonArray> given = processor
                .findObject("special_tokens")
                .flatMap(all -> all.findObject(name))
                .flatMap(token -> token.findArray("ids"));
        if (given.isEmpty()) {
            return List.of(pieces.token(name));
        }
        List<Integer> tokens = new ArrayList<>();
        for (JsonValue each : given.get().elements()) {
            if (!(each instanceof JsonNumber number)) {
                throw new JsonException("'special_tokens' of 'post_processor' has " + each.kind() + " for " + name
                        + ", a token is expected");
            }
            tokens.add(pieces.checked("'special_tokens' of 'post_processor' for " + name, number.longValue()));
        }
        return tokens;
    }
}
