package dev.lathe.safetensors;

import dev.lathe.file.InputFile;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An open safetensors file, or several that an index ties together. Opening reads and checks the headers and no tensor
 * data.
 *
 * <p>Immutable and thread-safe. Owns the open files until closed; mappings are owned by the arenas they were made in
 * and outlive it.
 */
public final class Safetensors implements AutoCloseable {
    private static final int MAX_FILES = 10_000;

    private final List<InputFile> files;
    private final Map<String, StoredTensor> tensors;

    private Safetensors(List<InputFile> files, Map<String, StoredTensor> tensors) {
        this.files = List.copyOf(files);
        this.tensors = tensors;
    }

    /**
     * Opens one file.
     *
     * @throws SafetensorsException if its content is wrong
     * @throws IOException if it is absent, no regular file or cannot be read
     */
    public static Safetensors open(Path file) throws IOException {
        return open(List.of(file), Map.of());
    }

    /**
     * Opens the files that an index, {@code model.safetensors.index.json}, names; they are in its folder.
     *
     * @throws SafetensorsException if the content of a file is wrong, or is not what the index says
     * @throws IOException if a file is absent, no regular file or cannot be read
     */
    public static Safetensors openIndexed(Path index) throws IOException {
        Map<Path, List<String>> namesByFile = new TreeMap<>();
        try {
            if (!(JsonValue.read(index) instanceof JsonObject object)) {
                throw new SafetensorsException(index, "an object is expected");
            }
            for (Map.Entry<String, JsonValue> entry :
                    object.object("weight_map").members().entrySet()) {
                Path file = sibling(index, entry.getKey(), entry.getValue());
                namesByFile.computeIfAbsent(file, _ -> new ArrayList<>()).add(entry.getKey());
            }
        } catch (JsonException e) {
            throw new SafetensorsException(index, e.getMessage(), e);
        }
        if (namesByFile.isEmpty() || namesByFile.size() > MAX_FILES) {
            throw new SafetensorsException(
                    index, "'weight_map' names " + namesByFile.size() + " files, expected 1 to " + MAX_FILES);
        }
        return open(List.copyOf(namesByFile.keySet()), namesByFile);
    }

    /** A file beside the index: nothing that an index says leads out of its folder. */
    private static Path sibling(Path index, String tensor, JsonValue value) {
        if (value instanceof JsonString name
                && !name.text().matches(".*[/\\\\:\0].*|\\.*")
                && name.text().endsWith(".safetensors")) {
            return index.resolveSibling(name.text());
        }
        throw new SafetensorsException(
                index, "'weight_map' says " + value + " of tensor " + tensor + ", the name of a file is expected");
    }

    private static Safetensors open(List<Path> paths, Map<Path, List<String>> expected) throws IOException {
        List<InputFile> files = new ArrayList<>();
        try {
            Map<String, StoredTensor> tensors = new LinkedHashMap<>();
            for (Path path : paths) {
                if (!Files.exists(path)) {
                    throw new FileSystemException(path.toString(), null, "does not exist");
                }
                files.add(InputFile.open(path));
                for (StoredTensor tensor : HeaderReader.read(files.getLast(), files.size() - 1)) {
                    if (tensors.put(tensor.name(), tensor) != null) {
                        throw new SafetensorsException(path, "tensor " + tensor.name() + " is in another file, too");
                    }
                }
                for (String name : expected.getOrDefault(path, List.of())) {
                    StoredTensor tensor = tensors.get(name);
                    if (tensor == null || tensor.fileIndex() != files.size() - 1) {
                        throw new SafetensorsException(path, "has no tensor " + name + ", which the index demands");
                    }
                }
            }
            return new Safetensors(files, tensors);
        } catch (IOException | RuntimeException | Error failure) {
            for (InputFile file : files) {
                try {
                    file.close();
                } catch (IOException alsoFailed) {
                    failure.addSuppressed(alsoFailed);
                }
            }
            throw failure;
        }
    }

    /** The open files. */
    public List<Path> files() {
        return files.stream().map(InputFile::path).toList();
    }

    /** All tensors, in the order of the files and of their bytes. */
    public List<StoredTensor> tensors() {
        return List.copyOf(tensors.values());
    }

    /** The tensor with this name, if there is one. */
    public Optional<StoredTensor> tensor(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /**
     * Maps some of a tensor's bytes, read-only.
     *
     * @param tensor one of {@link #tensors()}
     * @param byteOffset the first byte, relative to the tensor's first
     * @param arena owns the mapping
     * @throws IllegalArgumentException if the tensor is not one of these
     * @throws IndexOutOfBoundsException if the range is not within the tensor
     * @throws IOException if the file is closed or was shortened since
     */
    public MemorySegment map(StoredTensor tensor, long byteOffset, long byteCount, Arena arena) throws IOException {
        if (!tensor.equals(tensors.get(tensor.name()))) {
            throw new IllegalArgumentException("tensor " + tensor.name() + " is not one of "
                    + files.getFirst().path());
        }
        Objects.checkFromIndexSize(byteOffset, byteCount, tensor.byteCount());
        return files.get(tensor.fileIndex()).map(tensor.byteOffset() + byteOffset, byteCount, arena);
    }

    /**
     * Checks that no file has been shortened since it was opened.
     *
     * @throws IOException if one has, with its sizes
     */
    public void requireWhole() throws IOException {
        for (InputFile file : files) {
            file.requireWhole();
        }
    }

    /** Closes all files; mappings stay valid until their arenas are closed. */
    @Override
    public void close() {
        InputFile.closeAll(files);
    }
}
