package dev.lathe.tensor.kernel.scalar;

import dev.lathe.tensor.kernel.FloatPlane;
import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.LaneForm;
import dev.lathe.tensor.kernel.MatrixKernels;
import dev.lathe.tensor.kernel.QuantizedActivations;
import dev.lathe.tensor.kernel.TileLayout;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Set;

/** The matrix steps in plain Java: the same numbers in the same order. */
final class ScalarMatrixKernels implements MatrixKernels {
    @Override
    public void quantize(float[] source, int offset, int blocks, QuantizedActivations target, int block) {
        for (int b = 0; b < blocks; b++) {
            target.setBlock(block + b, source, offset + IntegerPlane.BLOCK * b);
        }
    }

    @Override
    public Set<LaneForm> forms(IntegerPlane plane, boolean packed) {
        return Set.of();
    }

    @Override
    public void derive(LaneForm form, QuantizedActivations x, int from, int to) {
        throw new UnsupportedOperationException("plain Java reads bytes, not " + form);
    }

    @Override
    public void multiplyRow(
            TileLayout layout,
            MemorySegment weights,
            long tile,
            int blocks,
            QuantizedActivations x,
            int xBlock,
            float[] out) {
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
                    float minimum = layout.minimum(weights, tile, column, row);
                    out[row] = Math.fma(minimum, x.sum(at, width) * xScale, out[row]);
                }
            }
        }
    }

    @Override
    public void scales(
            TileLayout layout,
            MemorySegment weights,
            long tile,
            int block,
            int blocks,
            float[] scales,
            float[] minima) {
        int width = layout.scales().columns();
        for (int group = 0; group < blocks * IntegerPlane.BLOCK / width; group++) {
            for (int row = 0; row < IntegerPlane.ROWS; row++) {
                int column = block * IntegerPlane.BLOCK + group * width;
                scales[group * IntegerPlane.ROWS + row] = layout.scale(weights, tile, column, row);
                minima[group * IntegerPlane.ROWS + row] = layout.minimum(weights, tile, column, row);
            }
        }
    }

    @Override
    public void unpackLanes(TileLayout layout, MemorySegment weights, long offset, int blocks, int[] tile) {
        IntegerPlane plane = layout.integers();
        Arrays.fill(tile, 0, blocks * IntegerPlane.BLOCK * IntegerPlane.WORD, 0);
        for (int column = 0; column < blocks * IntegerPlane.BLOCK; column++) {
            long block = offset + column / IntegerPlane.BLOCK * layout.blockBytes();
            for (int row = 0; row < IntegerPlane.ROWS; row++) {
                int value = plane.get(weights, block, column % IntegerPlane.BLOCK, row) - plane.laneCenter();
                tile[lane(column, row)] |= (value & 0xffff) << (row & 16);
            }
        }
    }

    @Override
    public void addLanes(
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
        int width = layout.scales().columns();
        int back = layout.signed() ? 0 : layout.integers().laneCenter();
        for (int r = 0; r < rows; r++) {
            for (int group = 0; group < groups; group++) {
                int from = xOffset + r * x.columns + group * width;
                float xScale = x.scales[from / IntegerPlane.BLOCK];
                for (int row = 0; row < IntegerPlane.ROWS; row++) {
                    int sum = back * x.sum(from, width);
                    for (int k = 0; k < width; k++) {
                        sum += (short) (tile[lane(group * width + k, row)] >>> (row & 16)) * x.values[from + k];
                    }
                    int o = outOffset + r * IntegerPlane.ROWS + row;
                    int at = group * IntegerPlane.ROWS + row;
                    out[o] = Math.fma(sum, scales[at] * xScale, out[o]);
                    if (layout.scales().hasMinimum()) {
                        out[o] = Math.fma(minima[at], x.sum(from, width) * xScale, out[o]);
                    }
                }
            }
        }
    }

    /** Index of the int of unpacked lanes that holds a column and row. */
    private static int lane(int column, int row) {
        return column * IntegerPlane.WORD
                + row / IntegerPlane.HALF_ROWS * IntegerPlane.HALF_WORD
                + row % IntegerPlane.HALF_WORD;
    }

    @Override
    public void unpackBytes(TileLayout layout, MemorySegment weights, long offset, int blocks, float[] tile) {
        IntegerPlane plane = layout.integers();
        for (int column = 0; column < blocks * IntegerPlane.BLOCK; column++) {
            long block = offset + column / IntegerPlane.BLOCK * layout.blockBytes();
            for (int row = 0; row < 32; row++) {
                tile[column * 32 + row] = plane.get(weights, block, column % IntegerPlane.BLOCK, row) - plane.center();
            }
        }
    }

    @Override
    public void addBlocks(
            float[] tile,
            int blocks,
            float[] scales,
            int scalesOffset,
            QuantizedActivations x,
            int xOffset,
            int rows,
            float[] out,
            int outOffset) {
        float[] sums = new float[32];
        for (int r = 0; r < rows; r++) {
            for (int block = 0; block < blocks; block++) {
                int from = xOffset + r * x.columns + block * IntegerPlane.BLOCK;
                Arrays.fill(sums, 0f);
                for (int k = 0; k < IntegerPlane.BLOCK; k++) {
                    addProducts(tile, (block * IntegerPlane.BLOCK + k) * 32, x.values[from + k], sums);
                }
                float scale = x.scales[from / IntegerPlane.BLOCK];
                for (int row = 0; row < 32; row++) {
                    int o = outOffset + r * IntegerPlane.ROWS + row;
                    out[o] =
                            Math.fma(sums[row], scales[scalesOffset + block * IntegerPlane.ROWS + row] * scale, out[o]);
                }
            }
        }
    }

    /** Integers: every sum is exact, fused or not. */
    private static void addProducts(float[] tile, int from, float a, float[] sums) {
        for (int row = 0; row < 32; row++) {
            sums[row] += tile[from + row] * a;
        }
    }

    @Override
    public void floatRow(
            FloatPlane plane, MemorySegment weights, long tile, int columns, float[] x, int xOffset, float[] out) {
        for (int row = 0; row < IntegerPlane.ROWS; row++) {
            out[row] = floatSum(plane, weights, tile, columns, row, x, xOffset);
        }
    }

    @Override
    public void floatRows(
            FloatPlane plane,
            MemorySegment weights,
            long tile,
            int columns,
            float[] x,
            int xOffset,
            int xStride,
            int rows,
            float[] out) {
        for (int r = 0; r < rows; r++) {
            for (int row = 0; row < IntegerPlane.ROWS; row++) {
                out[r * IntegerPlane.ROWS + row] =
                        floatSum(plane, weights, tile, columns, row, x, xOffset + r * xStride);
            }
        }
    }

    private static float floatSum(
            FloatPlane plane, MemorySegment weights, long tile, int columns, int row, float[] x, int xOffset) {
        float sum = 0;
        for (int k = 0; k < columns; k++) {
            sum = Math.fma(plane.unscaled(weights, tile, k, row), x[xOffset + k], sum);
        }
        return sum;
    }

    @Override
    public void unpackFloats(FloatPlane plane, MemorySegment weights, long offset, int columns, float[] tile) {
        for (int column = 0; column < columns; column++) {
            for (int row = 0; row < 32; row++) {
                tile[column * 32 + row] = plane.get(weights, offset, column, row);
            }
        }
    }

    @Override
    public void add(
            float[] tile,
            int columns,
            float[] x,
            int xOffset,
            int xStride,
            int rows,
            float[] out,
            int outOffset,
            int outStride) {
        for (int r = 0; r < rows; r++) {
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
