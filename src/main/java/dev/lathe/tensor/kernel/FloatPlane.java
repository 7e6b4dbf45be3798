package dev.lathe.tensor.kernel;

/** How plain numbers lie in a tile of 64 rows, column after column. */
public enum FloatPlane {
    /** 64 numbers of 4 bytes a column. */
    F32(64),
    /** A word of 16-bit lanes a column. */
    F16(32),
    /** A word of 16-bit lanes a column: the upper half of float32. */
    BF16(32);

    private final int columnInts;

    FloatPlane(int columnInts) {
        this.columnInts = columnInts;
    }

    /** Ints of a column of 64 rows. */
    public int columnInts() {
        return columnInts;
    }

    /** The number at a column and row of the tile that starts at an int index. */
    public float get(int[] tiles, int tile, int column, int row) {
        return switch (this) {
            case F32 -> Float.intBitsToFloat(tiles[tile + column * IntegerPlane.ROWS + row]);
            case F16 -> half(IntegerPlane.half(tiles, tile, column, row));
            case BF16 -> Float.intBitsToFloat(IntegerPlane.half(tiles, tile, column, row) << 16);
        };
    }

    /** Half precision to float; exponent 31 is read as an ordinary exponent, as all kernels do. */
    static float half(int bits) {
        return Float.intBitsToFloat((bits & 0x8000) << 16 | (bits & 0x7fff) << 13) * 0x1p112f;
    }
}
