package dev.lathe.tensor.kernel.vector;

import dev.lathe.tensor.kernel.IntegerPlane;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of tiles of plain numbers with four rows of activations: each weight is read and converted once for all four. One
 * chain of fused multiply-adds an output, as in {@link VectorFloatRow}.
 *
 * <p>Results of row r of the activations go to {@code out[r * 64 + o ...]} and {@code out[r * 64 + p ...]}.
 */
final class VectorFloatRows {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();

    private VectorFloatRows() {}

    /** F16, two rows of activations and two neighbouring vectors of a word: added to {@code out}, as {@link VectorFloatRow#halves}. */
    static void pairOfHalves(
            MemorySegment weights,
            long first,
            int columns,
            long stride,
            float[] x,
            int xOffset,
            int xStride,
            float[] out,
            int o,
            int p) {
        FloatVector a0 = FloatVector.fromArray(FLOATS, out, o);
        FloatVector b0 = FloatVector.fromArray(FLOATS, out, o + 16);
        FloatVector c0 = FloatVector.fromArray(FLOATS, out, p);
        FloatVector d0 = FloatVector.fromArray(FLOATS, out, p + 16);
        FloatVector a1 = FloatVector.fromArray(FLOATS, out, o + IntegerPlane.ROWS);
        FloatVector b1 = FloatVector.fromArray(FLOATS, out, o + IntegerPlane.ROWS + 16);
        FloatVector c1 = FloatVector.fromArray(FLOATS, out, p + IntegerPlane.ROWS);
        FloatVector d1 = FloatVector.fromArray(FLOATS, out, p + IntegerPlane.ROWS + 16);
        int x1 = xOffset + xStride;
        int column = 0;
        for (long at = first; at < first + columns * stride; at += stride) {
            IntVector s = IntVector.fromMemorySegment(INTS, weights, at, ORDER);
            FloatVector v = s.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(0x8fffe000)
                    .reinterpretAsFloats();
            FloatVector w = s.lanewise(VectorOperators.ASHR, 3).and(0x8fffe000).reinterpretAsFloats();
            IntVector t = IntVector.fromMemorySegment(INTS, weights, at + 4L * LANES, ORDER);
            FloatVector y = t.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(0x8fffe000)
                    .reinterpretAsFloats();
            FloatVector z = t.lanewise(VectorOperators.ASHR, 3).and(0x8fffe000).reinterpretAsFloats();
            FloatVector m = FloatVector.broadcast(FLOATS, x[xOffset + column]);
            a0 = v.fma(m, a0);
            b0 = w.fma(m, b0);
            c0 = y.fma(m, c0);
            d0 = z.fma(m, d0);
            m = FloatVector.broadcast(FLOATS, x[x1 + column]);
            a1 = v.fma(m, a1);
            b1 = w.fma(m, b1);
            c1 = y.fma(m, c1);
            d1 = z.fma(m, d1);
            column++;
        }
        a0.intoArray(out, o);
        b0.intoArray(out, o + 16);
        c0.intoArray(out, p);
        d0.intoArray(out, p + 16);
        a1.intoArray(out, o + IntegerPlane.ROWS);
        b1.intoArray(out, o + IntegerPlane.ROWS + 16);
        c1.intoArray(out, p + IntegerPlane.ROWS);
        d1.intoArray(out, p + IntegerPlane.ROWS + 16);
    }

    /** BF16: one vector of a word, its lower halves added to o, its upper halves to p. */
    static void brains(
            MemorySegment weights,
            long first,
            int columns,
            long stride,
            float[] x,
            int xOffset,
            int xStride,
            float[] out,
            int o,
            int p) {
        FloatVector c0 = FloatVector.fromArray(FLOATS, out, o);
        FloatVector d0 = FloatVector.fromArray(FLOATS, out, p);
        FloatVector c1 = FloatVector.fromArray(FLOATS, out, o + IntegerPlane.ROWS);
        FloatVector d1 = FloatVector.fromArray(FLOATS, out, p + IntegerPlane.ROWS);
        FloatVector c2 = FloatVector.fromArray(FLOATS, out, o + 2 * IntegerPlane.ROWS);
        FloatVector d2 = FloatVector.fromArray(FLOATS, out, p + 2 * IntegerPlane.ROWS);
        FloatVector c3 = FloatVector.fromArray(FLOATS, out, o + 3 * IntegerPlane.ROWS);
        FloatVector d3 = FloatVector.fromArray(FLOATS, out, p + 3 * IntegerPlane.ROWS);
        int x1 = xOffset + xStride;
        int x2 = x1 + xStride;
        int x3 = x2 + xStride;
        int column = 0;
        for (long at = first; at < first + columns * stride; at += stride) {
            IntVector words = IntVector.fromMemorySegment(INTS, weights, at, ORDER);
            FloatVector v = words.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector w = words.and(0xffff0000).reinterpretAsFloats();
            FloatVector m = FloatVector.broadcast(FLOATS, x[xOffset + column]);
            c0 = v.fma(m, c0);
            d0 = w.fma(m, d0);
            m = FloatVector.broadcast(FLOATS, x[x1 + column]);
            c1 = v.fma(m, c1);
            d1 = w.fma(m, d1);
            m = FloatVector.broadcast(FLOATS, x[x2 + column]);
            c2 = v.fma(m, c2);
            d2 = w.fma(m, d2);
            m = FloatVector.broadcast(FLOATS, x[x3 + column]);
            c3 = v.fma(m, c3);
            d3 = w.fma(m, d3);
            column++;
        }
        c0.intoArray(out, o);
        d0.intoArray(out, p);
        c1.intoArray(out, o + IntegerPlane.ROWS);
        d1.intoArray(out, p + IntegerPlane.ROWS);
        c2.intoArray(out, o + 2 * IntegerPlane.ROWS);
        d2.intoArray(out, p + 2 * IntegerPlane.ROWS);
        c3.intoArray(out, o + 3 * IntegerPlane.ROWS);
        d3.intoArray(out, p + 3 * IntegerPlane.ROWS);
    }

    /** F32: two neighbouring vectors of numbers a column, 64 numbers apart; added to o and p. */
    static void floats(
            MemorySegment weights,
            long first,
            int columns,
            float[] x,
            int xOffset,
            int xStride,
            float[] out,
            int o,
            int p) {
        FloatVector c0 = FloatVector.fromArray(FLOATS, out, o);
        FloatVector d0 = FloatVector.fromArray(FLOATS, out, p);
        FloatVector c1 = FloatVector.fromArray(FLOATS, out, o + IntegerPlane.ROWS);
        FloatVector d1 = FloatVector.fromArray(FLOATS, out, p + IntegerPlane.ROWS);
        FloatVector c2 = FloatVector.fromArray(FLOATS, out, o + 2 * IntegerPlane.ROWS);
        FloatVector d2 = FloatVector.fromArray(FLOATS, out, p + 2 * IntegerPlane.ROWS);
        FloatVector c3 = FloatVector.fromArray(FLOATS, out, o + 3 * IntegerPlane.ROWS);
        FloatVector d3 = FloatVector.fromArray(FLOATS, out, p + 3 * IntegerPlane.ROWS);
        int x1 = xOffset + xStride;
        int x2 = x1 + xStride;
        int x3 = x2 + xStride;
        for (int k = 0; k < columns; k++) {
            FloatVector v = IntVector.fromMemorySegment(INTS, weights, first + k * 256L, ORDER)
                    .reinterpretAsFloats();
            FloatVector w = IntVector.fromMemorySegment(INTS, weights, first + k * 256L + 4L * LANES, ORDER)
                    .reinterpretAsFloats();
            FloatVector m = FloatVector.broadcast(FLOATS, x[xOffset + k]);
            c0 = v.fma(m, c0);
            d0 = w.fma(m, d0);
            m = FloatVector.broadcast(FLOATS, x[x1 + k]);
            c1 = v.fma(m, c1);
            d1 = w.fma(m, d1);
            m = FloatVector.broadcast(FLOATS, x[x2 + k]);
            c2 = v.fma(m, c2);
            d2 = w.fma(m, d2);
            m = FloatVector.broadcast(FLOATS, x[x3 + k]);
            c3 = v.fma(m, c3);
            d3 = w.fma(m, d3);
        }
        c0.intoArray(out, o);
        d0.intoArray(out, p);
        c1.intoArray(out, o + IntegerPlane.ROWS);
        d1.intoArray(out, p + IntegerPlane.ROWS);
        c2.intoArray(out, o + 2 * IntegerPlane.ROWS);
        d2.intoArray(out, p + 2 * IntegerPlane.ROWS);
        c3.intoArray(out, o + 3 * IntegerPlane.ROWS);
        d3.intoArray(out, p + 3 * IntegerPlane.ROWS);
    }

    /** F16 where a vector is half a word: both vectors of a column in one stream of memory; all 64 results are set. */
    static void wideHalves(
            MemorySegment weights,
            long first,
            int columns,
            long stride,
            float[] x,
            int xOffset,
            int xStride,
            float[] out) {
        FloatVector a0 = FloatVector.zero(FLOATS);
        FloatVector b0 = FloatVector.zero(FLOATS);
        FloatVector c0 = FloatVector.zero(FLOATS);
        FloatVector d0 = FloatVector.zero(FLOATS);
        FloatVector a1 = FloatVector.zero(FLOATS);
        FloatVector b1 = FloatVector.zero(FLOATS);
        FloatVector c1 = FloatVector.zero(FLOATS);
        FloatVector d1 = FloatVector.zero(FLOATS);
        FloatVector a2 = FloatVector.zero(FLOATS);
        FloatVector b2 = FloatVector.zero(FLOATS);
        FloatVector c2 = FloatVector.zero(FLOATS);
        FloatVector d2 = FloatVector.zero(FLOATS);
        FloatVector a3 = FloatVector.zero(FLOATS);
        FloatVector b3 = FloatVector.zero(FLOATS);
        FloatVector c3 = FloatVector.zero(FLOATS);
        FloatVector d3 = FloatVector.zero(FLOATS);
        int x1 = xOffset + xStride;
        int x2 = x1 + xStride;
        int x3 = x2 + xStride;
        int column = 0;
        for (long at = first; at < first + columns * stride; at += stride) {
            IntVector s = IntVector.fromMemorySegment(INTS, weights, at, ORDER);
            FloatVector v = s.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(0x8fffe000)
                    .reinterpretAsFloats();
            FloatVector w = s.lanewise(VectorOperators.ASHR, 3).and(0x8fffe000).reinterpretAsFloats();
            IntVector t = IntVector.fromMemorySegment(INTS, weights, at + 4L * LANES, ORDER);
            FloatVector y = t.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(0x8fffe000)
                    .reinterpretAsFloats();
            FloatVector z = t.lanewise(VectorOperators.ASHR, 3).and(0x8fffe000).reinterpretAsFloats();
            FloatVector m = FloatVector.broadcast(FLOATS, x[xOffset + column]);
            a0 = v.fma(m, a0);
            b0 = w.fma(m, b0);
            c0 = y.fma(m, c0);
            d0 = z.fma(m, d0);
            m = FloatVector.broadcast(FLOATS, x[x1 + column]);
            a1 = v.fma(m, a1);
            b1 = w.fma(m, b1);
            c1 = y.fma(m, c1);
            d1 = z.fma(m, d1);
            m = FloatVector.broadcast(FLOATS, x[x2 + column]);
            a2 = v.fma(m, a2);
            b2 = w.fma(m, b2);
            c2 = y.fma(m, c2);
            d2 = z.fma(m, d2);
            m = FloatVector.broadcast(FLOATS, x[x3 + column]);
            a3 = v.fma(m, a3);
            b3 = w.fma(m, b3);
            c3 = y.fma(m, c3);
            d3 = z.fma(m, d3);
            column++;
        }
        a0.intoArray(out, 0);
        b0.intoArray(out, 16);
        c0.intoArray(out, 32);
        d0.intoArray(out, 48);
        a1.intoArray(out, IntegerPlane.ROWS);
        b1.intoArray(out, IntegerPlane.ROWS + 16);
        c1.intoArray(out, IntegerPlane.ROWS + 32);
        d1.intoArray(out, IntegerPlane.ROWS + 48);
        a2.intoArray(out, 2 * IntegerPlane.ROWS);
        b2.intoArray(out, 2 * IntegerPlane.ROWS + 16);
        c2.intoArray(out, 2 * IntegerPlane.ROWS + 32);
        d2.intoArray(out, 2 * IntegerPlane.ROWS + 48);
        a3.intoArray(out, 3 * IntegerPlane.ROWS);
        b3.intoArray(out, 3 * IntegerPlane.ROWS + 16);
        c3.intoArray(out, 3 * IntegerPlane.ROWS + 32);
        d3.intoArray(out, 3 * IntegerPlane.ROWS + 48);
    }

    /** As {@link #wideHalves} for three rows of activations. */
    static void wideHalvesOfThree(
            MemorySegment weights,
            long first,
            int columns,
            long stride,
            float[] x,
            int xOffset,
            int xStride,
            float[] out) {
        FloatVector a0 = FloatVector.zero(FLOATS);
        FloatVector b0 = FloatVector.zero(FLOATS);
        FloatVector c0 = FloatVector.zero(FLOATS);
        FloatVector d0 = FloatVector.zero(FLOATS);
        FloatVector a1 = FloatVector.zero(FLOATS);
        FloatVector b1 = FloatVector.zero(FLOATS);
        FloatVector c1 = FloatVector.zero(FLOATS);
        FloatVector d1 = FloatVector.zero(FLOATS);
        FloatVector a2 = FloatVector.zero(FLOATS);
        FloatVector b2 = FloatVector.zero(FLOATS);
        FloatVector c2 = FloatVector.zero(FLOATS);
        FloatVector d2 = FloatVector.zero(FLOATS);
        int x1 = xOffset + xStride;
        int x2 = x1 + xStride;
        int column = 0;
        for (long at = first; at < first + columns * stride; at += stride) {
            IntVector s = IntVector.fromMemorySegment(INTS, weights, at, ORDER);
            FloatVector v = s.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(0x8fffe000)
                    .reinterpretAsFloats();
            FloatVector w = s.lanewise(VectorOperators.ASHR, 3).and(0x8fffe000).reinterpretAsFloats();
            IntVector t = IntVector.fromMemorySegment(INTS, weights, at + 4L * LANES, ORDER);
            FloatVector y = t.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(0x8fffe000)
                    .reinterpretAsFloats();
            FloatVector z = t.lanewise(VectorOperators.ASHR, 3).and(0x8fffe000).reinterpretAsFloats();
            FloatVector m = FloatVector.broadcast(FLOATS, x[xOffset + column]);
            a0 = v.fma(m, a0);
            b0 = w.fma(m, b0);
            c0 = y.fma(m, c0);
            d0 = z.fma(m, d0);
            m = FloatVector.broadcast(FLOATS, x[x1 + column]);
            a1 = v.fma(m, a1);
            b1 = w.fma(m, b1);
            c1 = y.fma(m, c1);
            d1 = z.fma(m, d1);
            m = FloatVector.broadcast(FLOATS, x[x2 + column]);
            a2 = v.fma(m, a2);
            b2 = w.fma(m, b2);
            c2 = y.fma(m, c2);
            d2 = z.fma(m, d2);
            column++;
        }
        a0.intoArray(out, 0);
        b0.intoArray(out, 16);
        c0.intoArray(out, 32);
        d0.intoArray(out, 48);
        a1.intoArray(out, IntegerPlane.ROWS);
        b1.intoArray(out, IntegerPlane.ROWS + 16);
        c1.intoArray(out, IntegerPlane.ROWS + 32);
        d1.intoArray(out, IntegerPlane.ROWS + 48);
        a2.intoArray(out, 2 * IntegerPlane.ROWS);
        b2.intoArray(out, 2 * IntegerPlane.ROWS + 16);
        c2.intoArray(out, 2 * IntegerPlane.ROWS + 32);
        d2.intoArray(out, 2 * IntegerPlane.ROWS + 48);
    }
}
