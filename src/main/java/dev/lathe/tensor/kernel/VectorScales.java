package dev.lathe.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Expands the packed scales of a tile to floats and adds scaled block sums to the outputs. */
final class VectorScales {
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();

    private VectorScales() {}

    /** F16 in every 16-bit lane of {@code words} consecutive words, {@code stride} ints apart, to rows of 32 floats. */
    static void halves(int[] tile, int offset, int stride, int words, float[] target, int at) {
        for (int word = 0; word < words; word++) {
            for (int j = 0; j < 16; j += LANES) {
                IntVector h = IntVector.fromArray(INTS, tile, offset + word * stride + j);
                // sign and shifted exponent and mantissa: half = 2^112 times that float, subnormals included
                h.lanewise(VectorOperators.LSHL, 16)
                        .lanewise(VectorOperators.ASHR, 3)
                        .and(0x8fffe000)
                        .reinterpretAsFloats()
                        .mul(0x1p112f)
                        .intoArray(target, at + word * 32 + j);
                h.lanewise(VectorOperators.ASHR, 3)
                        .and(0x8fffe000)
                        .reinterpretAsFloats()
                        .mul(0x1p112f)
                        .intoArray(target, at + word * 32 + 16 + j);
            }
        }
    }

    /**
     * The low or high byte of every 16-bit lane, times its row's factor; 8 words share 32 factors.
     *
     * @param spacing floats from one word's result to the next one's
     */
    static void bytes(
            int[] tile,
            int offset,
            int stride,
            int words,
            boolean high,
            boolean signed,
            float[] factors,
            float[] target,
            int at,
            int spacing) {
        int left = high ? 0 : 8;
        for (int word = 0; word < words; word++) {
            int factor = word / ScalePlane.SUPER_BLOCKS * 32;
            for (int j = 0; j < 16; j += LANES) {
                IntVector h = IntVector.fromArray(INTS, tile, offset + word * stride + j);
                IntVector low = h.lanewise(VectorOperators.LSHL, 16 + left);
                IntVector up = h.lanewise(VectorOperators.LSHL, left);
                low = signed ? low.lanewise(VectorOperators.ASHR, 24) : low.lanewise(VectorOperators.LSHR, 24);
                up = signed ? up.lanewise(VectorOperators.ASHR, 24) : up.lanewise(VectorOperators.LSHR, 24);
                ((FloatVector) low.convert(VectorOperators.I2F, 0))
                        .mul(FloatVector.fromArray(FLOATS, factors, factor + j))
                        .intoArray(target, at + word * spacing + j);
                ((FloatVector) up.convert(VectorOperators.I2F, 0))
                        .mul(FloatVector.fromArray(FLOATS, factors, factor + 16 + j))
                        .intoArray(target, at + word * spacing + 16 + j);
            }
        }
    }

    /** {@code out += sum * (scale * activationScale)}, block after block. */
    static void add(
            float[] sums,
            int sumOffset,
            int blocks,
            float[] scales,
            float[] xScales,
            int block,
            float[] out,
            int offset) {
        for (int j = 0; j < 32; j += LANES) {
            FloatVector total = FloatVector.fromArray(FLOATS, out, offset + j);
            for (int b = 0; b < blocks; b++) {
                total = FloatVector.fromArray(FLOATS, sums, sumOffset + b * 32 + j)
                        .fma(FloatVector.fromArray(FLOATS, scales, b * 32 + j).mul(xScales[block + b]), total);
            }
            total.intoArray(out, offset + j);
        }
    }

    /** The same and {@code out += activationSum * (minimum * activationScale)} after each block. */
    static void addWithMinimum(
            float[] sums,
            int sumOffset,
            int blocks,
            float[] scales,
            float[] minima,
            QuantizedRows x,
            int block,
            float[] out,
            int offset) {
        for (int j = 0; j < 32; j += LANES) {
            FloatVector total = FloatVector.fromArray(FLOATS, out, offset + j);
            for (int b = 0; b < blocks; b++) {
                float scale = x.scales[block + b];
                float sum = x.sums[2 * (block + b)] + x.sums[2 * (block + b) + 1];
                total = FloatVector.fromArray(FLOATS, sums, sumOffset + b * 32 + j)
                        .fma(FloatVector.fromArray(FLOATS, scales, b * 32 + j).mul(scale), total);
                total = FloatVector.fromArray(FLOATS, minima, b * 32 + j)
                        .mul(scale)
                        .fma(FloatVector.broadcast(FLOATS, sum), total);
            }
            total.intoArray(out, offset + j);
        }
    }

    /** Sums of 8 columns, two of which share one of the two scales of a block. */
    static void addOf16(
            float[] sums,
            int sumOffset,
            int blocks,
            float[] scales,
            float[] xScales,
            int block,
            float[] out,
            int offset) {
        for (int j = 0; j < 32; j += LANES) {
            FloatVector total = FloatVector.fromArray(FLOATS, out, offset + j);
            for (int half = 0; half < 2 * blocks; half++) {
                FloatVector sum = FloatVector.fromArray(FLOATS, sums, sumOffset + half * 64 + j)
                        .add(FloatVector.fromArray(FLOATS, sums, sumOffset + half * 64 + 32 + j));
                total = sum.fma(
                        FloatVector.fromArray(FLOATS, scales, half * 32 + j).mul(xScales[block + half / 2]), total);
            }
            total.intoArray(out, offset + j);
        }
    }
}
