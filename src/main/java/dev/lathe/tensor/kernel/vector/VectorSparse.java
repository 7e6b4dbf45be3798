package dev.lathe.tensor.kernel.vector;

import dev.lathe.tensor.kernel.ActiveColumns;
import dev.lathe.tensor.kernel.FloatPlane;
import dev.lathe.tensor.kernel.GroupSparseProduct;
import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.SparseKernels;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products without what is absent or zero. Of group-sparse tiles each lane takes its own columns out of a vector of
 * neighbouring activations.
 */
final class VectorSparse implements SparseKernels {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();

    @Override
    public void groupRow(MemorySegment weights, long tile, int chunks, int kept, float[] x, int xOffset, float[] out) {
        for (int j = 0; j < IntegerPlane.WORD; j += 2 * LANES) {
            int next = j + LANES;
            row(weights, tile + 4L * j, tile + 4L * next, chunks, kept, x, xOffset, out, outputRow(j), outputRow(next));
        }
    }

    /** The row that the low 16 bits of int {@code j} of a word belong to. */
    private static int outputRow(int j) {
        return j / IntegerPlane.HALF_WORD * IntegerPlane.HALF_ROWS + j % IntegerPlane.HALF_WORD;
    }

    /** Two vectors of words; results for rows j and j + 16 of each. */
    private static void row(
            MemorySegment weights,
            long first,
            long second,
            int chunks,
            int kept,
            float[] x,
            int xOffset,
            float[] out,
            int o,
            int p) {
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int stride = GroupSparseProduct.chunkBytes(kept) / Integer.BYTES;
        for (int chunk = 0; chunk < chunks; chunk++) {
            int from = xOffset + chunk * GroupSparseProduct.CHUNK;
            for (int i = 0; i < GroupSparseProduct.GROUP * kept; i++) {
                int nibbles = chunk * stride + i / 4 * IntegerPlane.WORD;
                int word = chunk * stride + (kept + i) * IntegerPlane.WORD;
                int shift = 4 * (i % 4);
                // the activations around the group; a nibble's low bits say which
                IntVector table = FloatVector.fromArray(FLOATS, x, from + (i / kept * 4 & -LANES))
                        .reinterpretAsInts();
                IntVector columns = IntVector.fromMemorySegment(INTS, weights, first + 4L * nibbles, ORDER)
                        .lanewise(VectorOperators.LSHR, shift);
                IntVector others = IntVector.fromMemorySegment(INTS, weights, second + 4L * nibbles, ORDER)
                        .lanewise(VectorOperators.LSHR, shift);
                IntVector v = IntVector.fromMemorySegment(INTS, weights, first + 4L * word, ORDER);
                IntVector w = IntVector.fromMemorySegment(INTS, weights, second + 4L * word, ORDER);
                a = low(v).fma(take(table, columns), a);
                b = high(v).fma(take(table, columns.lanewise(VectorOperators.LSHR, 16)), b);
                c = low(w).fma(take(table, others), c);
                d = high(w).fma(take(table, others.lanewise(VectorOperators.LSHR, 16)), d);
            }
        }
        a.intoArray(out, o);
        b.intoArray(out, o + 16);
        c.intoArray(out, p);
        d.intoArray(out, p + 16);
    }

    private static FloatVector take(IntVector table, IntVector columns) {
        return columns.and(LANES - 1).selectFrom(table).reinterpretAsFloats();
    }

    /** The low F16 of every lane. */
    private static FloatVector low(IntVector words) {
        return high(words.lanewise(VectorOperators.LSHL, 16));
    }

    /** The high F16 of every lane: half = 2^112 times the float of its shifted bits, subnormals included. */
    private static FloatVector high(IntVector words) {
        return unscaled(words).mul(0x1p112f);
    }

    private static FloatVector unscaled(IntVector words) {
        return words.lanewise(VectorOperators.ASHR, 3).and(0x8fffe000).reinterpretAsFloats();
    }

    @Override
    public void activeRow(FloatPlane plane, MemorySegment weights, long tile, ActiveColumns x, float[] out) {
        switch (plane) {
            case F32 -> {
                for (int j = 0; j < IntegerPlane.ROWS; j += 2 * LANES) {
                    activeFloats(weights, tile + 4L * j, x, out, j);
                }
            }
            case F16, F16_BELOW_128 -> {
                for (int j = 0; j < IntegerPlane.WORD; j += LANES) {
                    activeHalves(weights, tile + 4L * j, x, out, outputRow(j));
                }
            }
            case BF16 -> {
                for (int j = 0; j < IntegerPlane.WORD; j += LANES) {
                    activeBrains(weights, tile + 4L * j, x, out, outputRow(j));
                }
            }
        }
    }

    private static void activeFloats(MemorySegment weights, long first, ActiveColumns x, float[] out, int o) {
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = a;
        for (int i = 0; i < x.count(); i++) {
            long at = first + x.offsets()[i];
            FloatVector m = FloatVector.broadcast(FLOATS, x.values()[i]);
            a = IntVector.fromMemorySegment(INTS, weights, at, ORDER)
                    .reinterpretAsFloats()
                    .fma(m, a);
            b = IntVector.fromMemorySegment(INTS, weights, at + 4L * LANES, ORDER)
                    .reinterpretAsFloats()
                    .fma(m, b);
        }
        a.intoArray(out, o);
        b.intoArray(out, o + LANES);
    }

    private static void activeHalves(MemorySegment weights, long first, ActiveColumns x, float[] out, int o) {
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = a;
        for (int i = 0; i < x.count(); i++) {
            IntVector words = IntVector.fromMemorySegment(INTS, weights, first + x.offsets()[i], ORDER);
            FloatVector m = FloatVector.broadcast(FLOATS, x.values()[i]);
            a = unscaled(words.lanewise(VectorOperators.LSHL, 16)).fma(m, a);
            b = unscaled(words).fma(m, b);
        }
        a.intoArray(out, o);
        b.intoArray(out, o + 16);
    }

    private static void activeBrains(MemorySegment weights, long first, ActiveColumns x, float[] out, int o) {
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = a;
        for (int i = 0; i < x.count(); i++) {
            IntVector words = IntVector.fromMemorySegment(INTS, weights, first + x.offsets()[i], ORDER);
            FloatVector m = FloatVector.broadcast(FLOATS, x.values()[i]);
            a = words.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(m, a);
            b = words.and(0xffff0000).reinterpretAsFloats().fma(m, b);
        }
        a.intoArray(out, o);
        b.intoArray(out, o + 16);
    }
}
