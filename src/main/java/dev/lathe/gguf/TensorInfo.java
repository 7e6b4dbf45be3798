package dev.lathe.gguf;

import dev.lathe.tensor.TensorType;
import java.util.List;

/**
 * What a file says about one tensor. A matrix of {@code out} rows by {@code in} columns has the dimensions
 * {@code [in, out]}.
 *
 * @param name the tensor's unique name
 * @param type how its elements are encoded
 * @param dimensions 1 to 4 lengths, the contiguous axis first
 * @param byteOffset where its first byte is, relative to the start of the file's data section
 * @param fileIndex which file of a split set holds it, from 0
 */
public record TensorInfo(String name, TensorType type, List<Long> dimensions, long byteOffset, int fileIndex) {
    /** The most axes a tensor can have. */
    public static final int MAX_DIMENSIONS = 4;

    /**
     * Copies the dimensions.
     *
     * @throws IllegalArgumentException if the name is empty, there are not 1 to 4 dimensions of at least 1, the size
     *     in bytes does not fit in a {@code long}, or the contiguous axis is no multiple of the type's block size
     */
    public TensorInfo {
        dimensions = List.copyOf(dimensions);
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a tensor has an empty name");
        }
        if (dimensions.isEmpty() || dimensions.size() > MAX_DIMENSIONS) {
            throw new IllegalArgumentException("tensor " + name + " has " + dimensions.size()
                    + " dimensions, a tensor has 1 to " + MAX_DIMENSIONS);
        }
        for (long dimension : dimensions) {
            if (dimension < 1) {
                throw new IllegalArgumentException("tensor " + name + " has a dimension of "
                        + Long.toUnsignedString(dimension) + ", expected 1 to " + Long.MAX_VALUE);
            }
        }
        if (dimensions.getFirst() % type.blockSize() != 0) {
            throw new IllegalArgumentException("tensor " + name + " has rows of " + dimensions.getFirst()
                    + " elements, " + type + " needs a multiple of " + type.blockSize());
        }
        try {
            type.byteCount(product(dimensions));
        } catch (ArithmeticException tooLarge) {
            throw new IllegalArgumentException(
                    "tensor " + name + " " + dimensions + " " + type + " has more than " + Long.MAX_VALUE + " bytes",
                    tooLarge);
        }
    }

    /** The length of an axis; 1 beyond the last. */
    public long dimension(int axis) {
        return axis < dimensions.size() ? dimensions.get(axis) : 1;
    }

    /** The product of the dimensions. */
    public long elementCount() {
        return product(dimensions);
    }

    /** Bytes of all elements. */
    public long byteCount() {
        return type.byteCount(elementCount());
    }

    private static long product(List<Long> dimensions) {
        long product = 1;
        for (long dimension : dimensions) {
            product = Math.multiplyExact(product, dimension);
        }
        return product;
    }
}
