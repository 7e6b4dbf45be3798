package dev.lathe.tensor;

import java.util.Optional;

/**
 * How the elements of a tensor are encoded: plain numbers, or blocks of small integers with scales.
 *
 * <p>The identifiers, block sizes and byte counts are those of the GGUF file format, so that every tensor of a file has
 * a known size even where no kernel computes with its type. A row's length must be a multiple of {@link #blockSize()}.
 */
public enum TensorType {
    F32(0, 1, 4),
    F16(1, 1, 2),
    Q4_0(2, 32, 18),
    Q4_1(3, 32, 20),
    Q5_0(6, 32, 22),
    Q5_1(7, 32, 24),
    Q8_0(8, 32, 34),
    Q8_1(9, 32, 36),
    Q2_K(10, 256, 84),
    Q3_K(11, 256, 110),
    Q4_K(12, 256, 144),
    Q5_K(13, 256, 176),
    Q6_K(14, 256, 210),
    Q8_K(15, 256, 292),
    IQ2_XXS(16, 256, 66),
    IQ2_XS(17, 256, 74),
    IQ3_XXS(18, 256, 98),
    IQ1_S(19, 256, 50),
    IQ4_NL(20, 32, 18),
    IQ3_S(21, 256, 110),
    IQ2_S(22, 256, 82),
    IQ4_XS(23, 256, 136),
    I8(24, 1, 1),
    I16(25, 1, 2),
    I32(26, 1, 4),
    I64(27, 1, 8),
    F64(28, 1, 8),
    IQ1_M(29, 256, 56),
    BF16(30, 1, 2),
    TQ1_0(34, 256, 54),
    TQ2_0(35, 256, 66),
    MXFP4(39, 32, 17),
    NVFP4(40, 64, 36),
    Q1_0(41, 128, 18),
    Q2_0(42, 64, 18);

    private final int id;
    private final int blockSize;
    private final int blockBytes;

    TensorType(int id, int blockSize, int blockBytes) {
        this.id = id;
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
    }

    /** The type's number in a GGUF file. */
    public int id() {
        return id;
    }

    /** Elements in one block; 1 for plain numbers. */
    public int blockSize() {
        return blockSize;
    }

    /** Bytes of one block. */
    public int blockBytes() {
        return blockBytes;
    }

    /**
     * Bytes of {@code elementCount} elements.
     *
     * @throws IllegalArgumentException if the count is negative or no multiple of the block size
     * @throws ArithmeticException if the result does not fit in a {@code long}
     */
    public long byteCount(long elementCount) {
        if (elementCount < 0 || elementCount % blockSize != 0) {
            throw new IllegalArgumentException(
                    this + ": " + elementCount + " elements are no whole number of blocks of " + blockSize);
        }
        return Math.multiplyExact(elementCount / blockSize, (long) blockBytes);
    }

    /** The type with this GGUF number, if there is one. */
    public static Optional<TensorType> ofId(int id) {
        for (TensorType type : values()) {
            if (type.id == id) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
