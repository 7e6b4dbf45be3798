package dev.lathe.huggingface;

import dev.lathe.safetensors.Safetensors;
import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code modules.json} of Sentence Transformers: the steps that make a vector of a text. Read are a pooling, the two dense
 * layers of EmbeddingGemma and a normalization after the model; vectors are normalized by whoever asks for them, so that
 * step says nothing new.
 *
 * @param poolingPath the pooling's folder
 * @param densePaths the folders of dense layers, in their order
 */
record SentenceModules(Optional<Path> poolingPath, List<Path> densePaths) {
    /** GGUF's number of the pooling of rerankers. */
    static final int RANK = 4;

    /** The names of poolings, at the numbers that GGUF has for them. */
    static final List<String> POOLINGS = List.of("none", "mean", "cls", "lasttoken");

    private static final List<String> FLAGS =
            List.of("", "pooling_mode_mean_tokens", "pooling_mode_cls_token", "pooling_mode_lasttoken");

    static SentenceModules read(Path folder, Config config) throws IOException {
        Path file = folder.resolve("modules.json");
        Path pooling = null;
        List<Path> dense = new ArrayList<>();
        if (config.scoresTexts() || !Files.exists(file)) {
            return new SentenceModules(Optional.empty(), dense);
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
                case "Pooling" -> pooling = inside(folder, object);
                case "Dense" -> dense.add(inside(folder, object));
                default ->
                    throw new JsonException(
                            file + " has a module " + type + "; read are Transformer, Pooling, Dense and Normalize");
            }
        }
        return new SentenceModules(Optional.ofNullable(pooling), List.copyOf(dense));
    }

    private static Path inside(Path folder, JsonObject module) {
        String path = module.text("path");
        if (!path.matches("[A-Za-z0-9_-]{1,64}")) {
            throw new JsonException("'path' of a module is " + path + ", expected a folder such as 1_Pooling");
        }
        return folder.resolve(path);
    }

    void describe(Keys keys) throws IOException {
        if (poolingPath.isPresent()) {
            keys.count("pooling_type", pooling(poolingPath.get()));
        }
        if (!densePaths.isEmpty()
                && (densePaths.size() != 2 || !keys.architecture().equals("gemma-embedding"))) {
            throw new JsonException(
                    "'modules.json' has " + densePaths.size() + " dense layers; read are the two of EmbeddingGemma");
        }
        for (int i = 0; i < densePaths.size(); i++) {
            JsonObject dense = ModelFolder.object(densePaths.get(i).resolve("config.json"));
            String function = dense.findText("activation_function").orElse("");
            if (!function.endsWith(".Identity") || dense.findBoolean("bias").orElse(true)) {
                throw new JsonException(densePaths.get(i).getFileName() + "/config.json has the activation '" + function
                        + "' and 'bias'; read are layers without a bias and with torch.nn.modules.linear.Identity");
            }
            keys.count("dense_" + (i + 2) + "_feat_in", dense.longValue("in_features"));
            keys.count("dense_" + (i + 2) + "_feat_out", dense.longValue("out_features"));
        }
    }

    /** The open files of the dense layers. */
    List<Safetensors> openDense() throws IOException {
        List<Safetensors> opened = new ArrayList<>();
        try {
            for (Path path : densePaths) {
                opened.add(Safetensors.open(path.resolve("model.safetensors")));
            }
        } catch (IOException | RuntimeException | Error failure) {
            opened.forEach(Safetensors::close);
            throw failure;
        }
        return opened;
    }

    private static int pooling(Path path) throws IOException {
        JsonObject pooling = ModelFolder.object(path.resolve("config.json"));
        List<String> modes = new ArrayList<>();
        pooling.findText("pooling_mode").ifPresent(modes::add);
        for (String name : pooling.members().keySet()) {
            if (name.startsWith("pooling_mode_") && pooling.findBoolean(name).orElse(false)) {
                modes.add(FLAGS.contains(name) ? POOLINGS.get(FLAGS.indexOf(name)) : name);
            }
        }
        int found = modes.stream().distinct().count() == 1 ? POOLINGS.indexOf(modes.getFirst()) : -1;
        if (found < 1) {
            throw new JsonException(path.getFileName() + "/config.json pools by " + modes
                    + "; supported is one of mean, cls and lasttoken");
        }
        return found;
    }
}
