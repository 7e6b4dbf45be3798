package dev.lathe.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Unpacks quantized keys and values on the Vector API: a vector is neighbouring positions, or columns of a block. */
final class VectorCache implements CacheKernels {
    private static final int TILE = AttentionKernels.TILE;
    private static final int SIZE = CacheBlocks.SIZE;

    /** At most 256 bits: a block has eight columns. */
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED.length() > CacheBlocks.COLUMNS
            ? FloatVector.SPECIES_256
            : FloatVector.SPECIES_PREFERRED;

    private static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);
    private static final VectorShape HALF_SHAPE = VectorShape.forBitSize(FLOATS.vectorBitSize() / 2);
    private static final VectorSpecies<Integer> HALF_INTS = HALF_SHAPE.withLanes(int.class);
    private static final VectorSpecies<Short> HALF_SHORTS = HALF_SHAPE.withLanes(short.class);
    private static final int LANES = FLOATS.length();

    @Override
    public void unpackKeys(
            CacheBlocks blocks, int[] words, int at, short[] scales, int scaleAt, int size, float[] tile) {
        int ints = blocks.keyInts(size);
        switch (blocks) {
            case EIGHT -> keysOfEightBits(words, at, scales, scaleAt, ints, tile);
            case FOUR -> keysOfFourBits(words, at, scales, scaleAt, ints, tile);
        }
    }

    private static void keysOfEightBits(int[] words, int at, short[] scales, int scaleAt, int ints, float[] tile) {
        for (int i = 0; i < ints; i++) {
            for (int j = 0; j < TILE; j += LANES) {
                FloatVector scale = halves(scales, scaleAt + i * 4 / SIZE * TILE + j);
                IntVector v = IntVector.fromArray(INTS, words, at + i * TILE + j);
                int target = 4 * i * TILE + j;
                field(v, 24, 24).mul(scale).intoArray(tile, target);
                field(v, 16, 24).mul(scale).intoArray(tile, target + TILE);
                field(v, 8, 24).mul(scale).intoArray(tile, target + 2 * TILE);
                field(v, 0, 24).mul(scale).intoArray(tile, target + 3 * TILE);
            }
        }
    }

    private static void keysOfFourBits(int[] words, int at, short[] scales, int scaleAt, int ints, float[] tile) {
        for (int i = 0; i < ints; i++) {
            for (int j = 0; j < TILE; j += LANES) {
                FloatVector scale = halves(scales, scaleAt + i * 8 / SIZE * TILE + j);
                IntVector v = IntVector.fromArray(INTS, words, at + i * TILE + j);
                int target = 8 * i * TILE + j;
                field(v, 28, 28).mul(scale).intoArray(tile, target);
                field(v, 24, 28).mul(scale).intoArray(tile, target + TILE);
                field(v, 20, 28).mul(scale).intoArray(tile, target + 2 * TILE);
                field(v, 16, 28).mul(scale).intoArray(tile, target + 3 * TILE);
                field(v, 12, 28).mul(scale).intoArray(tile, target + 4 * TILE);
                field(v, 8, 28).mul(scale).intoArray(tile, target + 5 * TILE);
                field(v, 4, 28).mul(scale).intoArray(tile, target + 6 * TILE);
                field(v, 0, 28).mul(scale).intoArray(tile, target + 7 * TILE);
            }
        }
    }

    /** What a short block writes too far, the next position overwrites. */
    @Override
    public void unpackValues(
            CacheBlocks blocks, int[] words, int at, short[] scales, int scaleAt, int size, float[] tile) {
        int count = CacheBlocks.scales(size);
        for (int position = 0; position < TILE; position++) {
            for (int block = 0; block < count; block++) {
                int index = position * count + block;
                float scale = Float.float16ToFloat(scales[scaleAt + index]);
                int target = position * size + block * SIZE;
                switch (blocks) {
                    case EIGHT -> valuesOfEightBits(words, at + index * 8, scale, tile, target);
                    case FOUR -> valuesOfFourBits(words, at + index * 4, scale, tile, target);
                }
            }
        }
    }

    private static void valuesOfEightBits(int[] words, int at, float scale, float[] tile, int target) {
        for (int j = 0; j < 8; j += LANES) {
            IntVector v = IntVector.fromArray(INTS, words, at + j);
            field(v, 24, 24).mul(scale).intoArray(tile, target + j);
            field(v, 16, 24).mul(scale).intoArray(tile, target + j + 8);
            field(v, 8, 24).mul(scale).intoArray(tile, target + j + 16);
            field(v, 0, 24).mul(scale).intoArray(tile, target + j + 24);
        }
    }

    private static void valuesOfFourBits(int[] words, int at, float scale, float[] tile, int target) {
        for (int j = 0; j < 8; j += LANES) {
            IntVector v = (IntVector) IntVector.fromArray(HALF_INTS, words, at + j / 2)
                    .reinterpretAsShorts()
                    .convertShape(VectorOperators.S2I, INTS, 0);
            field(v, 28, 28).mul(scale).intoArray(tile, target + j);
            field(v, 24, 28).mul(scale).intoArray(tile, target + j + 8);
            field(v, 20, 28).mul(scale).intoArray(tile, target + j + 16);
            field(v, 16, 28).mul(scale).intoArray(tile, target + j + 24);
        }
    }

    /** The signed field of each lane as a float. */
    private static FloatVector field(IntVector v, int left, int right) {
        return (FloatVector) v.lanewise(VectorOperators.LSHL, left)
                .lanewise(VectorOperators.ASHR, right)
                .convert(VectorOperators.I2F, 0);
    }

    /** Half precision to float; NaN and infinities become NaN. */
    private static FloatVector halves(short[] source, int at) {
        IntVector h =
                (IntVector) ShortVector.fromArray(HALF_SHORTS, source, at).convertShape(VectorOperators.S2I, INTS, 0);
        // sign and shifted exponent and mantissa: half = 2^112 times that float, subnormals included
        FloatVector finite = h.lanewise(VectorOperators.LSHL, 13)
                .and(0x8fffe000)
                .reinterpretAsFloats()
                .mul(0x1p112f);
        return finite.blend(
                Float.NaN, h.and(0x7c00).compare(VectorOperators.EQ, 0x7c00).cast(FLOATS));
    }
}
