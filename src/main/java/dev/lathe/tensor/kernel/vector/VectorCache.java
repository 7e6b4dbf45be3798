package dev.lathe.tensor.kernel.vector;

import dev.lathe.tensor.kernel.AttentionKernels;
import dev.lathe.tensor.kernel.CacheBlocks;
import dev.lathe.tensor.kernel.CacheKernels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Unpacks quantized keys and values on the Vector API: a vector is neighbouring positions, or columns of a block.
 *
 * <p>Each loop nest stands in one method: the compiler inlines the Vector API without limit, but not methods around it.
 */
final class VectorCache implements CacheKernels {
    private static final int TILE = AttentionKernels.TILE;
    private static final int SIZE = CacheBlocks.SIZE;

    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Short> HALF_SHORTS =
            VectorShape.forBitSize(FLOATS.vectorBitSize() / 2).withLanes(short.class);
    private static final int LANES = FLOATS.length();

    /** Of values, at most 256 bits: a block has eight columns. */
    private static final VectorSpecies<Integer> COLUMNS =
            LANES > CacheBlocks.COLUMNS ? IntVector.SPECIES_256 : IntVector.SPECIES_PREFERRED;

    private static final VectorSpecies<Integer> HALF_COLUMNS =
            VectorShape.forBitSize(COLUMNS.vectorBitSize() / 2).withLanes(int.class);

    @Override
    public void unpackKeys(
            CacheBlocks blocks, int[] words, int at, short[] scales, int scaleAt, int size, float[] tile) {
        int ints = blocks.keyInts(size);
        for (int j = 0; j < TILE; j += LANES) {
            switch (blocks) {
                case EIGHT -> keysOfEightBits(words, at + j, scales, scaleAt + j, ints, tile, j);
                case FOUR -> keysOfFourBits(words, at + j, scales, scaleAt + j, ints, tile, j);
            }
        }
    }

    private static void keysOfEightBits(
            int[] words, int at, short[] scales, int scaleAt, int ints, float[] tile, int target) {
        for (int first = 0; first < ints; first += SIZE / 4) {
            FloatVector scale = halves(scales, scaleAt + first * 4 / SIZE * TILE);
            for (int i = first; i < Math.min(ints, first + SIZE / 4); i++) {
                IntVector v = IntVector.fromArray(INTS, words, at + i * TILE);
                for (int field = 0; field < 4; field++) {
                    ((FloatVector) v.lanewise(VectorOperators.LSHL, 24 - 8 * field)
                                    .lanewise(VectorOperators.ASHR, 24)
                                    .convert(VectorOperators.I2F, 0))
                            .mul(scale)
                            .intoArray(tile, target + (4 * i + field) * TILE);
                }
            }
        }
    }

    private static void keysOfFourBits(
            int[] words, int at, short[] scales, int scaleAt, int ints, float[] tile, int target) {
        for (int first = 0; first < ints; first += SIZE / 8) {
            FloatVector scale = halves(scales, scaleAt + first * 8 / SIZE * TILE);
            for (int i = first; i < Math.min(ints, first + SIZE / 8); i++) {
                IntVector v = IntVector.fromArray(INTS, words, at + i * TILE);
                for (int field = 0; field < 8; field++) {
                    ((FloatVector) v.lanewise(VectorOperators.LSHL, 28 - 4 * field)
                                    .lanewise(VectorOperators.ASHR, 28)
                                    .convert(VectorOperators.I2F, 0))
                            .mul(scale)
                            .intoArray(tile, target + (8 * i + field) * TILE);
                }
            }
        }
    }

    @Override
    public void unpackValues(
            CacheBlocks blocks, int[] words, int at, short[] scales, int scaleAt, int size, float[] tile) {
        switch (blocks) {
            case EIGHT -> valuesOfEightBits(words, at, scales, scaleAt, size, tile);
            case FOUR -> valuesOfFourBits(words, at, scales, scaleAt, size, tile);
        }
    }

    /** What a short block writes too far, the next position overwrites. */
    private static void valuesOfEightBits(int[] words, int at, short[] scales, int scaleAt, int size, float[] tile) {
        int count = CacheBlocks.scales(size);
        for (int position = 0; position < TILE; position++) {
            for (int block = 0; block < count; block++) {
                int index = position * count + block;
                float scale = Float.float16ToFloat(scales[scaleAt + index]);
                for (int j = 0; j < CacheBlocks.COLUMNS; j += COLUMNS.length()) {
                    IntVector v = IntVector.fromArray(COLUMNS, words, at + index * 8 + j);
                    for (int field = 0; field < 4; field++) {
                        ((FloatVector) v.lanewise(VectorOperators.LSHL, 24 - 8 * field)
                                        .lanewise(VectorOperators.ASHR, 24)
                                        .convert(VectorOperators.I2F, 0))
                                .mul(scale)
                                .intoArray(tile, position * size + block * SIZE + 8 * field + j);
                    }
                }
            }
        }
    }

    private static void valuesOfFourBits(int[] words, int at, short[] scales, int scaleAt, int size, float[] tile) {
        int count = CacheBlocks.scales(size);
        for (int position = 0; position < TILE; position++) {
            for (int block = 0; block < count; block++) {
                int index = position * count + block;
                float scale = Float.float16ToFloat(scales[scaleAt + index]);
                for (int j = 0; j < CacheBlocks.COLUMNS; j += COLUMNS.length()) {
                    IntVector v = (IntVector) IntVector.fromArray(HALF_COLUMNS, words, at + index * 4 + j / 2)
                            .reinterpretAsShorts()
                            .convertShape(VectorOperators.S2I, COLUMNS, 0);
                    for (int field = 0; field < 4; field++) {
                        ((FloatVector) v.lanewise(VectorOperators.LSHL, 28 - 4 * field)
                                        .lanewise(VectorOperators.ASHR, 28)
                                        .convert(VectorOperators.I2F, 0))
                                .mul(scale)
                                .intoArray(tile, position * size + block * SIZE + 8 * field + j);
                    }
                }
            }
        }
    }

    @Override
    public void widen(short[] halves, int at, int count, float[] target) {
        for (int i = 0; i < count; i += LANES) {
            halves(halves, at + i).intoArray(target, i);
        }
    }

    /** Half precision to float. */
    private static FloatVector halves(short[] source, int at) {
        IntVector h =
                (IntVector) ShortVector.fromArray(HALF_SHORTS, source, at).convertShape(VectorOperators.S2I, INTS, 0);
        // sign and shifted exponent and mantissa: half = 2^112 times that float, subnormals included
        IntVector shifted = h.lanewise(VectorOperators.LSHL, 13).and(0x8fffe000);
        VectorMask<Integer> notFinite = h.and(0x7c00).compare(VectorOperators.EQ, 0x7c00);
        return shifted.reinterpretAsFloats()
                .mul(0x1p112f)
                .blend(shifted.or(0x7f800000).reinterpretAsFloats(), notFinite.cast(FLOATS));
    }
}
