package dev.lathe.safetensors;

import java.util.List;

/**
 * What a header says about one tensor.
 *
 * @param name its name, unique in a file and in a set of files
 * @param type how its elements are encoded
 * @param shape its lengths, the contiguous axis last; empty for a single number
 * @param byteOffset where its first byte is, from the start of the file
 * @param byteCount how many bytes it has
 * @param fileIndex which file of a set holds it, from 0
 */
public record StoredTensor(
        String name, ElementType type, List<Long> shape, long byteOffset, long byteCount, int fileIndex) {
    /** Copies the shape. */
    public StoredTensor {
        shape = List.copyOf(shape);
    }
}
