package dev.lathe.tensor.kernel.vector;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** Expands words of half a tile to floats, a row of them each, for the products of many rows. */
final class VectorScales {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();

    private VectorScales() {}

    /** F16 times a power of two in every 16-bit lane of {@code words} half words, {@code stride} bytes apart, to floats {@code spacing} apart. */
    static void halves(
            float scale, MemorySegment tile, long offset, long stride, int words, float[] target, int at, int spacing) {
        for (int word = 0; word < words; word++) {
            for (int j = 0; j < 16; j += LANES) {
                IntVector h = IntVector.fromMemorySegment(INTS, tile, offset + word * stride + 4L * j, ORDER);
                // sign and shifted exponent and mantissa: half = scale times that float, subnormals included
                h.lanewise(LSHL, 16)
                        .lanewise(ASHR, 3)
                        .and(0x8fffe000)
                        .reinterpretAsFloats()
                        .mul(scale)
                        .intoArray(target, at + word * spacing + j);
                h.lanewise(ASHR, 3)
                        .and(0x8fffe000)
                        .reinterpretAsFloats()
                        .mul(scale)
                        .intoArray(target, at + word * spacing + 16 + j);
            }
        }
    }

    /** The same of BF16. */
    static void brains(MemorySegment tile, long offset, long stride, int words, float[] target, int at, int spacing) {
        for (int word = 0; word < words; word++) {
            for (int j = 0; j < 16; j += LANES) {
                IntVector h = IntVector.fromMemorySegment(INTS, tile, offset + word * stride + 4L * j, ORDER);
                h.lanewise(LSHL, 16).reinterpretAsFloats().intoArray(target, at + word * spacing + j);
                h.and(0xffff0000).reinterpretAsFloats().intoArray(target, at + word * spacing + 16 + j);
            }
        }
    }

    /**
     * Fields of every 16-bit lane times the row's super-scale.
     *
     * @param superScale half word of F16 super-scales
     * @param sign 1, or -1 for what formats subtract
     * @param left bits of the lane above the field
     * @param bits of the field
     * @param signed whether the field has a sign
     * @param target result, from {@code at} on, {@code spacing} floats from word to word
     */
    static void fields(
            MemorySegment tile,
            long superScale,
            float sign,
            long offset,
            long stride,
            int words,
            int left,
            int bits,
            boolean signed,
            float[] target,
            int at,
            int spacing) {
        for (int j = 0; j < 16; j += LANES) {
            IntVector d = IntVector.fromMemorySegment(INTS, tile, superScale + 4L * j, ORDER);
            FloatVector lowScale = d.lanewise(LSHL, 16)
                    .lanewise(ASHR, 3)
                    .and(0x8fffe000)
                    .reinterpretAsFloats()
                    .mul(sign * 0x1p112f);
            FloatVector highScale =
                    d.lanewise(ASHR, 3).and(0x8fffe000).reinterpretAsFloats().mul(sign * 0x1p112f);
            for (int word = 0; word < words; word++) {
                IntVector h = IntVector.fromMemorySegment(INTS, tile, offset + word * stride + 4L * j, ORDER);
                IntVector low = h.lanewise(LSHL, 16 + left);
                IntVector high = h.lanewise(LSHL, left);
                low = signed ? low.lanewise(ASHR, 32 - bits) : low.lanewise(LSHR, 32 - bits);
                high = signed ? high.lanewise(ASHR, 32 - bits) : high.lanewise(LSHR, 32 - bits);
                ((FloatVector) low.convert(I2F, 0)).mul(lowScale).intoArray(target, at + word * spacing + j);
                ((FloatVector) high.convert(I2F, 0)).mul(highScale).intoArray(target, at + word * spacing + 16 + j);
            }
        }
    }
}
