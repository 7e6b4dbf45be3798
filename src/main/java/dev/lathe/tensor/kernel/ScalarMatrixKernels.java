package dev.lathe.tensor.kernel;

import java.util.Arrays;

/** The matrix steps in plain Java: the same numbers in the same order. */
final class ScalarMatrixKernels implements MatrixKernels {
    @Override
    public void multiplyRow(
            TileLayout layout, int[] weights, int tile, int blocks, QuantizedRows x, int xBlock, float[] out) {
        int width = layout.scales().columns();
        for (int row = 0; row < IntegerPlane.ROWS; row++) {
            for (int column = 0; column < blocks * IntegerPlane.BLOCK; column += width) {
                int at = xBlock * IntegerPlane.BLOCK + column;
                int sum = 0;
                for (int k = 0; k < width; k++) {
                    sum += layout.integer(weights, tile, column + k, row) * x.values[at + k];
                }
                float xScale = x.scales[at / IntegerPlane.BLOCK];
                out[row] = Math.fma(sum, layout.scale(weights, tile, column, row) * xScale, out[row]);
                if (layout.scales().hasMinimum()) {
                    float minimum = layout.minimum(weights, tile, column, row) * xScale;
                    out[row] = Math.fma(minimum, x.sum(at, width), out[row]);
                }
            }
        }
    }

    @Override
    public void scales(
            TileLayout layout, int[] weights, int half, int block, int blocks, float[] scales, float[] minima) {
        int width = layout.scales().columns();
        for (int group = 0; group < blocks * IntegerPlane.BLOCK / width; group++) {
            for (int row = 0; row < 32; row++) {
                int column = block * IntegerPlane.BLOCK + group * width;
                scales[group * 32 + row] = layout.scale(weights, half, column, row);
                minima[group * 32 + row] = layout.minimum(weights, half, column, row);
            }
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
            QuantizedRows x,
            int xOffset,
            float[] out,
            int outOffset,
            int outStride) {
        addBlocksWithMinima(tile, blocks, width, scales, null, x, xOffset, out, outOffset, outStride);
    }

    @Override
    public void addBlocksWithMinima(
            float[] tile,
            int blocks,
            int width,
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
                int from = xOffset + r * x.columns + block * width;
                blockSum(tile, block * width, width, x.floats, from, sums);
                float scale = x.scales[from / 32];
                for (int row = 0; row < 32; row++) {
                    int o = outOffset + r * outStride + row;
                    out[o] = Math.fma(sums[row], scales[block * 32 + row] * scale, out[o]);
                    if (minima != null) {
                        out[o] = Math.fma(minima[block * 32 + row] * scale, x.sum(from, width), out[o]);
                    }
                }
            }
        }
    }

    /** Integers: every sum is exact, fused or not. */
    private static void addProducts(float[] tile, int from, float a, float[] sums, int to) {
        for (int row = 0; row < 32; row++) {
            sums[to + row] += tile[from + row] * a;
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
