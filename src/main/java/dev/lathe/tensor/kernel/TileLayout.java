package dev.lathe.tensor.kernel;

import dev.lathe.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * A packed, quantized matrix of any type: which integers, whether they are signed, which scales.
 *
 * @param integers the plane of small integers
 * @param signed whether the center of the plane is subtracted from its values
 * @param scales the plane of scales
 */
public record TileLayout(IntegerPlane integers, boolean signed, ScalePlane scales) {
    /**
     * Checks that there are kernels.
     *
     * @throws IllegalArgumentException if no kernel computes with this combination
     */
    public TileLayout {
        if (!hasKernels(integers, signed, scales)) {
            throw new IllegalArgumentException(
                    "no kernel computes with " + (signed ? "signed " : "unsigned ") + integers + " under " + scales);
        }
    }

    /** Written out, as {@link #equals} is: the first use of a record's own costs some ten milliseconds of a start. */
    @Override
    public int hashCode() {
        return (integers.ordinal() << 8 | scales.ordinal()) << 1 | (signed ? 1 : 0);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TileLayout layout
                && integers == layout.integers
                && signed == layout.signed
                && scales == layout.scales;
    }

    /** The layout of a block-quantized type; empty for plain numbers and for what is decoded when it is loaded. */
    public static Optional<TileLayout> of(TensorType type) {
        return switch (type) {
            case Q4_0 -> packed(IntegerPlane.FOUR, true, ScalePlane.SCALE);
            case Q4_1 -> packed(IntegerPlane.FOUR, false, ScalePlane.SCALE_AND_MINIMUM);
            case Q5_0 -> packed(IntegerPlane.FIVE, true, ScalePlane.SCALE);
            case Q5_1 -> packed(IntegerPlane.FIVE, false, ScalePlane.SCALE_AND_MINIMUM);
            case Q8_0 -> packed(IntegerPlane.EIGHT, true, ScalePlane.SCALE);
            case IQ4_NL -> packed(IntegerPlane.NONLINEAR_FOUR, true, ScalePlane.SCALE);
            case IQ4_XS -> packed(IntegerPlane.NONLINEAR_FOUR, true, ScalePlane.SUPER_SCALE);
            case MXFP4 -> packed(IntegerPlane.FLOAT_FOUR, true, ScalePlane.BRAIN_SCALE);
            case Q2_K -> packed(IntegerPlane.TWO, false, ScalePlane.SUPER_SCALE_AND_MINIMUM_OF_16);
            case Q3_K -> packed(IntegerPlane.THREE, true, ScalePlane.SUPER_SCALE_OF_16);
            case Q4_K -> packed(IntegerPlane.FOUR, false, ScalePlane.SUPER_SCALE_AND_MINIMUM);
            case Q5_K -> packed(IntegerPlane.FIVE, false, ScalePlane.SUPER_SCALE_AND_MINIMUM);
            case Q6_K -> packed(IntegerPlane.SIX, true, ScalePlane.SUPER_SCALE_OF_16);
            case TQ1_0, TQ2_0 -> packed(IntegerPlane.TERNARY, true, ScalePlane.SCALE_OF_256);
            default -> Optional.empty();
        };
    }

    private static Optional<TileLayout> packed(IntegerPlane integers, boolean signed, ScalePlane scales) {
        return Optional.of(new TileLayout(integers, signed, scales));
    }

    private static boolean hasKernels(IntegerPlane integers, boolean signed, ScalePlane scales) {
        return switch (scales) {
            case SCALE ->
                switch (integers) {
                    case FOUR, FIVE -> true;
                    case NONLINEAR_FOUR, EIGHT -> signed;
                    case TERNARY, TWO, THREE, FLOAT_FOUR, SIX -> false;
                };
            case SCALE_AND_MINIMUM, SUPER_SCALE_AND_MINIMUM ->
                integers == IntegerPlane.FOUR || integers == IntegerPlane.FIVE;
            case BRAIN_SCALE -> signed && integers == IntegerPlane.FLOAT_FOUR;
            case SCALE_OF_256 -> signed && integers == IntegerPlane.TERNARY;
            case SUPER_SCALE -> signed && integers == IntegerPlane.NONLINEAR_FOUR;
            case SUPER_SCALE_OF_16 -> signed && (integers == IntegerPlane.THREE || integers == IntegerPlane.SIX);
            case SUPER_SCALE_AND_MINIMUM_OF_16 -> !signed && integers == IntegerPlane.TWO;
        };
    }

    /** Bytes of a tile of 64 rows with so many blocks of 32 columns. */
    public long tileBytes(int blocks) {
        return (long) blocks * blockBytes() + (long) (blocks / ScalePlane.SUPER_BLOCKS) * superBytes();
    }

    /** Bytes of a block: the words of its scales, then those of its integers, so that a tile is read as one stream. */
    public int blockBytes() {
        return (scales.blockWords() + integers.words()) * IntegerPlane.WORD_BYTES;
    }

    /** Bytes of a super-block's own scales, which stand before its first block. */
    public int superBytes() {
        return scales.superWords() * IntegerPlane.WORD_BYTES;
    }

    /** Ints of a super-block's own scales. */
    public int superInts() {
        return scales.superWords() * IntegerPlane.WORD;
    }

    /** Bytes from the start of a tile to a block's scales. */
    public long scalesOffset(int block) {
        return (long) block * blockBytes() + (block / ScalePlane.SUPER_BLOCKS + 1L) * superBytes();
    }

    /** Bytes from the start of a tile to a block's integers. */
    public long integersOffset(int block) {
        return scalesOffset(block) + scales.blockWords() * IntegerPlane.WORD_BYTES;
    }

    /** Bytes from the start of a tile to the scales of a block's super-block. */
    public long superScalesOffset(int block) {
        return scalesOffset(block / ScalePlane.SUPER_BLOCKS * ScalePlane.SUPER_BLOCKS) - superBytes();
    }

    /** The integer of a column and a row of the tile that starts at a byte. */
    public int integer(MemorySegment tiles, long tile, int column, int row) {
        int value = integers.get(
                tiles, tile + integersOffset(column / IntegerPlane.BLOCK), column % IntegerPlane.BLOCK, row);
        return signed ? value - integers.center() : value;
    }

    /** What the integer of a column and row is multiplied by. */
    public float scale(MemorySegment tiles, long tile, int column, int row) {
        int block = column / IntegerPlane.BLOCK;
        int bits = IntegerPlane.half(tiles, tile + scalesOffset(block), 0, row);
        int half = column % IntegerPlane.BLOCK / 16;
        return switch (scales) {
            case SCALE, SCALE_AND_MINIMUM -> FloatPlane.half(bits);
            case SCALE_OF_256 -> superScale(tiles, tile, block, 0, row);
            case BRAIN_SCALE -> Float.intBitsToFloat(bits << 16);
            case SUPER_SCALE -> superScale(tiles, tile, block, 0, row) * (short) bits;
            case SUPER_SCALE_AND_MINIMUM -> superScale(tiles, tile, block, 0, row) * (bits & 255);
            case SUPER_SCALE_OF_16 -> superScale(tiles, tile, block, 0, row) * (byte) (bits >>> 8 * half);
            case SUPER_SCALE_AND_MINIMUM_OF_16 -> superScale(tiles, tile, block, 0, row) * (bits >>> 8 * half & 15);
        };
    }

    /** What is added to a column and row: negative for what formats subtract; 0 where there is no minimum. */
    public float minimum(MemorySegment tiles, long tile, int column, int row) {
        int block = column / IntegerPlane.BLOCK;
        long scalesOffset = tile + scalesOffset(block);
        int bits = IntegerPlane.half(tiles, scalesOffset, 0, row);
        int half = column % IntegerPlane.BLOCK / 16;
        return switch (scales) {
            case SCALE, BRAIN_SCALE, SCALE_OF_256, SUPER_SCALE, SUPER_SCALE_OF_16 -> 0;
            case SCALE_AND_MINIMUM -> FloatPlane.half(IntegerPlane.half(tiles, scalesOffset, 1, row));
            case SUPER_SCALE_AND_MINIMUM -> -superScale(tiles, tile, block, 1, row) * (bits >>> 8);
            case SUPER_SCALE_AND_MINIMUM_OF_16 ->
                -superScale(tiles, tile, block, 1, row) * (bits >>> 8 * half + 4 & 15);
        };
    }

    private float superScale(MemorySegment tiles, long tile, int block, int word, int row) {
        return FloatPlane.half(IntegerPlane.half(tiles, tile + superScalesOffset(block), word, row));
    }
}
