package dev.lathe.huggingface;

import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code modules.json} of Sentence Transformers: the steps that make a vector of a text. Read are a pooling and a
 * normalization behind the model; vectors are normalized by whoever asks for them, so that step says nothing new.
 */
record SentenceModules(Path folder) {
    /** GGUF's number of the pooling of rerankers. */
    static final int RANK = 4;

    /** The names of poolings, at the numbers that GGUF has for them. */
    private static final List<String> POOLINGS = List.of("none", "mean", "cls", "lasttoken");

    private static final List<String> FLAGS =
            List.of("", "pooling_mode_mean_tokens", "pooling_mode_cls_token", "pooling_mode_lasttoken");

    void describe(Config config, Keys keys) throws IOException {
        Path file = folder.resolve("modules.json");
        if (config.scoresTexts() || !Files.exists(file)) {
            return;
        }
        if (!(JsonValue.read(file) instanceof JsonArray modules)) {
            throw new JsonException(file + ": a list of modules is expected");
        }
        for (JsonValue module : modules.elements()) {
            if (!(module instanceof JsonObject object)) {
                throw new JsonException(file + " has " + module.kind() + ", an object is expected");
            }
            String type = object.text("type");
            switch (type.substring(type.lastIndexOf('.') + 1)) {
                case "Transformer", "Normalize" -> {}
                case "Pooling" -> keys.count("pooling_type", pooling(object.text("path")));
                default ->
                    throw new JsonException(
                            file + " has a module " + type + "; read are Transformer, Pooling and Normalize");
            }
        }
    }

    private int pooling(String path) throws IOException {
        if (!path.matches("[A-Za-z0-9_-]{1,64}")) {
            throw new JsonException("'path' of the pooling is " + path + ", expected a folder such as 1_Pooling");
        }
        JsonObject pooling = ModelFolder.object(folder.resolve(path).resolve("config.json"));
        List<String> modes = new ArrayList<>();
        pooling.findText("pooling_mode").ifPresent(modes::add);
        for (String name : pooling.members().keySet()) {
            if (name.startsWith("pooling_mode_") && pooling.findBoolean(name).orElse(false)) {
                modes.add(FLAGS.contains(name) ? POOLINGS.get(FLAGS.indexOf(name)) : name);
            }
        }
        int found = modes.stream().distinct().count() == 1 ? POOLINGS.indexOf(modes.getFirst()) : -1;
        if (found < 1) {
            throw new JsonException(
                    path + "/config.json pools by " + modes + "; supported is one of mean, cls and lasttoken");
        }
        return found;
    }
}
