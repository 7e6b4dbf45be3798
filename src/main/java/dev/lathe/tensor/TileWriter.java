package dev.lathe.tensor;

import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.ScalePlane;
import dev.lathe.tensor.kernel.TileLayout;
import java.lang.foreign.MemorySegment;

/** Writes the 16-bit lanes of one row of one tile; the tile starts as zeros. */
final class TileWriter {
    private final TileLayout layout;
    private final MemorySegment tiles;
    private final int blocks;
    private long tile;
    private int row;

    TileWriter(TileLayout layout, MemorySegment tiles, int blocks) {
        this.layout = layout;
        this.tiles = tiles;
        this.blocks = blocks;
    }

    /** Goes to a row of the matrix. */
    void row(int matrixRow) {
        tile = (long) (matrixRow / IntegerPlane.ROWS) * layout.tileBytes(blocks);
        row = matrixRow % IntegerPlane.ROWS;
    }

    /** A word of integers of a block. */
    void integers(int block, int word, int value) {
        IntegerPlane.setHalf(tiles, tile + layout.integersOffset(block), word, row, value);
    }

    /** Half a block of 5-bit integers: their nibbles, and their fifth bits. */
    void fiveBits(int block, int half, long nibbles, int upper) {
        int last = (int) (nibbles >>> 60) | upper >>> 15 << 4;
        for (int word = 0; word < 5; word++) {
            int value = last >>> word << 15;
            for (int field = 0; field < 3; field++) {
                int column = 3 * word + field;
                value |= (int) (nibbles >>> 4 * column & 15 | (upper >>> column & 1) << 4) << 5 * field;
            }
            integers(block, 5 * half + word, value);
        }
    }

    /** A quarter of a block of 6-bit integers: two times four bytes. */
    void sixBits(int block, int quarter, int first, int second) {
        int last = second >>> 16 & 63 | second >>> 24 << 6; // two columns
        integers(block, 3 * quarter, first & 63 | (first >>> 8 & 63) << 6 | last << 12);
        integers(block, 3 * quarter + 1, first >>> 16 & 63 | first >>> 24 << 6 | last >>> 4 << 12);
        integers(block, 3 * quarter + 2, second & 63 | (second >>> 8 & 63) << 6 | last >>> 8 << 12);
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
