package dev.lathe.tensor.kernel;

/**
 * A packed, quantized matrix of any type: which integers, whether they are signed, which scales.
 *
 * @param integers the plane of small integers
 * @param signed whether the center of the plane is subtracted from its values
 * @param scales the plane of scales
 */
public record TileLayout(IntegerPlane integers, boolean signed, ScalePlane scales) {
    /** Ints of a tile of 32 rows with so many blocks of 32 columns. */
    public int tileInts(int blocks) {
        return blocks * integers.blockInts() + scales.ints(blocks);
    }

    /** Index of a tile's scales from its start. */
    public int scalesOffset(int blocks) {
        return blocks * integers.blockInts();
    }
}
