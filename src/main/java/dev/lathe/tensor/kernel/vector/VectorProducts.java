package dev.lathe.tensor.kernel.vector;

import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.MatrixKernels;
import dev.lathe.tensor.kernel.QuantizedActivations;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of an unpacked half tile [columns][32 rows] with four rows of activations: 8 sums in registers, each of which adds
 * its products in the order of the columns.
 */
final class VectorProducts {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();

    private VectorProducts() {}

    /** As {@link MatrixKernels#add}. */
    static void add(
            float[] tile,
            int columns,
            float[] x,
            int xOffset,
            int xStride,
            int rows,
            float[] out,
            int outOffset,
            int outStride) {
        if (rows == 6) {
            addSix(tile, columns, x, xOffset, xStride, out, outOffset, outStride);
        } else {
            addFour(tile, columns, x, xOffset, xStride, out, outOffset, outStride);
        }
    }

    private static void addSix(
            float[] tile, int columns, float[] x, int xOffset, int xStride, float[] out, int outOffset, int outStride) {
        int x0 = xOffset;
        int x1 = x0 + xStride;
        int x2 = x1 + xStride;
        int x3 = x2 + xStride;
        int x4 = x3 + xStride;
        int x5 = x4 + xStride;
        for (int j = 0; j < 32; j += 2 * LANES) {
            int o = outOffset + j;
            FloatVector c0 = FloatVector.fromArray(FLOATS, out, o);
            FloatVector d0 = FloatVector.fromArray(FLOATS, out, o + LANES);
            FloatVector c1 = FloatVector.fromArray(FLOATS, out, o + 1 * outStride);
            FloatVector d1 = FloatVector.fromArray(FLOATS, out, o + 1 * outStride + LANES);
            FloatVector c2 = FloatVector.fromArray(FLOATS, out, o + 2 * outStride);
            FloatVector d2 = FloatVector.fromArray(FLOATS, out, o + 2 * outStride + LANES);
            FloatVector c3 = FloatVector.fromArray(FLOATS, out, o + 3 * outStride);
            FloatVector d3 = FloatVector.fromArray(FLOATS, out, o + 3 * outStride + LANES);
            FloatVector c4 = FloatVector.fromArray(FLOATS, out, o + 4 * outStride);
            FloatVector d4 = FloatVector.fromArray(FLOATS, out, o + 4 * outStride + LANES);
            FloatVector c5 = FloatVector.fromArray(FLOATS, out, o + 5 * outStride);
            FloatVector d5 = FloatVector.fromArray(FLOATS, out, o + 5 * outStride + LANES);
            for (int k = 0; k < columns; k++) {
                FloatVector v = FloatVector.fromArray(FLOATS, tile, k * 32 + j);
                FloatVector w = FloatVector.fromArray(FLOATS, tile, k * 32 + j + LANES);
                FloatVector m = FloatVector.broadcast(FLOATS, x[x0 + k]);
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
                m = FloatVector.broadcast(FLOATS, x[x4 + k]);
                c4 = v.fma(m, c4);
                d4 = w.fma(m, d4);
                m = FloatVector.broadcast(FLOATS, x[x5 + k]);
                c5 = v.fma(m, c5);
                d5 = w.fma(m, d5);
            }
            c0.intoArray(out, o);
            d0.intoArray(out, o + LANES);
            c1.intoArray(out, o + 1 * outStride);
            d1.intoArray(out, o + 1 * outStride + LANES);
            c2.intoArray(out, o + 2 * outStride);
            d2.intoArray(out, o + 2 * outStride + LANES);
            c3.intoArray(out, o + 3 * outStride);
            d3.intoArray(out, o + 3 * outStride + LANES);
            c4.intoArray(out, o + 4 * outStride);
            d4.intoArray(out, o + 4 * outStride + LANES);
            c5.intoArray(out, o + 5 * outStride);
            d5.intoArray(out, o + 5 * outStride + LANES);
        }
    }

    private static void addFour(
            float[] tile, int columns, float[] x, int xOffset, int xStride, float[] out, int outOffset, int outStride) {
        int x0 = xOffset;
        int x1 = x0 + xStride;
        int x2 = x1 + xStride;
        int x3 = x2 + xStride;
        for (int j = 0; j < 32; j += 2 * LANES) {
            int o = outOffset + j;
            FloatVector c0 = FloatVector.fromArray(FLOATS, out, o);
            FloatVector d0 = FloatVector.fromArray(FLOATS, out, o + LANES);
            FloatVector c1 = FloatVector.fromArray(FLOATS, out, o + 1 * outStride);
            FloatVector d1 = FloatVector.fromArray(FLOATS, out, o + 1 * outStride + LANES);
            FloatVector c2 = FloatVector.fromArray(FLOATS, out, o + 2 * outStride);
            FloatVector d2 = FloatVector.fromArray(FLOATS, out, o + 2 * outStride + LANES);
            FloatVector c3 = FloatVector.fromArray(FLOATS, out, o + 3 * outStride);
            FloatVector d3 = FloatVector.fromArray(FLOATS, out, o + 3 * outStride + LANES);
            for (int k = 0; k < columns; k++) {
                FloatVector v = FloatVector.fromArray(FLOATS, tile, k * 32 + j);
                FloatVector w = FloatVector.fromArray(FLOATS, tile, k * 32 + j + LANES);
                FloatVector m = FloatVector.broadcast(FLOATS, x[x0 + k]);
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
            d0.intoArray(out, o + LANES);
            c1.intoArray(out, o + 1 * outStride);
            d1.intoArray(out, o + 1 * outStride + LANES);
            c2.intoArray(out, o + 2 * outStride);
            d2.intoArray(out, o + 2 * outStride + LANES);
            c3.intoArray(out, o + 3 * outStride);
            d3.intoArray(out, o + 3 * outStride + LANES);
        }
    }

    /** As {@link MatrixKernels#addBlocks}. */
    static void addBlocks(
            float[] tile,
            int blocks,
            float[] scales,
            int scalesOffset,
            QuantizedActivations x,
            int xOffset,
            int rows,
            float[] out,
            int outOffset) {
        if (rows == 6) {
            addSixBlocks(tile, blocks, scales, scalesOffset, x, xOffset, out, outOffset);
        } else {
            addFourBlocks(tile, blocks, scales, scalesOffset, x, xOffset, out, outOffset);
        }
    }

    private static void addSixBlocks(
            float[] tile,
            int blocks,
            float[] scales,
            int scalesOffset,
            QuantizedActivations rows,
            int xOffset,
            float[] out,
            int outOffset) {
        int width = IntegerPlane.BLOCK;
        int outStride = IntegerPlane.ROWS;
        float[] x = rows.lanes.floats;
        float[] xScales = rows.scales;
        int xStride = rows.columns;
        for (int j = 0; j < 32; j += 2 * LANES) {
            int o = outOffset + j;
            for (int b = 0; b < blocks; b++) {
                int x0 = xOffset + b * width;
                int x1 = x0 + xStride;
                int x2 = x1 + xStride;
                int x3 = x2 + xStride;
                int x4 = x3 + xStride;
                int x5 = x4 + xStride;
                int t = b * width * 32 + j;
                FloatVector c0 = FloatVector.zero(FLOATS);
                FloatVector d0 = FloatVector.zero(FLOATS);
                FloatVector c1 = FloatVector.zero(FLOATS);
                FloatVector d1 = FloatVector.zero(FLOATS);
                FloatVector c2 = FloatVector.zero(FLOATS);
                FloatVector d2 = FloatVector.zero(FLOATS);
                FloatVector c3 = FloatVector.zero(FLOATS);
                FloatVector d3 = FloatVector.zero(FLOATS);
                FloatVector c4 = FloatVector.zero(FLOATS);
                FloatVector d4 = FloatVector.zero(FLOATS);
                FloatVector c5 = FloatVector.zero(FLOATS);
                FloatVector d5 = FloatVector.zero(FLOATS);
                for (int k = 0; k < width; k++) {
                    FloatVector v = FloatVector.fromArray(FLOATS, tile, t + k * 32);
                    FloatVector w = FloatVector.fromArray(FLOATS, tile, t + k * 32 + LANES);
                    FloatVector m = FloatVector.broadcast(FLOATS, x[x0 + k]);
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
                    m = FloatVector.broadcast(FLOATS, x[x4 + k]);
                    c4 = v.fma(m, c4);
                    d4 = w.fma(m, d4);
                    m = FloatVector.broadcast(FLOATS, x[x5 + k]);
                    c5 = v.fma(m, c5);
                    d5 = w.fma(m, d5);
                }
                FloatVector s = FloatVector.fromArray(FLOATS, scales, scalesOffset + b * 64 + j);
                FloatVector u = FloatVector.fromArray(FLOATS, scales, scalesOffset + b * 64 + j + LANES);
                float scale0 = xScales[x0 / 32];
                c0.fma(s.mul(scale0), FloatVector.fromArray(FLOATS, out, o)).intoArray(out, o);
                d0.fma(u.mul(scale0), FloatVector.fromArray(FLOATS, out, o + LANES))
                        .intoArray(out, o + LANES);
                float scale1 = xScales[x1 / 32];
                c1.fma(s.mul(scale1), FloatVector.fromArray(FLOATS, out, o + 1 * outStride))
                        .intoArray(out, o + 1 * outStride);
                d1.fma(u.mul(scale1), FloatVector.fromArray(FLOATS, out, o + 1 * outStride + LANES))
                        .intoArray(out, o + 1 * outStride + LANES);
                float scale2 = xScales[x2 / 32];
                c2.fma(s.mul(scale2), FloatVector.fromArray(FLOATS, out, o + 2 * outStride))
                        .intoArray(out, o + 2 * outStride);
                d2.fma(u.mul(scale2), FloatVector.fromArray(FLOATS, out, o + 2 * outStride + LANES))
                        .intoArray(out, o + 2 * outStride + LANES);
                float scale3 = xScales[x3 / 32];
                c3.fma(s.mul(scale3), FloatVector.fromArray(FLOATS, out, o + 3 * outStride))
                        .intoArray(out, o + 3 * outStride);
                d3.fma(u.mul(scale3), FloatVector.fromArray(FLOATS, out, o + 3 * outStride + LANES))
                        .intoArray(out, o + 3 * outStride + LANES);
                float scale4 = xScales[x4 / 32];
                c4.fma(s.mul(scale4), FloatVector.fromArray(FLOATS, out, o + 4 * outStride))
                        .intoArray(out, o + 4 * outStride);
                d4.fma(u.mul(scale4), FloatVector.fromArray(FLOATS, out, o + 4 * outStride + LANES))
                        .intoArray(out, o + 4 * outStride + LANES);
                float scale5 = xScales[x5 / 32];
                c5.fma(s.mul(scale5), FloatVector.fromArray(FLOATS, out, o + 5 * outStride))
                        .intoArray(out, o + 5 * outStride);
                d5.fma(u.mul(scale5), FloatVector.fromArray(FLOATS, out, o + 5 * outStride + LANES))
                        .intoArray(out, o + 5 * outStride + LANES);
            }
        }
    }

    private static void addFourBlocks(
            float[] tile,
            int blocks,
            float[] scales,
            int scalesOffset,
            QuantizedActivations rows,
            int xOffset,
            float[] out,
            int outOffset) {
        int width = IntegerPlane.BLOCK;
        int outStride = IntegerPlane.ROWS;
        float[] x = rows.lanes.floats;
        float[] xScales = rows.scales;
        int xStride = rows.columns;
        for (int j = 0; j < 32; j += 2 * LANES) {
            int o = outOffset + j;
            for (int b = 0; b < blocks; b++) {
                int x0 = xOffset + b * width;
                int x1 = x0 + xStride;
                int x2 = x1 + xStride;
                int x3 = x2 + xStride;
                int t = b * width * 32 + j;
                FloatVector c0 = FloatVector.zero(FLOATS);
                FloatVector d0 = FloatVector.zero(FLOATS);
                FloatVector c1 = FloatVector.zero(FLOATS);
                FloatVector d1 = FloatVector.zero(FLOATS);
                FloatVector c2 = FloatVector.zero(FLOATS);
                FloatVector d2 = FloatVector.zero(FLOATS);
                FloatVector c3 = FloatVector.zero(FLOATS);
                FloatVector d3 = FloatVector.zero(FLOATS);
                for (int k = 0; k < width; k++) {
                    FloatVector v = FloatVector.fromArray(FLOATS, tile, t + k * 32);
                    FloatVector w = FloatVector.fromArray(FLOATS, tile, t + k * 32 + LANES);
                    FloatVector m = FloatVector.broadcast(FLOATS, x[x0 + k]);
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
                FloatVector s = FloatVector.fromArray(FLOATS, scales, scalesOffset + b * 64 + j);
                FloatVector u = FloatVector.fromArray(FLOATS, scales, scalesOffset + b * 64 + j + LANES);
                float scale0 = xScales[x0 / 32];
                c0.fma(s.mul(scale0), FloatVector.fromArray(FLOATS, out, o)).intoArray(out, o);
                d0.fma(u.mul(scale0), FloatVector.fromArray(FLOATS, out, o + LANES))
                        .intoArray(out, o + LANES);
                float scale1 = xScales[x1 / 32];
                c1.fma(s.mul(scale1), FloatVector.fromArray(FLOATS, out, o + 1 * outStride))
                        .intoArray(out, o + 1 * outStride);
                d1.fma(u.mul(scale1), FloatVector.fromArray(FLOATS, out, o + 1 * outStride + LANES))
                        .intoArray(out, o + 1 * outStride + LANES);
                float scale2 = xScales[x2 / 32];
                c2.fma(s.mul(scale2), FloatVector.fromArray(FLOATS, out, o + 2 * outStride))
                        .intoArray(out, o + 2 * outStride);
                d2.fma(u.mul(scale2), FloatVector.fromArray(FLOATS, out, o + 2 * outStride + LANES))
                        .intoArray(out, o + 2 * outStride + LANES);
                float scale3 = xScales[x3 / 32];
                c3.fma(s.mul(scale3), FloatVector.fromArray(FLOATS, out, o + 3 * outStride))
                        .intoArray(out, o + 3 * outStride);
                d3.fma(u.mul(scale3), FloatVector.fromArray(FLOATS, out, o + 3 * outStride + LANES))
                        .intoArray(out, o + 3 * outStride + LANES);
            }
        }
    }
}
