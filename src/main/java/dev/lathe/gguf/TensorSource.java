package dev.lathe.gguf;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * Metadata and named tensors: what a model is loaded from, saved as and transformed into. An open file is one; so is a model
 * in memory whose tensors a transform has replaced.
 */
public interface TensorSource {
    /** What is said about the model. */
    Metadata metadata();

    /** All tensors in the order in which they are saved. */
    List<TensorInfo> tensors();

    /** The tensor with this name, if there is one. */
    Optional<TensorInfo> tensor(String name);

    /**
     * Maps some of a tensor's bytes, to be read only.
     *
     * @param tensor one of this source's {@link #tensors()}
     * @param byteOffset the first byte, relative to the tensor's first
     * @param byteCount how many bytes
     * @param arena bounds the life of the mapping
     * @throws IllegalArgumentException if the tensor is not one of this source's
     * @throws IndexOutOfBoundsException if the range is not within the tensor
     * @throws IOException if the bytes cannot be read
     */
    MemorySegment map(TensorInfo tensor, long byteOffset, long byteCount, Arena arena) throws IOException;

    /**
     * Checks that the files behind this source have not been shortened since they were opened: the reason of an {@link
     * InternalError} in reads of a mapping.
     *
     * @throws IOException if one has, with its sizes
     */
    default void requireWhole() throws IOException {}

    /** Maps all of a tensor's bytes; see {@link #map(TensorInfo, long, long, Arena)}. */
    default MemorySegment map(TensorInfo tensor, Arena arena) throws IOException {
        return map(tensor, 0, tensor.byteCount(), arena);
    }
}
