package dev.lathe.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Products of tiles of plain numbers with one row of activations: one chain of fused multiply-adds an output. */
final class VectorFloatRow {
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();

    private VectorFloatRow() {}

    /**
     * F16: two neighbouring vectors of words; added to the results for rows j and j + 16 of each.
     *
     * @param stride ints of a column. As the compiler cannot know it, it leaves the loop as it stands: unrolled, it runs short
     *     of registers and takes a third longer
     */
    static void halves(
            int[] weights, int first, int columns, int stride, float[] x, int xOffset, float[] out, int o, int p) {
        FloatVector a = FloatVector.fromArray(FLOATS, out, o);
        FloatVector b = FloatVector.fromArray(FLOATS, out, o + 16);
        FloatVector c = FloatVector.fromArray(FLOATS, out, p);
        FloatVector d = FloatVector.fromArray(FLOATS, out, p + 16);
        int column = xOffset;
        for (int at = first; at < first + columns * stride; at += stride) {
            IntVector v = IntVector.fromArray(INTS, weights, at);
            IntVector w = IntVector.fromArray(INTS, weights, at + LANES);
            FloatVector m = FloatVector.broadcast(FLOATS, x[column++]);
            a = v.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(0x8fffe000)
                    .reinterpretAsFloats()
                    .fma(m, a);
            b = v.lanewise(VectorOperators.ASHR, 3)
                    .and(0x8fffe000)
                    .reinterpretAsFloats()
                    .fma(m, b);
            c = w.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(0x8fffe000)
                    .reinterpretAsFloats()
                    .fma(m, c);
            d = w.lanewise(VectorOperators.ASHR, 3)
                    .and(0x8fffe000)
                    .reinterpretAsFloats()
                    .fma(m, d);
        }
        a.intoArray(out, o);
        b.intoArray(out, o + 16);
        c.intoArray(out, p);
        d.intoArray(out, p + 16);
    }

    /** BF16: as {@link #halves}. */
    static void brains(
            int[] weights, int first, int columns, int stride, float[] x, int xOffset, float[] out, int o, int p) {
        FloatVector a = FloatVector.fromArray(FLOATS, out, o);
        FloatVector b = FloatVector.fromArray(FLOATS, out, o + 16);
        FloatVector c = FloatVector.fromArray(FLOATS, out, p);
        FloatVector d = FloatVector.fromArray(FLOATS, out, p + 16);
        int column = xOffset;
        for (int at = first; at < first + columns * stride; at += stride) {
            IntVector v = IntVector.fromArray(INTS, weights, at);
            IntVector w = IntVector.fromArray(INTS, weights, at + LANES);
            FloatVector m = FloatVector.broadcast(FLOATS, x[column++]);
            a = v.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(m, a);
            b = v.and(0xffff0000).reinterpretAsFloats().fma(m, b);
            c = w.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(m, c);
            d = w.and(0xffff0000).reinterpretAsFloats().fma(m, d);
        }
        a.intoArray(out, o);
        b.intoArray(out, o + 16);
        c.intoArray(out, p);
        d.intoArray(out, p + 16);
    }

    /** F32: four neighbouring vectors of numbers, 64 numbers a column. */
    static void floats(int[] weights, int first, int columns, float[] x, int xOffset, float[] out, int o) {
        FloatVector a = FloatVector.fromArray(FLOATS, out, o);
        FloatVector b = FloatVector.fromArray(FLOATS, out, o + LANES);
        FloatVector c = FloatVector.fromArray(FLOATS, out, o + 2 * LANES);
        FloatVector d = FloatVector.fromArray(FLOATS, out, o + 3 * LANES);
        for (int k = 0; k < columns; k++) {
            int at = first + k * 64;
            FloatVector m = FloatVector.broadcast(FLOATS, x[xOffset + k]);
            a = IntVector.fromArray(INTS, weights, at).reinterpretAsFloats().fma(m, a);
            b = IntVector.fromArray(INTS, weights, at + LANES)
                    .reinterpretAsFloats()
                    .fma(m, b);
            c = IntVector.fromArray(INTS, weights, at + 2 * LANES)
                    .reinterpretAsFloats()
                    .fma(m, c);
            d = IntVector.fromArray(INTS, weights, at + 3 * LANES)
                    .reinterpretAsFloats()
                    .fma(m, d);
        }
        a.intoArray(out, o);
        b.intoArray(out, o + LANES);
        c.intoArray(out, o + 2 * LANES);
        d.intoArray(out, o + 3 * LANES);
    }
}
