package dev.lathe.tensor.kernel;

import jdk.incubator.vector.FloatVector;

/** The matrix steps on the Vector API: spreads the 64 rows of a tile over vectors of any width. */
final class VectorMatrixKernels implements MatrixKernels {
    private static final int LANES = FloatVector.SPECIES_PREFERRED.length();
    /**
     * Blocks of one row that are multiplied before the next vectors of the tile get their turn: where it takes several to
     * cover a word, they find its other parts in the cache.
     */
    private static final int ROW_BLOCKS = 2 * LANES >= IntegerPlane.WORD ? 1 << 16 : ScalePlane.SUPER_BLOCKS;

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
        for (int j = 0; j < IntegerPlane.WORD; j += 2 * LANES) {
            int next = j + LANES;
            int to = sumOf(j, secondSums);
            blockSums(layout, weights, offset + j, offset + next, blocks, x, xBlock, sums, to, sumOf(next, secondSums));
        }
    }

    private static int sumOf(int j, int secondSums) {
        return j < IntegerPlane.HALF_WORD ? j : secondSums + j - IntegerPlane.HALF_WORD;
    }

    /** The row that the low 16 bits of int {@code j} of a word belong to. */
    private static int row(int j) {
        return j / IntegerPlane.HALF_WORD * IntegerPlane.HALF_ROWS + j % IntegerPlane.HALF_WORD;
    }

    private static void blockSums(
            TileLayout layout,
            int[] w,
            int first,
            int second,
            int blocks,
            QuantizedRows x,
            int xBlock,
            float[] sums,
            int firstSum,
            int secondSum) {
        int stride = layout.blockInts();
        int restore = layout.signed() ? 0 : layout.integers().center();
        switch (layout.integers()) {
            case FOUR ->
                VectorFourBits.sums(w, first, second, blocks, stride, x, xBlock, restore, sums, firstSum, secondSum);
            case FIVE ->
                VectorFiveBits.sums(w, first, second, blocks, stride, x, xBlock, restore, sums, firstSum, secondSum);
            case SIX -> VectorSixBits.sums(w, first, second, blocks, stride, x, xBlock, sums, firstSum, secondSum);
            case EIGHT -> VectorEightBits.sums(w, first, second, blocks, stride, x, xBlock, sums, firstSum, secondSum);
        }
    }

    @Override
    public boolean multiplyRow(
            TileLayout layout, int[] weights, int tile, int blocks, QuantizedRows x, int xBlock, float[] out) {
        if (layout.integers() != IntegerPlane.FOUR && layout.integers() != IntegerPlane.EIGHT
                || layout.scales() == ScalePlane.SCALE_AND_MINIMUM) {
            return false;
        }
        for (int block = 0; block < blocks; block += ROW_BLOCKS) {
            int count = Math.min(ROW_BLOCKS, blocks - block);
            int from = tile + layout.tileInts(block);
            for (int j = 0; j < IntegerPlane.WORD; j += 2 * LANES) {
                int next = j + LANES;
                multiplyRow(layout, weights, from + j, from + next, count, x, xBlock + block, out, row(j), row(next));
            }
        }
        return true;
    }

    private static void multiplyRow(
            TileLayout layout,
            int[] w,
            int first,
            int second,
            int blocks,
            QuantizedRows x,
            int xBlock,
            float[] out,
            int o,
            int p) {
        if (layout.integers() == IntegerPlane.EIGHT) {
            VectorEightBitsScaled.multiply(w, first, second, blocks, x, xBlock, out, o, p);
        } else if (layout.scales() == ScalePlane.SCALE) {
            VectorFourBitsScaled.multiply(w, first, second, blocks, x, xBlock, out, o, p);
        } else {
            VectorFourBitsSuperScaled.multiply(w, first, second, blocks, x, xBlock, out, o, p);
        }
    }

    @Override
    public void halves(int[] tile, int offset, int stride, int words, float[] target, int at) {
        VectorScales.halves(tile, offset, stride, words, target, at);
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
        VectorScales.bytes(tile, offset, stride, words, high, signed, factors, target, at, spacing);
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
        if (layout.scales().columns() == 16) {
            VectorScales.addOf16(sums, sumOffset, blocks, scales, x.scales, xBlock, out, offset);
        } else if (layout.scales().hasMinimum()) {
            VectorScales.addWithMinimum(sums, sumOffset, blocks, scales, minima, x, xBlock, out, offset);
        } else {
            VectorScales.add(sums, sumOffset, blocks, scales, x.scales, xBlock, out, offset);
        }
    }

    @Override
    public void unpack(TileLayout layout, int[] weights, int offset, int blocks, float[] tile) {
        IntegerPlane plane = layout.integers();
        int center = layout.signed() ? plane.center() : 0;
        for (int block = 0; block < blocks; block++) {
            int from = offset + block * layout.blockInts();
            int at = block * 32 * 32;
            if (plane == IntegerPlane.EIGHT) {
                VectorUnpack.fields(weights, from, 16, 8, center, tile, at);
                continue;
            }
            VectorUnpack.fields(weights, from, 8, 4, center, tile, at);
            if (plane != IntegerPlane.FOUR) {
                int bits = plane == IntegerPlane.FIVE ? 1 : 2;
                VectorUnpack.addUpperFields(weights, from + 8 * IntegerPlane.WORD, 2 * bits, bits, tile, at);
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
        VectorProducts.addBlocks(tile, blocks, width, scales, x, xOffset, xStride, xScales, out, outOffset, outStride);
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
        VectorProducts.addBlocksWithMinima(tile, blocks, scales, minima, x, xOffset, out, outOffset, outStride);
    }

    @Override
    public void floatRow(FloatPlane plane, int[] weights, int tile, int columns, float[] x, int xOffset, float[] out) {
        if (plane == FloatPlane.F32) {
            for (int j = 0; j < IntegerPlane.ROWS; j += 4 * LANES) {
                VectorFloatRow.floats(weights, tile + j, columns, x, xOffset, out, j);
            }
            return;
        }
        for (int j = 0; j < IntegerPlane.WORD; j += 2 * LANES) {
            int next = j + LANES;
            row16(plane, weights, tile + j, tile + next, columns, x, xOffset, out, row(j), row(next));
        }
    }

    @Override
    public void floatRows(
            FloatPlane plane, int[] weights, int tile, int columns, float[] x, int xOffset, int xStride, float[] out) {
        switch (plane) {
            case F32 -> {
                for (int j = 0; j < IntegerPlane.ROWS; j += 2 * LANES) {
                    VectorFloatRows.floats(weights, tile + j, columns, x, xOffset, xStride, out, j, j + LANES);
                }
            }
            case F16 -> {
                if (LANES == 16) {
                    VectorFloatRows.wideHalves(weights, tile, columns, x, xOffset, xStride, out, 0);
                    return;
                }
                for (int j = 0; j < IntegerPlane.WORD; j += LANES) {
                    VectorFloatRows.halves(weights, tile + j, columns, x, xOffset, xStride, out, row(j), row(j) + 16);
                }
            }
            case BF16 -> {
                for (int j = 0; j < IntegerPlane.WORD; j += LANES) {
                    VectorFloatRows.brains(weights, tile + j, columns, x, xOffset, xStride, out, row(j), row(j) + 16);
                }
            }
        }
    }

    private static void row16(
            FloatPlane plane,
            int[] w,
            int first,
            int second,
            int columns,
            float[] x,
            int at,
            float[] out,
            int o,
            int p) {
        if (plane == FloatPlane.F16) {
            VectorFloatRow.halves(w, first, second, columns, x, at, out, o, p);
        } else {
            VectorFloatRow.brains(w, first, second, columns, x, at, out, o, p);
        }
    }

    @Override
    public void unpackFloats(FloatPlane plane, int[] weights, int offset, int columns, float[] tile) {
        switch (plane) {
            case F32 -> VectorUnpack.floats(weights, offset, columns, tile);
            case F16 -> VectorScales.halves(weights, offset, IntegerPlane.WORD, columns, tile, 0);
            case BF16 -> VectorUnpack.brains(weights, offset, columns, tile);
        }
    }

    @Override
    public void add(
            float[] tile, int columns, float[] x, int xOffset, int xStride, float[] out, int outOffset, int outStride) {
        VectorProducts.add(tile, columns, x, xOffset, xStride, out, outOffset, outStride);
    }
}
