package dev.lathe.huggingface.tokenizer;

import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Objects that do something one after the other. */
final class Steps {
    private Steps() {}

    /** A step, or those of a sequence and of sequences in it. */
    static List<JsonObject> of(Optional<JsonObject> step, String name) {
        List<JsonObject> steps = new ArrayList<>();
        step.ifPresent(first -> add(first, name, steps));
        return List.copyOf(steps);
    }

    private static void add(JsonObject step, String name, List<JsonObject> steps) {
        if (step.text("type").equals("Sequence")) {
            objects(step, name).forEach(inner -> add(inner, name, steps));
        } else {
            steps.add(step);
        }
    }

    /** The elements of an array that holds objects. */
    static List<JsonObject> objects(JsonObject json, String name) {
        List<JsonObject> objects = new ArrayList<>();
        for (JsonValue each : json.array(name).elements()) {
            if (!(each instanceof JsonObject object)) {
                throw new JsonException("'" + name + "' has " + each.kind() + ", an object is expected");
            }
            objects.add(object);
        }
        return objects;
    }
}
