package dev.lathe.text;

import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import dev.lathe.text.split.IntList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/** The tokens that {@code tokenizer.json} puts before and after a text: its {@code post_processor}. */
record JsonPostProcessor(int[] prefix, int[] suffix) {
    private static final JsonPostProcessor NONE = new JsonPostProcessor(new int[0], new int[0]);

    /** @param tokens the token of a piece */
    static JsonPostProcessor of(Optional<JsonObject> json, ToIntFunction<String> tokens) {
        return json.isPresent() ? of(json.get(), tokens) : NONE;
    }

    private static JsonPostProcessor of(JsonObject json, ToIntFunction<String> tokens) {
        return switch (json.text("type")) {
            case "ByteLevel" -> NONE;
            case "TemplateProcessing" -> ofTemplate(json, tokens);
            case "BertProcessing", "RobertaProcessing" ->
                new JsonPostProcessor(new int[] {named(json, "cls", tokens)}, new int[] {named(json, "sep", tokens)});
            case "Sequence" -> {
                JsonPostProcessor found = NONE;
                for (JsonValue each : json.array("processors").elements()) {
                    JsonPostProcessor next = of((JsonObject) each, tokens);
                    if (next.isEmpty()) {
                        continue;
                    }
                    if (!found.isEmpty()) {
                        throw TokenizerJson.unsupported("a sequence of several post-processors that add tokens");
                    }
                    found = next;
                }
                yield found;
            }
            default -> throw TokenizerJson.unsupported("the post-processor \"" + json.text("type") + "\"");
        };
    }

    private static int named(JsonObject json, String role, ToIntFunction<String> tokens) {
        List<JsonValue> pair = json.array(role).elements();
        if (pair.isEmpty() || !(pair.getFirst() instanceof JsonString piece)) {
            throw new IllegalArgumentException("tokenizer.json: post_processor." + role + " names no token");
        }
        return tokens.applyAsInt(piece.text());
    }

    private static JsonPostProcessor ofTemplate(JsonObject json, ToIntFunction<String> tokens) {
        IntList prefix = new IntList();
        IntList suffix = new IntList();
        boolean after = false;
        for (JsonValue each : json.array("single").elements()) {
            if (!(each instanceof JsonObject part)) {
                throw new IllegalArgumentException("tokenizer.json: post_processor.single holds " + each.kind());
            }
            if (part.find("Sequence").isPresent()) {
                if (after) {
                    throw TokenizerJson.unsupported("a post-processor that repeats the text");
                }
                after = true;
                continue;
            }
            String name = part.object("SpecialToken").text("id");
            JsonArray pieces = json.object("special_tokens").object(name).array("tokens");
            for (JsonValue piece : pieces.elements()) {
                if (!(piece instanceof JsonString text)) {
                    throw new IllegalArgumentException(
                            "tokenizer.json: post_processor.special_tokens holds " + piece.kind());
                }
                (after ? suffix : prefix).add(tokens.applyAsInt(text.text()));
            }
        }
        if (!after) {
            throw TokenizerJson.unsupported("a post-processor that leaves the text out");
        }
        return new JsonPostProcessor(prefix.toArray(), suffix.toArray());
    }

    private boolean isEmpty() {
        return prefix.length == 0 && suffix.length == 0;
    }

    /** The token that a text begins with, or {@link SpecialTokens#NONE}. */
    int first() {
        return prefix.length == 0 ? SpecialTokens.NONE : prefix[0];
    }
}
