package dev.lathe.tensor;

import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.ScalePlane;
import dev.lathe.tensor.kernel.TileLayout;

/** Writes the 16-bit lanes of one row of one tile; the tile starts as zeros. */
final class TileWriter {
    private final TileLayout layout;
    private final int[] tiles;
    private final int blocks;
    private int tile;
    private int row;

    TileWriter(TileLayout layout, int[] tiles, int blocks) {
        this.layout = layout;
        this.tiles = tiles;
        this.blocks = blocks;
    }

    /** Goes to a row of the matrix. */
    void row(int matrixRow) {
        tile = matrixRow / IntegerPlane.ROWS * layout.tileInts(blocks);
        row = matrixRow % IntegerPlane.ROWS;
    }

    /** A word of integers of a block. */
    void integers(int block, int word, int value) {
        IntegerPlane.setHalf(tiles, tile + layout.integersOffset(block), word, row, value);
    }

    /** The nibbles of four columns of a block. */
    void nibbles(int block, int index, int value) {
        integers(block, layout.integers().nibbleWord(index), value);
    }

    /** The bits above the nibbles of 16 or 8 columns of a block. */
    void upperBits(int block, int index, int value) {
        integers(block, layout.integers().upperWord(index), value);
    }

    /** One integer of a block, minus the center where the layout is signed. */
    void integer(int block, int column, int value) {
        int stored = layout.signed() ? value + layout.integers().center() : value;
        layout.integers().set(tiles, tile + layout.integersOffset(block), column, row, stored);
    }

    /** A word of scales of a block. */
    void scale(int block, int word, int value) {
        IntegerPlane.setHalf(tiles, tile + layout.scalesOffset(block), word, row, value);
    }

    /** A word of scales of a super-block. */
    void superScale(int superBlock, int word, int value) {
        int block = superBlock * ScalePlane.SUPER_BLOCKS;
        IntegerPlane.setHalf(tiles, tile + layout.superScalesOffset(block), word, row, value);
    }
}
