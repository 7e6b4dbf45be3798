package dev.lathe.tensor.kernel;

/**
 * How the scales of a quantized matrix lie in a tile, before the integers of their block; in the words of {@link IntegerPlane}. F16
 * numbers and bytes fill one 16-bit lane a row.
 */
public enum ScalePlane {
    /** value = d * q: a word a block. */
    SCALE(1, 0, 32),
    /** value = d * q with d in bfloat16: a word a block. */
    BRAIN_SCALE(1, 0, 32),
    /** value = d * q + m: two words a block. */
    SCALE_AND_MINIMUM(2, 0, 32),
    /** value = d * q: a word of d before every 256 columns. */
    SCALE_OF_256(0, 1, 32),
    /** value = (d * s) * q: a word of signed s a block; a word of d before every 256 columns. */
    SUPER_SCALE(1, 1, 32),
    /**
     * value = (d * s) * q - (dmin * t): a word of bytes (s, t) a block; words of d and dmin before every 256
     * columns.
     */
    SUPER_SCALE_AND_MINIMUM(1, 2, 32),
    /** value = (d * s) * q for every 16 columns: a word of two signed bytes a block; a word of d before every 256 columns. */
    SUPER_SCALE_OF_16(1, 1, 16),
    /**
     * value = (d * s) * q - (dmin * t) for every 16 columns: a word of nibbles (s, t, s, t) a block; words of d and dmin
     * before every 256 columns.
     */
    SUPER_SCALE_AND_MINIMUM_OF_16(1, 2, 16);

    /** Blocks of 32 that share one word of super-scales. */
    public static final int SUPER_BLOCKS = 8;

    private final int blockWords;
    private final int superWords;
    private final int columns;

    ScalePlane(int blockWords, int superWords, int columns) {
        this.blockWords = blockWords;
        this.superWords = superWords;
        this.columns = columns;
    }

    /** Words a block of 32 columns. */
    public int blockWords() {
        return blockWords;
    }

    /** Words a super-block of 256 columns. */
    public int superWords() {
        return superWords;
    }

    /** Columns that share one scale. */
    public int columns() {
        return columns;
    }

    /** Whether values have a minimum beside their scale. */
    public boolean hasMinimum() {
        return switch (this) {
            case SCALE_AND_MINIMUM, SUPER_SCALE_AND_MINIMUM, SUPER_SCALE_AND_MINIMUM_OF_16 -> true;
            case SCALE, BRAIN_SCALE, SCALE_OF_256, SUPER_SCALE, SUPER_SCALE_OF_16 -> false;
        };
    }
}
