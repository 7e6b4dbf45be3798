package dev.lathe.tensor.pack;

import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.codec.BlockLayout;
import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.ScalePlane;
import dev.lathe.tensor.kernel.TileLayout;
import java.lang.foreign.MemorySegment;

/** Packs rows of blocks, as they lie in a file, into tiles of zeros. One thread at a time; tiles belong to one thread each. */
final class TilePacker {
    private static final int HALF_EXPONENT = 0x7c00;

    private final TensorType type;
    private final BlockLayout source;
    private final TileLayout layout;
    private final MemorySegment tiles;
    private final int blocks;
    private final byte[] codes;
    private long tile;
    private int row;

    /** Packs into tiles of so many blocks of 32 columns. */
    TilePacker(TensorType type, TileLayout layout, MemorySegment tiles, int blocks) {
        this.type = type;
        this.source = BlockLayout.of(type);
        this.layout = layout;
        this.tiles = tiles;
        this.blocks = blocks;
        codes = new byte[type.blockSize()];
    }

    /** Packs a row of the matrix. */
    void pack(byte[] bytes, int matrixRow) {
        tile = (long) (matrixRow / IntegerPlane.ROWS) * layout.tileBytes(blocks);
        row = matrixRow % IntegerPlane.ROWS;
        int together = type.blockSize() / IntegerPlane.BLOCK;
        IntegerPlane plane = layout.integers();
        int planeWords = plane.words();
        for (int i = 0; i < bytes.length / type.blockBytes(); i++) {
            int at = i * type.blockBytes();
            source.readCodes(bytes, at, codes);
            superScales(bytes, at, i * together);
            for (int block = 0; block < together; block++) {
                scales(bytes, at, block, i * together + block);
                long integers = tile + layout.integersOffset(i * together + block);
                for (int word = 0; word < planeWords; word++) {
                    int lane = plane.lane(codes, block * IntegerPlane.BLOCK, word);
                    IntegerPlane.setHalf(tiles, integers, word, row, lane);
                }
            }
        }
    }

    private void superScales(byte[] bytes, int at, int block) {
        for (int word = 0; word < layout.scales().superWords(); word++) {
            int bits = scaleBits(bytes, at, word);
            IntegerPlane.setHalf(tiles, tile + layout.superScalesOffset(block), word, row, bits);
        }
    }

    /** The bits of a scale, which must be a number: kernels read exponent 31 of a half each in its own way. */
    private int scaleBits(byte[] bytes, int at, int word) {
        int bits = source.scaleBits(bytes, at, word);
        if ((bits & HALF_EXPONENT) == HALF_EXPONENT && layout.scales() != ScalePlane.BRAIN_SCALE) {
            throw new IllegalArgumentException("a scale of row " + row + " of a tile is "
                    + Float.float16ToFloat((short) bits) + ", not a finite number; the file is broken");
        }
        return bits;
    }

    private void scales(byte[] bytes, int at, int inSource, int block) {
        long to = tile + layout.scalesOffset(block);
        int first = inSource * IntegerPlane.BLOCK / layout.scales().columns();
        switch (layout.scales()) {
            case SCALE, BRAIN_SCALE, SCALE_AND_MINIMUM -> {
                for (int word = 0; word < layout.scales().blockWords(); word++) {
                    IntegerPlane.setHalf(tiles, to, word, row, scaleBits(bytes, at, word));
                }
            }
            case SCALE_OF_256 -> {}
            case SUPER_SCALE -> IntegerPlane.setHalf(tiles, to, 0, row, source.scale(bytes, at, first));
            case SUPER_SCALE_AND_MINIMUM -> {
                int pair = source.scale(bytes, at, first) | source.minimum(bytes, at, first) << 8;
                IntegerPlane.setHalf(tiles, to, 0, row, pair);
            }
            case SUPER_SCALE_OF_16 -> {
                int pair = source.scale(bytes, at, first) & 255 | source.scale(bytes, at, first + 1) << 8;
                IntegerPlane.setHalf(tiles, to, 0, row, pair);
            }
            case SUPER_SCALE_AND_MINIMUM_OF_16 -> {
                int low = source.scale(bytes, at, first) | source.minimum(bytes, at, first) << 4;
                int high = source.scale(bytes, at, first + 1) | source.minimum(bytes, at, first + 1) << 4;
                IntegerPlane.setHalf(tiles, to, 0, row, low | high << 8);
            }
        }
    }
}
