package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;

/**
 * Encodes and decodes the elements of one {@link TensorType}, a whole number of blocks at a time.
 *
 * <p>Decoding gives the bits that the format defines. Encoding is deterministic: the same bits on every machine. It takes
 * finite numbers only, of any magnitude, and gives finite numbers only: scales stay within their type's range. Codecs are
 * stateless and thread-safe.
 */
public interface BlockCodec {
    /**
     * The codec of a type.
     *
     * @throws IllegalArgumentException if the type has none
     */
    static BlockCodec of(TensorType type) {
        return Codecs.of(type);
    }

    /** The types that have a codec. */
    static Set<TensorType> types() {
        return Codecs.types();
    }

    /** The type of the blocks. */
    TensorType type();

    /**
     * Decodes blocks.
     *
     * @param source the blocks
     * @param sourceOffset byte of the first block
     * @param target receives the elements
     * @param targetOffset index of the first element
     * @param count elements; a multiple of the block size
     * @throws IllegalArgumentException if the count is not whole blocks
     * @throws IndexOutOfBoundsException if the arrays do not hold so many
     */
    void decode(byte[] source, int sourceOffset, float[] target, int targetOffset, int count);

    /** {@link #decode(byte[], int, float[], int, int) Decodes} blocks of a segment, such as a row of a mapped file. */
    default void decode(MemorySegment source, long sourceOffset, float[] target, int targetOffset, int count) {
        byte[] bytes = new byte[Math.toIntExact(type().byteCount(count))];
        MemorySegment.copy(source, ValueLayout.JAVA_BYTE, sourceOffset, bytes, 0, bytes.length);
        decode(bytes, 0, target, targetOffset, count);
    }

    /** Whether {@link #encode} is there; a few types are decoded only. */
    boolean encodes();

    /**
     * Encodes elements so that their squared error, weighted by importance, is small.
     *
     * @param source the elements; finite
     * @param sourceOffset index of the first element
     * @param importances the weight of each element's squared error, finite and not negative; null gives all the same.
     *     Where a block's are all zero, they count as the same. Plain numbers have no use for them
     * @param importanceOffset index of the first element's importance
     * @param target receives the blocks
     * @param targetOffset byte of the first block
     * @param count elements; a multiple of the block size
     * @throws IllegalArgumentException if the count is not whole blocks, or an element or importance is not as above; the
     *     message names its index
     * @throws IndexOutOfBoundsException if the arrays do not hold so many
     * @throws UnsupportedOperationException if the type is decoded only
     */
    void encode(
            float[] source,
            int sourceOffset,
            float[] importances,
            int importanceOffset,
            byte[] target,
            int targetOffset,
            int count);
}
