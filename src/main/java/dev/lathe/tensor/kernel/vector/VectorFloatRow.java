package dev.lathe.tensor.kernel.vector;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Products of tiles of plain numbers with one row of activations: one chain of fused multiply-adds an output. */
final class VectorFloatRow {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
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
            MemorySegment weights,
            long first,
            int columns,
            long stride,
            float[] x,
            int xOffset,
            float[] out,
            int o,
            int p) {
        FloatVector a = FloatVector.fromArray(FLOATS, out, o);
        FloatVector b = FloatVector.fromArray(FLOATS, out, o + 16);
        FloatVector c = FloatVector.fromArray(FLOATS, out, p);
        FloatVector d = FloatVector.fromArray(FLOATS, out, p + 16);
        int column = xOffset;
        for (long at = first; at < first + columns * stride; at += stride) {
            IntVector v = IntVector.fromMemorySegment(INTS, weights, at, ORDER);
            IntVector w = IntVector.fromMemorySegment(INTS, weights, at + 4L * LANES, ORDER);
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
            MemorySegment weights,
            long first,
            int columns,
            long stride,
            float[] x,
            int xOffset,
            float[] out,
            int o,
            int p) {
        FloatVector a = FloatVector.fromArray(FLOATS, out, o);
        FloatVector b = FloatVector.fromArray(FLOATS, out, o + 16);
        FloatVector c = FloatVector.fromArray(FLOATS, out, p);
        FloatVector d = FloatVector.fromArray(FLOATS, out, p + 16);
        int column = xOffset;
        for (long at = first; at < first + columns * stride; at += stride) {
            IntVector v = IntVector.fromMemorySegment(INTS, weights, at, ORDER);
            IntVector w = IntVector.fromMemorySegment(INTS, weights, at + 4L * LANES, ORDER);
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
    static void floats(MemorySegment weights, long first, int columns, float[] x, int xOffset, float[] out, int o) {
        FloatVector a = FloatVector.fromArray(FLOATS, out, o);
        FloatVector b = FloatVector.fromArray(FLOATS, out, o + LANES);
        FloatVector c = FloatVector.fromArray(FLOATS, out, o + 2 * LANES);
        FloatVector d = FloatVector.fromArray(FLOATS, out, o + 3 * LANES);
        for (int k = 0; k < columns; k++) {
            long at = first + k * 256L;
            FloatVector m = FloatVector.broadcast(FLOATS, x[xOffset + k]);
            a = IntVector.fromMemorySegment(INTS, weights, at, ORDER)
                    .reinterpretAsFloats()
                    .fma(m, a);
            b = IntVector.fromMemorySegment(INTS, weights, at + 4L * LANES, ORDER)
                    .reinterpretAsFloats()
                    .fma(m, b);
            c = IntVector.fromMemorySegment(INTS, weights, at + 4L * (2 * LANES), ORDER)
                    .reinterpretAsFloats()
                    .fma(m, c);
            d = IntVector.fromMemorySegment(INTS, weights, at + 4L * (3 * LANES), ORDER)
                    .reinterpretAsFloats()
                    .fma(m, d);
        }
        a.intoArray(out, o);
        b.intoArray(out, o + LANES);
        c.intoArray(out, o + 2 * LANES);
        d.intoArray(out, o + 3 * LANES);
    }
}
