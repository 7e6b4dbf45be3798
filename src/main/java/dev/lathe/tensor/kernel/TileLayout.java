package dev.lathe.tensor.kernel;

/**
 * A packed, quantized matrix of any type: which integers, whether they are signed, which scales.
 *
 * @param integers the plane of small integers
 * @param signed whether the center of the plane is subtracted from its values
 * @param scales the plane of scales
 */
public record TileLayout(IntegerPlane integers, boolean signed, ScalePlane scales) {
    /** Ints of a tile of 64 rows with so many blocks of 32 columns. */
    public int tileInts(int blocks) {
        return blocks * blockInts() + blocks / ScalePlane.SUPER_BLOCKS * superInts();
    }

    /** Ints of a block: the words of its scales, then those of its integers, so that a tile is read as one stream. */
    public int blockInts() {
        return (scales.blockWords() + integers.words()) * IntegerPlane.WORD;
    }

    /** Ints of a super-block's own scales, which stand before its first block. */
    public int superInts() {
        return scales.superWords() * IntegerPlane.WORD;
    }

    /** Index of a block's scales from the start of its tile. */
    public int scalesOffset(int block) {
        return block * blockInts() + (block / ScalePlane.SUPER_BLOCKS + 1) * superInts();
    }

    /** Index of a block's integers from the start of its tile. */
    public int integersOffset(int block) {
        return scalesOffset(block) + scales.blockWords() * IntegerPlane.WORD;
    }

    /** Index of the scales of a block's super-block from the start of the tile. */
    public int superScalesOffset(int block) {
        return scalesOffset(block / ScalePlane.SUPER_BLOCKS * ScalePlane.SUPER_BLOCKS) - superInts();
    }
}
