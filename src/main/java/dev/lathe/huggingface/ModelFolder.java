package dev.lathe.huggingface;

import dev.lathe.gguf.GgufException;
import dev.lathe.gguf.Metadata;
import dev.lathe.gguf.OpenTensorSource;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.huggingface.tokenizer.TokenizerJson;
import dev.lathe.safetensors.Safetensors;
import dev.lathe.safetensors.SafetensorsException;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * An open folder with {@code config.json}, {@code tokenizer.json} and weights in {@code model.safetensors}, or in
 * several files with {@code model.safetensors.index.json}. Opening reads and checks all but the weights.
 *
 * <p>Tensors have the names, shapes and row orders that a GGUF file of the model has, in the types that the folder has;
 * vectors are in F32. Immutable and thread-safe. Owns the open files until closed.
 */
public final class ModelFolder implements OpenTensorSource {
    private static final String WEIGHTS = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";
    private static final String CONFIG = "config.json";

    private final Path folder;
    private final Safetensors files;
    private final FolderWeights weights;

    /** Files of dense layers after the model, each in a folder of its own. */
    private final List<Safetensors> denseFiles;

    private final Metadata metadata;
    private final TokenizerFiles tokenizer;
    private final Map<String, FolderTensor> tensors;

    private ModelFolder(
            Path folder,
            Safetensors files,
            FolderWeights weights,
            List<Safetensors> denseFiles,
            Metadata metadata,
            TokenizerFiles tokenizer,
            Map<String, FolderTensor> tensors) {
        this.tokenizer = tokenizer;
        this.folder = folder;
        this.files = files;
        this.weights = weights;
        this.denseFiles = denseFiles;
        this.metadata = metadata;
        this.tensors = tensors;
    }

    /**
     * Opens a folder.
     *
     * @throws ModelFolderException if a file of it is wrong, or the model is of no family that is read from folders
     * @throws IOException if a file is absent or cannot be read
     */
    public static ModelFolder open(Path folder) throws IOException {
        Path configFile = folder.resolve(CONFIG);
        Config config;
        Family family;
        Metadata metadata;
        TokenizerFiles tokenizer;
        SentenceModules modules;
        try {
            config = TextPart.of(new Config(object(configFile)));
            family = Family.of(config);
            config = family.usual(config);
            Metadata.Builder builder = Metadata.builder()
                    .string("general.architecture", family.architecture())
                    .string("general.type", "model")
                    .string("general.name", name(folder));
            Keys keys = new Keys(family.architecture(), builder);
            family.describe(config, keys);
            modules = SentenceModules.read(folder, config);
            modules.describe(keys);
            tokenizer = new TokenizerFiles(folder, config);
            tokenizer.describe(builder);
            describeGeneration(folder, config, builder);
            metadata = builder.build();
        } catch (JsonException | GgufException | IllegalArgumentException e) {
            throw new ModelFolderException(configFile, e);
        }
        List<Safetensors> opened = new ArrayList<>();
        try {
            opened.add(weights(folder));
            List<Safetensors> dense = modules.openDense();
            opened.addAll(dense);
            Metadata.Builder more = metadata.toBuilder();
            FolderWeights weights = new FolderWeights(opened.getFirst(), config);
            family.describeWeights(config, weights, new Keys(family.architecture(), more));
            Map<String, FolderTensor> tensors = FolderTensor.all(weights, config, family, dense);
            return new ModelFolder(folder, opened.getFirst(), weights, dense, more.build(), tokenizer, tensors);
        } catch (JsonException | SafetensorsException | IllegalArgumentException e) {
            opened.forEach(Safetensors::close);
            throw new ModelFolderException(folder, e);
        } catch (IOException | RuntimeException | Error e) {
            opened.forEach(Safetensors::close);
            throw e;
        }
    }

    private static void describeGeneration(Path folder, Config config, Metadata.Builder metadata) throws IOException {
        Path file = folder.resolve("generation_config.json");
        if (Files.exists(file)) {
            try {
                GenerationConfig.describe(object(file), config.integer("vocab_size"), metadata);
            } catch (JsonException e) {
                throw new ModelFolderException(file, e);
            }
        }
    }

    private static Safetensors weights(Path folder) throws IOException {
        Path index = folder.resolve(INDEX);
        return Files.exists(index) ? Safetensors.openIndexed(index) : Safetensors.open(folder.resolve(WEIGHTS));
    }

    static JsonObject object(Path file) throws IOException {
        if (JsonValue.read(file) instanceof JsonObject object) {
            return object;
        }
        throw new JsonException(file + ": an object is expected");
    }

    private static String name(Path folder) {
        Path name = folder.toAbsolutePath().normalize().getFileName();
        return name == null ? "model" : name.toString();
    }

    /**
     * Makes a tokenizer of {@code tokenizer.json} itself, which can say more than the keys of a GGUF file.
     *
     * @param maker takes what the file says
     * @throws ModelFolderException if something in it is not supported or wrong
     */
    public <T> T tokenizer(Function<TokenizerJson, T> maker) {
        return tokenizer.make(maker);
    }

    @Override
    public List<Path> files() {
        List<Path> all = new ArrayList<>(files.files());
        denseFiles.forEach(dense -> all.addAll(dense.files()));
        all.add(folder.resolve(CONFIG)); // says in which order rows are
        return List.copyOf(all);
    }

    @Override
    public Metadata metadata() {
        return metadata;
    }

    @Override
    public List<TensorInfo> tensors() {
        List<TensorInfo> all = new ArrayList<>();
        tensors.values().forEach(tensor -> all.add(tensor.info()));
        return List.copyOf(all);
    }

    @Override
    public Optional<TensorInfo> tensor(String name) {
        return Optional.ofNullable(tensors.get(name)).map(FolderTensor::info);
    }

    @Override
    public MemorySegment map(TensorInfo tensor, long byteOffset, long byteCount, Arena arena) throws IOException {
        FolderTensor found = tensors.get(tensor.name());
        if (found == null || !found.info().equals(tensor)) {
            throw new IllegalArgumentException("tensor " + tensor.name() + " is not one of " + folder);
        }
        Objects.checkFromIndexSize(byteOffset, byteCount, tensor.byteCount());
        return found.map(weights, byteOffset, byteCount, arena);
    }

    @Override
    public void requireWhole() throws IOException {
        files.requireWhole();
        for (Safetensors dense : denseFiles) {
            dense.requireWhole();
        }
    }

    /** Closes the files; mappings stay valid until their arenas are closed. */
    @Override
    public void close() {
        files.close();
        denseFiles.forEach(Safetensors::close);
    }

    static Map<String, FolderTensor> byName(List<FolderTensor> tensors) {
        Map<String, FolderTensor> byName = new LinkedHashMap<>();
        for (FolderTensor tensor : tensors) {
            if (byName.put(tensor.info().name(), tensor) != null) {
                throw new IllegalArgumentException(
                        "two tensors mean " + tensor.info().name());
            }
        }
        return byName;
    }
}
