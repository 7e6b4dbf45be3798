package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;

/**
 * How the blocks of a type lie in a file: small integers under scales, for whoever decodes, encodes or packs them. Stateless
 * and thread-safe.
 *
 * <p>A block of small integers under scales: element {@code i} is {@code scale[i / groupSize] * levels[code[i]] - minimum[i /
 * groupSize]}, each operation rounded to float. A layout says where scales and codes are in the block's bytes.
 */
public abstract class BlockLayout {
    private final TensorType type;
    private final int groupSize;
    private final float[] levels;

    /**
     * @param type the type of the blocks
     * @param groupSize elements that share a scale
     * @param levels what each code stands for
     */
    BlockLayout(TensorType type, int groupSize, float[] levels) {
        this.type = type;
        this.groupSize = groupSize;
        this.levels = levels;
    }

    final TensorType type() {
        return type;
    }

    /**
     * The layout of a type's blocks.
     *
     * @throws IllegalArgumentException if the type has none: plain numbers, and vectors of codebooks
     */
    public static BlockLayout of(TensorType type) {
        if (BlockCodec.of(type) instanceof ScaledCodec codec) {
            return codec.layout();
        }
        throw new IllegalArgumentException("elements of type " + type + " are no integers under scales");
    }

    /** Elements of a block. */
    final int size() {
        return type.blockSize();
    }

    final int groupSize() {
        return groupSize;
    }

    final int groups() {
        return size() / groupSize;
    }

    /** What each code stands for; not to be changed. */
    final float[] levels() {
        return levels;
    }

    /** The lowest code that encoders write. */
    int firstCode() {
        return 0;
    }

    /** The highest code that encoders write. */
    int lastCode() {
        return levels.length - 1;
    }

    /** Reads each group's scale and, where the format has minima, its minimum; other minima are left as they are. */
    abstract void readScales(byte[] source, int at, float[] scales, float[] minima);

    /** The 16 bits of a block's scale, or of the scale of its groups' scales; with 1 those of its minima. */
    public abstract int scaleBits(byte[] source, int at, int index);

    /** The integer that the scale of a group is a multiple of; 1 where a block has one scale. */
    public int scale(byte[] source, int at, int group) {
        return 1;
    }

    /** The integer that the minimum of a group is a multiple of; 0 where there is none. */
    public int minimum(byte[] source, int at, int group) {
        return 0;
    }

    /**
     * Reads the codes of a block, unsigned.
     *
     * @param source the block, from {@code at} on
     * @param codes as many as a block has elements
     */
    public abstract void readCodes(byte[] source, int at, byte[] codes);

    /** Writes the codes of a block over any that were there, and no other bytes. */
    abstract void writeCodes(byte[] codes, byte[] target, int at);

    /** Levels from {@code lowest} to {@code highest} by one. */
    static float[] integers(int lowest, int highest) {
        float[] levels = new float[highest - lowest + 1];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = lowest + i;
        }
        return levels;
    }
}
