package dev.lathe.tensor.kernel;

/**
 * Where the bits of packed weights come from: each bit of a 16-bit lane is a bit of the same row's block in the file, or
 * its opposite, or constant. So packing most formats is moving bits, whatever they mean.
 *
 * @param blockBytes of a row's block in the file, four or more
 * @param words that a block becomes, one after the other
 * @param sources for bit {@code b} of word {@code w} at {@code 16 * w + b} the number of its bit in the block; -1 for a
 *     constant
 * @param constants for each word the bits that are ones, or opposites
 * @param finite for each word whether its lanes are half-precision numbers, of which infinities and NaNs are refused
 * @param rebased whether lanes are half-precision numbers that become {@link FloatPlane#F16_BELOW_128}
 */
public record LaneBits(int blockBytes, int words, int[] sources, int[] constants, boolean[] finite, boolean rebased) {
    /** Bits of a lane. */
    public static final int LANE = 16;

    private static final int COLUMNS = 2; // a block of plain numbers

    /** Of plain numbers of 16 bits, two columns a block. */
    public static LaneBits ofHalves(boolean rebased) {
        int[] sources = new int[COLUMNS * LANE];
        for (int i = 0; i < sources.length; i++) {
            sources[i] = i;
        }
        return new LaneBits(COLUMNS * Short.BYTES, COLUMNS, sources, new int[COLUMNS], new boolean[COLUMNS], rebased);
    }

    /** The lane of a word, of the bits of a block. */
    public int lane(byte[] block, int word) {
        int lane = constants[word];
        for (int bit = 0; bit < LANE; bit++) {
            int source = sources[word * LANE + bit];
            if (source >= 0) {
                lane ^= (block[source / 8] >> source % 8 & 1) << bit;
            }
        }
        return lane;
    }
}
