package dev.lathe.tensor.kernel;

import java.util.Arrays;

/** The matrix steps in plain Java: the same numbers in the same order. */
final class ScalarMatrixKernels implements MatrixKernels {
    @Override
    public void blockSums(
            TileLayout layout,
            int[] weights,
            int offset,
            int blocks,
            QuantizedRows x,
            int xBlock,
            float[] sums,
            int secondSums) {
        tileSums(layout, weights, offset, blocks, x, xBlock, sums, 0);
        tileSums(layout, weights, offset + IntegerPlane.HALF_WORD, blocks, x, xBlock, sums, secondSums);
    }

    private void tileSums(
            TileLayout layout, int[] weights, int from, int blocks, QuantizedRows x, int xBlock, float[] sums, int to) {
        int width = layout.integers().sumColumns();
        float[] tile = new float[32 * 32];
        for (int block = 0; block < blocks; block++) {
            unpack(layout, weights, from + block * layout.blockInts(), 1, tile);
            int at = to + block * (32 / width) * 32;
            Arrays.fill(sums, at, at + 32 / width * 32, 0f);
            for (int column = 0; column < 32; column++) {
                float a = x.floats[(xBlock + block) * 32 + column];
                addProducts(tile, column * 32, a, sums, at + column / width * 32);
            }
        }
    }

    /** Integers: every sum is exact, fused or not. */
    private static void addProducts(float[] tile, int from, float a, float[] sums, int to) {
        for (int row = 0; row < 32; row++) {
            sums[to + row] += tile[from + row] * a;
        }
    }

    @Override
    public void halves(int[] tile, int offset, int stride, int words, float[] target, int at) {
        for (int word = 0; word < words; word++) {
            for (int row = 0; row < 32; row++) {
                target[at + word * 32 + row] = FloatPlane.half(IntegerPlane.half(tile, offset + word * stride, 0, row));
            }
        }
    }

    @Override
    public void bytes(
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
        for (int word = 0; word < words; word++) {
            for (int row = 0; row < 32; row++) {
                int bits = IntegerPlane.half(tile, offset + word * stride, 0, row) >>> (high ? 8 : 0) & 255;
                float value = signed ? (byte) bits : bits;
                target[at + word * spacing + row] = value * factors[word / ScalePlane.SUPER_BLOCKS * 32 + row];
            }
        }
    }

    @Override
    public void addSums(
            TileLayout layout,
            float[] sums,
            int sumOffset,
            int blocks,
            float[] scales,
            float[] minima,
            QuantizedRows x,
            int xBlock,
            float[] out,
            int offset) {
        boolean of16 = layout.scales().columns() == 16;
        for (int row = 0; row < 32; row++) {
            float total = out[offset + row];
            for (int block = 0; block < blocks; block++) {
                float scale = x.scales[xBlock + block];
                if (of16) {
                    int at = sumOffset + block * 128 + row;
                    total = Math.fma(sums[at] + sums[at + 32], scales[block * 64 + row] * scale, total);
                    total = Math.fma(sums[at + 64] + sums[at + 96], scales[block * 64 + 32 + row] * scale, total);
                } else {
                    total = Math.fma(sums[sumOffset + block * 32 + row], scales[block * 32 + row] * scale, total);
                    if (layout.scales().hasMinimum()) {
                        float sum = x.sums[2 * (xBlock + block)] + x.sums[2 * (xBlock + block) + 1];
                        total = Math.fma(minima[block * 32 + row] * scale, sum, total);
                    }
                }
            }
            out[offset + row] = total;
        }
    }

    @Override
    public void unpack(TileLayout layout, int[] weights, int offset, int blocks, float[] tile) {
        IntegerPlane plane = layout.integers();
        int center = layout.signed() ? plane.center() : 0;
        for (int block = 0; block < blocks; block++) {
            for (int column = 0; column < 32; column++) {
                for (int row = 0; row < 32; row++) {
                    tile[(block * 32 + column) * 32 + row] =
                            plane.get(weights, offset + block * layout.blockInts(), column, row) - center;
                }
            }
        }
    }

    @Override
    public void addBlocks(
            float[] tile,
            int blocks,
            int width,
            float[] scales,
            float[] x,
            int xOffset,
            int xStride,
            float[] xScales,
            float[] out,
            int outOffset,
            int outStride) {
        float[] sums = new float[32];
        for (int r = 0; r < 4; r++) {
            for (int block = 0; block < blocks; block++) {
                int from = xOffset + r * xStride + block * width;
                blockSum(tile, block * width, width, x, from, sums);
                for (int row = 0; row < 32; row++) {
                    int o = outOffset + r * outStride + row;
                    out[o] = Math.fma(sums[row], scales[block * 32 + row] * xScales[from / 32], out[o]);
                }
            }
        }
    }

    @Override
    public void addBlocksWithMinima(
            float[] tile,
            int blocks,
            float[] scales,
            float[] minima,
            QuantizedRows x,
            int xOffset,
            float[] out,
            int outOffset,
            int outStride) {
        float[] sums = new float[32];
        for (int r = 0; r < 4; r++) {
            for (int block = 0; block < blocks; block++) {
                int from = xOffset + r * x.columns + block * 32;
                blockSum(tile, block * 32, 32, x.floats, from, sums);
                float sum = x.sums[from / 16] + x.sums[from / 16 + 1];
                float scale = x.scales[from / 32];
                for (int row = 0; row < 32; row++) {
                    int o = outOffset + r * outStride + row;
                    out[o] = Math.fma(sums[row], scales[block * 32 + row] * scale, out[o]);
                    out[o] = Math.fma(minima[block * 32 + row] * scale, sum, out[o]);
                }
            }
        }
    }

    private static void blockSum(float[] tile, int column, int width, float[] x, int from, float[] sums) {
        Arrays.fill(sums, 0f);
        for (int k = 0; k < width; k++) {
            addProducts(tile, (column + k) * 32, x[from + k], sums, 0);
        }
    }

    @Override
    public void floatRow(FloatPlane plane, int[] weights, int tile, int columns, float[] x, int xOffset, float[] out) {
        for (int row = 0; row < IntegerPlane.ROWS; row++) {
            out[row] = floatSum(plane, weights, tile, columns, row, x, xOffset);
        }
    }

    @Override
    public void floatRows(
            FloatPlane plane, int[] weights, int tile, int columns, float[] x, int xOffset, int xStride, float[] out) {
        for (int r = 0; r < 4; r++) {
            for (int row = 0; row < IntegerPlane.ROWS; row++) {
                out[r * IntegerPlane.ROWS + row] =
                        floatSum(plane, weights, tile, columns, row, x, xOffset + r * xStride);
            }
        }
    }

    private static float floatSum(
            FloatPlane plane, int[] weights, int tile, int columns, int row, float[] x, int xOffset) {
        float sum = 0;
        for (int k = 0; k < columns; k++) {
            sum = Math.fma(plane.get(weights, tile, k, row), x[xOffset + k], sum);
        }
        return sum;
    }

    @Override
    public void unpackFloats(FloatPlane plane, int[] weights, int offset, int columns, float[] tile) {
        for (int column = 0; column < columns; column++) {
            for (int row = 0; row < 32; row++) {
                tile[column * 32 + row] = plane.get(weights, offset, column, row);
            }
        }
    }

    @Override
    public void add(
            float[] tile, int columns, float[] x, int xOffset, int xStride, float[] out, int outOffset, int outStride) {
        for (int r = 0; r < 4; r++) {
            for (int row = 0; row < 32; row++) {
                float sum = out[outOffset + r * outStride + row];
                for (int k = 0; k < columns; k++) {
                    sum = Math.fma(tile[k * 32 + row], x[xOffset + r * xStride + k], sum);
                }
                out[outOffset + r * outStride + row] = sum;
            }
        }
    }
}
