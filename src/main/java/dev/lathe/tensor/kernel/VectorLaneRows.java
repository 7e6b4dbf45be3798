package dev.lathe.tensor.kernel;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of a tile whose integers are unpacked to 16-bit lanes, a word a column, with four rows of activations: sums of a
 * lane's columns stay in 8 registers, then they are widened and scaled, one row after the other.
 */
final class VectorLaneRows {
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = INTS.length();
    /** Ints of the sums of four rows and two vectors. */
    private static final int SUMS = 8 * LANES;

    private VectorLaneRows() {}

    /** As {@link MatrixKernels#addLanes}. */
    static void add(
            TileLayout layout,
            int[] tile,
            int groups,
            float[] scales,
            float[] minima,
            QuantizedRows x,
            int xOffset,
            float[] out,
            int outOffset) {
        int width = layout.scales().columns();
        int lane = layout.integers().laneColumns();
        int[] sums = new int[width / lane * SUMS];
        for (int j = 0; j < IntegerPlane.WORD; j += 2 * LANES) {
            int row = IntegerPlane.row(j);
            int next = IntegerPlane.row(j + LANES);
            for (int group = 0; group < groups; group++) {
                int from = xOffset + group * width;
                for (int l = 0; l < width; l += lane) {
                    int first = (group * width + l) * IntegerPlane.WORD + j;
                    multiply(tile, first, lane, x.values, from + l, x.columns, sums, l / lane * SUMS);
                }
                scale(layout, sums, group, scales, minima, x, from, out, outOffset, row, next);
            }
        }
    }

    /** Sums of the products of {@code columns} words with four rows. */
    private static void multiply(
            int[] tile, int first, int columns, short[] x, int xOffset, int xStride, int[] sums, int at) {
        int x1 = xOffset + xStride;
        int x2 = x1 + xStride;
        int x3 = x2 + xStride;
        ShortVector c0 = ShortVector.zero(SHORTS);
        ShortVector d0 = c0;
        ShortVector c1 = c0;
        ShortVector d1 = c0;
        ShortVector c2 = c0;
        ShortVector d2 = c0;
        ShortVector c3 = c0;
        ShortVector d3 = c0;
        for (int k = 0; k < columns; k++) {
            int word = first + k * IntegerPlane.WORD;
            ShortVector v = IntVector.fromArray(INTS, tile, word).reinterpretAsShorts();
            ShortVector w = IntVector.fromArray(INTS, tile, word + LANES).reinterpretAsShorts();
            ShortVector m = ShortVector.broadcast(SHORTS, x[xOffset + k]);
            c0 = c0.add(v.mul(m));
            d0 = d0.add(w.mul(m));
            m = ShortVector.broadcast(SHORTS, x[x1 + k]);
            c1 = c1.add(v.mul(m));
            d1 = d1.add(w.mul(m));
            m = ShortVector.broadcast(SHORTS, x[x2 + k]);
            c2 = c2.add(v.mul(m));
            d2 = d2.add(w.mul(m));
            m = ShortVector.broadcast(SHORTS, x[x3 + k]);
            c3 = c3.add(v.mul(m));
            d3 = d3.add(w.mul(m));
        }
        c0.reinterpretAsInts().intoArray(sums, at);
        d0.reinterpretAsInts().intoArray(sums, at + LANES);
        c1.reinterpretAsInts().intoArray(sums, at + 2 * LANES);
        d1.reinterpretAsInts().intoArray(sums, at + 3 * LANES);
        c2.reinterpretAsInts().intoArray(sums, at + 4 * LANES);
        d2.reinterpretAsInts().intoArray(sums, at + 5 * LANES);
        c3.reinterpretAsInts().intoArray(sums, at + 6 * LANES);
        d3.reinterpretAsInts().intoArray(sums, at + 7 * LANES);
    }

    /** Adds the sums of a group of columns times their scales, then its minima. */
    private static void scale(
            TileLayout layout,
            int[] sums,
            int group,
            float[] scales,
            float[] minima,
            QuantizedRows x,
            int from,
            float[] out,
            int outOffset,
            int row,
            int next) {
        int width = layout.scales().columns();
        boolean two = width > layout.integers().laneColumns();
        boolean minimum = layout.scales().hasMinimum();
        int back = layout.signed() ? 0 : layout.integers().laneCenter(); // given back to unsigned values
        int at = group * IntegerPlane.ROWS + row;
        int then = group * IntegerPlane.ROWS + next;
        for (int r = 0; r < 4; r++) {
            int column = from + r * x.columns;
            int sum = x.sum(column, width);
            float scale = x.scales[column / IntegerPlane.BLOCK];
            IntVector v = IntVector.fromArray(INTS, sums, 2 * r * LANES);
            IntVector w = IntVector.fromArray(INTS, sums, (2 * r + 1) * LANES);
            IntVector a = v.lanewise(LSHL, 16).lanewise(ASHR, 16).add(back * sum);
            IntVector b = v.lanewise(ASHR, 16).add(back * sum);
            IntVector c = w.lanewise(LSHL, 16).lanewise(ASHR, 16).add(back * sum);
            IntVector d = w.lanewise(ASHR, 16).add(back * sum);
            if (two) {
                v = IntVector.fromArray(INTS, sums, SUMS + 2 * r * LANES);
                w = IntVector.fromArray(INTS, sums, SUMS + (2 * r + 1) * LANES);
                a = a.add(v.lanewise(LSHL, 16).lanewise(ASHR, 16));
                b = b.add(v.lanewise(ASHR, 16));
                c = c.add(w.lanewise(LSHL, 16).lanewise(ASHR, 16));
                d = d.add(w.lanewise(ASHR, 16));
            }
            int o = outOffset + r * IntegerPlane.ROWS + row;
            int p = outOffset + r * IntegerPlane.ROWS + next;
            FloatVector e = ((FloatVector) a.convert(I2F, 0))
                    .fma(FloatVector.fromArray(FLOATS, scales, at).mul(scale), FloatVector.fromArray(FLOATS, out, o));
            FloatVector f = ((FloatVector) b.convert(I2F, 0))
                    .fma(
                            FloatVector.fromArray(FLOATS, scales, at + 16).mul(scale),
                            FloatVector.fromArray(FLOATS, out, o + 16));
            FloatVector g = ((FloatVector) c.convert(I2F, 0))
                    .fma(FloatVector.fromArray(FLOATS, scales, then).mul(scale), FloatVector.fromArray(FLOATS, out, p));
            FloatVector h = ((FloatVector) d.convert(I2F, 0))
                    .fma(
                            FloatVector.fromArray(FLOATS, scales, then + 16).mul(scale),
                            FloatVector.fromArray(FLOATS, out, p + 16));
            if (minimum) {
                FloatVector activations = FloatVector.broadcast(FLOATS, sum);
                e = FloatVector.fromArray(FLOATS, minima, at).mul(scale).fma(activations, e);
                f = FloatVector.fromArray(FLOATS, minima, at + 16).mul(scale).fma(activations, f);
                g = FloatVector.fromArray(FLOATS, minima, then).mul(scale).fma(activations, g);
                h = FloatVector.fromArray(FLOATS, minima, then + 16).mul(scale).fma(activations, h);
            }
            e.intoArray(out, o);
            f.intoArray(out, o + 16);
            g.intoArray(out, p);
            h.intoArray(out, p + 16);
        }
    }
}
