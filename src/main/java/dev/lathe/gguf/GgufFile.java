package dev.lathe.gguf;

import dev.lathe.file.InputFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * An open GGUF file, or a whole split set {@code NAME-00001-of-0000N.gguf} opened by its first file. Opening reads and
 * checks the headers and no tensor data.
 *
 * <p>Immutable and thread-safe. It owns the open files until {@link #close()}; mappings are owned by the arenas they
 * were made in and outlive it. Nobody may shorten a file while it is mapped.
 */
public final class GgufFile implements OpenTensorSource {
    /** One file of the set. */
    private record Part(InputFile file, Header header) {
        Path path() {
            return file.path();
        }
    }

    private final List<Part> parts;
    private final Metadata metadata;
    private final List<TensorInfo> tensors;
    private final Map<String, TensorInfo> tensorsByName;

    private GgufFile(List<Part> parts, SplitSet set) {
        this.parts = List.copyOf(parts);
        List<TensorInfo> tensors = new ArrayList<>();
        this.tensorsByName = new HashMap<>();
        for (Part part : parts) {
            for (TensorInfo tensor : part.header().tensors()) {
                tensors.add(tensor);
                if (tensorsByName.put(tensor.name(), tensor) != null) {
                    throw new GgufException("tensor " + tensor.name() + " is in two files of the set", -1)
                            .in(part.path());
                }
            }
        }
        this.tensors = List.copyOf(tensors);
        this.metadata = set.join(parts.getFirst().header().metadata(), tensors.size());
    }

    /**
     * Opens a file; the first of a split set opens all of the set.
     *
     * @throws GgufException if the content is wrong
     * @throws IOException if a file is absent, not a regular file or cannot be read
     */
    public static GgufFile open(Path path) throws IOException {
        List<Part> parts = new ArrayList<>();
        try {
            parts.add(openPart(path, 0));
            SplitSet set = new SplitSet(path, parts.getFirst().header().metadata());
            for (int i = 1; i < set.count(); i++) {
                Part part = openPart(set.path(i), i);
                parts.add(part);
                set.check(part.path(), part.header().metadata(), i);
            }
            return new GgufFile(parts, set);
        } catch (IOException | RuntimeException | Error failure) {
            for (Part part : parts) {
                close(part.file(), failure);
            }
            throw failure;
        }
    }

    private static Part openPart(Path path, int fileIndex) throws IOException {
        InputFile file = InputFile.open(path);
        try {
            return new Part(file, HeaderReader.read(file, file.byteCount(), fileIndex));
        } catch (GgufException wrong) {
            close(file, wrong);
            throw wrong.in(path);
        } catch (IOException | RuntimeException | Error failure) {
            close(file, failure);
            throw failure;
        }
    }

    private static void close(InputFile file, Throwable failure) {
        try {
            file.close();
        } catch (IOException alsoFailed) {
            failure.addSuppressed(alsoFailed);
        }
    }

    /** The format's version, 2 or 3; of a set, the first file's. */
    public int version() {
        return parts.getFirst().header().version();
    }

    @Override
    public List<Path> files() {
        return parts.stream().map(Part::path).toList();
    }

    /** The bytes of all files. */
    public long byteCount() {
        long byteCount = 0;
        for (Part part : parts) {
            byteCount += part.file().byteCount();
        }
        return byteCount;
    }

    /** The metadata; of a set, the first file's without the keys that tie the set together. */
    @Override
    public Metadata metadata() {
        return metadata;
    }

    /** All tensors in the order of the file or files. */
    @Override
    public List<TensorInfo> tensors() {
        return tensors;
    }

    /** The tensor with this name, if there is one. */
    @Override
    public Optional<TensorInfo> tensor(String name) {
        return Optional.ofNullable(tensorsByName.get(name));
    }

    /**
     * Maps some of a tensor's bytes, read-only. Pages are read from the file when first touched; closing the arena
     * releases them, so a caller that converts a large tensor maps and closes it in portions.
     *
     * @param tensor one of this file's {@link #tensors()}
     * @param byteOffset the first byte, relative to the tensor's first
     * @param byteCount how many bytes
     * @param arena owns the mapping
     * @throws IllegalArgumentException if the tensor is not one of this file's
     * @throws IndexOutOfBoundsException if the range is not within the tensor
     * @throws IOException if the file is closed or was shortened since
     * @throws java.io.InterruptedIOException if the thread is interrupted; it stays so, and the file is closed
     */
    @Override
    public MemorySegment map(TensorInfo tensor, long byteOffset, long byteCount, Arena arena) throws IOException {
        TensorInfo known = tensorsByName.get(tensor.name());
        if (tensor != known && !tensor.equals(known)) { // a record's equals costs a start some ten milliseconds
            throw new IllegalArgumentException("tensor " + tensor.name() + " is not one of "
                    + parts.getFirst().path());
        }
        Objects.checkFromIndexSize(byteOffset, byteCount, tensor.byteCount());
        Part part = parts.get(tensor.fileIndex());
        long position = part.header().dataOffset() + tensor.byteOffset() + byteOffset;
        return part.file().map(position, byteCount, arena);
    }

    @Override
    public void requireWhole() throws IOException {
        for (Part part : parts) {
            part.file().requireWhole();
        }
    }

    /** Closes all files; mappings stay valid until their arenas are closed. */
    @Override
    public void close() {
        InputFile.closeAll(parts.stream().map(Part::file).toList());
    }
}
