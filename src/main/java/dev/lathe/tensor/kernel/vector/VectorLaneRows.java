package dev.lathe.tensor.kernel.vector;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;

import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.MatrixKernels;
import dev.lathe.tensor.kernel.QuantizedActivations;
import dev.lathe.tensor.kernel.TileLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of a tile whose integers are unpacked to 16-bit lanes, a word a column, with six or four rows of activations: sums of
 * a lane's columns stay in registers, then they are widened and scaled, one row after the other.
 */
final class VectorLaneRows {
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = INTS.length();

    private VectorLaneRows() {}

    /** As {@link MatrixKernels#addLanes}. */
    static void add(
            TileLayout layout,
            int[] tile,
            int groups,
            float[] scales,
            float[] minima,
            QuantizedActivations x,
            int xOffset,
            int rows,
            int[] sums,
            float[] out,
            int outOffset) {
        int lane = layout.integers().laneColumns();
        int count = groups * layout.scales().columns() / lane;
        for (int j = 0; j < IntegerPlane.WORD; j += 2 * LANES) {
            if (rows == 6) {
                multiplySix(tile, j, count, lane, x.lanes.shorts, xOffset, x.columns, sums);
            } else {
                multiplyFour(tile, j, count, lane, x.lanes.shorts, xOffset, x.columns, sums);
            }
            for (int r = 0; r < rows; r++) {
                int to = outOffset + r * IntegerPlane.ROWS;
                scale(
                        layout,
                        sums,
                        2 * rows * LANES,
                        r,
                        j,
                        groups,
                        scales,
                        minima,
                        x,
                        xOffset + r * x.columns,
                        out,
                        to);
            }
        }
    }

    /** Sums of the products of {@code count} times {@code columns} words with six rows. */
    private static void multiplySix(
            int[] tile, int j, int count, int columns, short[] x, int xOffset, int xStride, int[] sums) {
        for (int i = 0; i < count; i++) {
            int first = i * columns * IntegerPlane.WORD + j;
            int x0 = xOffset + i * columns;
            int x1 = x0 + xStride;
            int x2 = x1 + xStride;
            int x3 = x2 + xStride;
            int x4 = x3 + xStride;
            int x5 = x4 + xStride;
            int at = i * 12 * LANES;
            ShortVector c0 = ShortVector.zero(SHORTS);
            ShortVector d0 = c0;
            ShortVector c1 = c0;
            ShortVector d1 = c0;
            ShortVector c2 = c0;
            ShortVector d2 = c0;
            ShortVector c3 = c0;
            ShortVector d3 = c0;
            ShortVector c4 = c0;
            ShortVector d4 = c0;
            ShortVector c5 = c0;
            ShortVector d5 = c0;
            for (int k = 0; k < columns; k++) {
                int word = first + k * IntegerPlane.WORD;
                ShortVector v = IntVector.fromArray(INTS, tile, word).reinterpretAsShorts();
                ShortVector w = IntVector.fromArray(INTS, tile, word + LANES).reinterpretAsShorts();
                ShortVector m = ShortVector.broadcast(SHORTS, x[x0 + k]);
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
                m = ShortVector.broadcast(SHORTS, x[x4 + k]);
                c4 = c4.add(v.mul(m));
                d4 = d4.add(w.mul(m));
                m = ShortVector.broadcast(SHORTS, x[x5 + k]);
                c5 = c5.add(v.mul(m));
                d5 = d5.add(w.mul(m));
            }
            c0.reinterpretAsInts().intoArray(sums, at);
            d0.reinterpretAsInts().intoArray(sums, at + LANES);
            c1.reinterpretAsInts().intoArray(sums, at + 2 * LANES);
            d1.reinterpretAsInts().intoArray(sums, at + 3 * LANES);
            c2.reinterpretAsInts().intoArray(sums, at + 4 * LANES);
            d2.reinterpretAsInts().intoArray(sums, at + 5 * LANES);
            c3.reinterpretAsInts().intoArray(sums, at + 6 * LANES);
            d3.reinterpretAsInts().intoArray(sums, at + 7 * LANES);
            c4.reinterpretAsInts().intoArray(sums, at + 8 * LANES);
            d4.reinterpretAsInts().intoArray(sums, at + 9 * LANES);
            c5.reinterpretAsInts().intoArray(sums, at + 10 * LANES);
            d5.reinterpretAsInts().intoArray(sums, at + 11 * LANES);
        }
    }

    /** Sums of the products of {@code count} times {@code columns} words with four rows. */
    private static void multiplyFour(
            int[] tile, int j, int count, int columns, short[] x, int xOffset, int xStride, int[] sums) {
        for (int i = 0; i < count; i++) {
            int first = i * columns * IntegerPlane.WORD + j;
            int x0 = xOffset + i * columns;
            int x1 = x0 + xStride;
            int x2 = x1 + xStride;
            int x3 = x2 + xStride;
            int at = i * 8 * LANES;
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
                ShortVector m = ShortVector.broadcast(SHORTS, x[x0 + k]);
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
    }

    /** Adds one row's sums times the scales of their groups of columns, and the minima. */
    private static void scale(
            TileLayout layout,
            int[] sums,
            int stride,
            int r,
            int j,
            int groups,
            float[] scales,
            float[] minima,
            QuantizedActivations x,
            int xOffset,
            float[] out,
            int outOffset) {
        int width = layout.scales().columns();
        boolean two = width > layout.integers().laneColumns();
        boolean minimum = layout.scales().hasMinimum();
        int back = layout.signed() ? 0 : layout.integers().laneCenter(); // given back to unsigned values
        int row = IntegerPlane.row(j);
        int next = IntegerPlane.row(j + LANES);
        int o = outOffset + row;
        int p = outOffset + next;
        FloatVector e = FloatVector.fromArray(FLOATS, out, o);
        FloatVector f = FloatVector.fromArray(FLOATS, out, o + 16);
        FloatVector g = FloatVector.fromArray(FLOATS, out, p);
        FloatVector h = FloatVector.fromArray(FLOATS, out, p + 16);
        for (int group = 0; group < groups; group++) {
            int column = xOffset + group * width;
            int sum = x.sum(column, width);
            float scale = x.scales[column / IntegerPlane.BLOCK];
            int from = (two ? 2 * group : group) * stride + 2 * r * LANES;
            int at = group * IntegerPlane.ROWS;
            IntVector v = IntVector.fromArray(INTS, sums, from);
            IntVector w = IntVector.fromArray(INTS, sums, from + LANES);
            IntVector a = v.lanewise(LSHL, 16).lanewise(ASHR, 16).add(back * sum);
            IntVector b = v.lanewise(ASHR, 16).add(back * sum);
            IntVector c = w.lanewise(LSHL, 16).lanewise(ASHR, 16).add(back * sum);
            IntVector d = w.lanewise(ASHR, 16).add(back * sum);
            if (two) {
                v = IntVector.fromArray(INTS, sums, from + stride);
                w = IntVector.fromArray(INTS, sums, from + stride + LANES);
                a = a.add(v.lanewise(LSHL, 16).lanewise(ASHR, 16));
                b = b.add(v.lanewise(ASHR, 16));
                c = c.add(w.lanewise(LSHL, 16).lanewise(ASHR, 16));
                d = d.add(w.lanewise(ASHR, 16));
            }
            e = ((FloatVector) a.convert(I2F, 0))
                    .fma(FloatVector.fromArray(FLOATS, scales, at + row).mul(scale), e);
            f = ((FloatVector) b.convert(I2F, 0))
                    .fma(FloatVector.fromArray(FLOATS, scales, at + row + 16).mul(scale), f);
            g = ((FloatVector) c.convert(I2F, 0))
                    .fma(FloatVector.fromArray(FLOATS, scales, at + next).mul(scale), g);
            h = ((FloatVector) d.convert(I2F, 0))
                    .fma(FloatVector.fromArray(FLOATS, scales, at + next + 16).mul(scale), h);
            if (minimum) {
                FloatVector activations = FloatVector.broadcast(FLOATS, sum * scale);
                e = FloatVector.fromArray(FLOATS, minima, at + row).fma(activations, e);
                f = FloatVector.fromArray(FLOATS, minima, at + row + 16).fma(activations, f);
                g = FloatVector.fromArray(FLOATS, minima, at + next).fma(activations, g);
                h = FloatVector.fromArray(FLOATS, minima, at + next + 16).fma(activations, h);
            }
        }
        e.intoArray(out, o);
        f.intoArray(out, o + 16);
        g.intoArray(out, p);
        h.intoArray(out, p + 16);
    }
}
