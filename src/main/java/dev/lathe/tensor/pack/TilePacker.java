package dev.lathe.tensor.pack;

import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.codec.BlockLayout;
import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.ScalePlane;
import dev.lathe.tensor.kernel.TileLayout;

/** Packs rows of blocks, as they lie in a file, into a tile of zeros. One thread at a time. */
final class TilePacker {
    private static final int HALF_EXPONENT = 0x7c00;

    private final TensorType type;
    private final BlockLayout source;
    private final TileLayout layout;
    private final boolean refusesInfinity;
    private final byte[] codes;
    private final int[] lanes;
    private int[] tile;
    private int row;
    private int inWord; // the int of a word that has the row's lane
    private int shift;

    /** Packs blocks of a type. */
    TilePacker(TensorType type, TileLayout layout) {
        this(type, layout, layout.scales() != ScalePlane.BRAIN_SCALE);
    }

    /** Packs blocks of which no scale is refused. */
    static TilePacker ofAnyScales(TensorType type, TileLayout layout) {
        return new TilePacker(type, layout, false);
    }

    private TilePacker(TensorType type, TileLayout layout, boolean refusesInfinity) {
        this.refusesInfinity = refusesInfinity;
        this.type = type;
        this.source = BlockLayout.of(type);
        this.layout = layout;
        codes = new byte[type.blockSize()];
        lanes = new int[layout.integers().words()];
    }

    /** Packs a row of blocks as a row of the tile. */
    void pack(byte[] bytes, int tileRow, int[] into) {
        tile = into;
        row = tileRow;
        inWord = IntegerPlane.intOf(row);
        shift = row & 16;
        int together = type.blockSize() / IntegerPlane.BLOCK;
        for (int i = 0; i < bytes.length / type.blockBytes(); i++) {
            int at = i * type.blockBytes();
            source.readCodes(bytes, at, codes);
            for (int word = 0; word < layout.scales().superWords(); word++) {
                set(layout.superScalesOffset(i * together), word, scaleBits(bytes, at, word));
            }
            for (int block = 0; block < together; block++) {
                scales(bytes, at, block, i * together + block);
                layout.integers().lanes(codes, block * IntegerPlane.BLOCK, lanes);
                int to = (int) (layout.integersOffset(i * together + block) / Integer.BYTES) + inWord;
                for (int word = 0; word < lanes.length; word++) {
                    tile[to + word * IntegerPlane.WORD] |= lanes[word] << shift;
                }
            }
        }
    }

    /** Sets the row's lane in a word of those that begin at a byte of the tile. */
    private void set(long offset, int word, int value) {
        tile[(int) (offset / Integer.BYTES) + word * IntegerPlane.WORD + inWord] |= (value & 0xffff) << shift;
    }

    /** The bits of a scale, which must be a number: kernels read exponent 31 of a half each in its own way. */
    private int scaleBits(byte[] bytes, int at, int word) {
        int bits = source.scaleBits(bytes, at, word);
        if (refusesInfinity && (bits & HALF_EXPONENT) == HALF_EXPONENT) {
            throw new IllegalArgumentException("a scale of row " + row + " of a tile is "
                    + Float.float16ToFloat((short) bits) + ", not a finite number; the file is broken");
        }
        return bits;
    }

    private void scales(byte[] bytes, int at, int inSource, int block) {
        long to = layout.scalesOffset(block);
        int first = inSource * IntegerPlane.BLOCK / layout.scales().columns();
        switch (layout.scales()) {
            case SCALE, BRAIN_SCALE, SCALE_AND_MINIMUM -> {
                for (int word = 0; word < layout.scales().blockWords(); word++) {
                    set(to, word, scaleBits(bytes, at, word));
                }
            }
            case SCALE_OF_256 -> {}
            case SUPER_SCALE -> set(to, 0, source.scale(bytes, at, first));
            case SUPER_SCALE_AND_MINIMUM -> {
                int pair = source.scale(bytes, at, first) | source.minimum(bytes, at, first) << 8;
                set(to, 0, pair);
            }
            case SUPER_SCALE_OF_16 -> {
                int pair = source.scale(bytes, at, first) & 255 | source.scale(bytes, at, first + 1) << 8;
                set(to, 0, pair);
            }
            case SUPER_SCALE_AND_MINIMUM_OF_16 -> {
                int low = source.scale(bytes, at, first) | source.minimum(bytes, at, first) << 4;
                int high = source.scale(bytes, at, first + 1) | source.minimum(bytes, at, first + 1) << 4;
                set(to, 0, low | high << 8);
            }
        }
    }
}
