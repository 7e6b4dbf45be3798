package dev.lathe.tensor.kernel.vector;

import dev.lathe.tensor.kernel.FloatPlane;
import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.LaneForm;
import dev.lathe.tensor.kernel.MatrixKernels;
import dev.lathe.tensor.kernel.QuantizedActivations;
import dev.lathe.tensor.kernel.ScalePlane;
import dev.lathe.tensor.kernel.TileLayout;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Set;
import jdk.incubator.vector.FloatVector;

/** The matrix steps on the Vector API: spreads the 64 rows of a tile over vectors of any width. */
final class VectorMatrixKernels implements MatrixKernels {
    private static final byte[] FLOAT_LEVELS = IntegerPlane.FLOAT_FOUR.lookupTable();
    private static final byte[] NONLINEAR_LEVELS = IntegerPlane.NONLINEAR_FOUR.lookupTable();
    private static final int LANES = FloatVector.SPECIES_PREFERRED.length();
    /**
     * Blocks of one row that are multiplied before the next vectors of the tile get their turn: where it takes several to
     * cover a word, they find its other parts in the cache, and memory is read nearly in order.
     */
    private static final int ROW_BLOCKS = 2 * LANES >= IntegerPlane.WORD ? 1 << 16 : 4;
    /** The same where four vectors are multiplied at a time. */
    private static final int WORD_BLOCKS = 4 * LANES >= IntegerPlane.WORD ? 1 << 16 : 4;
    /** The same for columns of plain numbers. */
    private static final int ROW_COLUMNS = 2 * LANES >= IntegerPlane.WORD ? 1 << 30 : 64;

    @Override
    public void quantize(float[] source, int offset, int blocks, QuantizedActivations target, int block) {
        VectorActivations.quantize(source, offset, blocks, target, block);
    }

    @Override
    public Set<LaneForm> forms(IntegerPlane plane, boolean packed) {
        return VectorActivations.forms(plane, packed);
    }

    @Override
    public void derive(LaneForm form, QuantizedActivations x, int from, int to) {
        VectorActivations.derive(form, x, from, to);
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
        boolean isSuperScaled = layout.superInts() > 0;
        if (layout.integers() == IntegerPlane.FOUR && !isSuperScaled && 4 * LANES <= IntegerPlane.WORD) {
            multiplyNibbles(layout, weights, tile, blocks, x, xBlock, out);
            return;
        }
        int together = isSuperScaled ? Math.min(ROW_BLOCKS, ScalePlane.SUPER_BLOCKS) : ROW_BLOCKS;
        for (int block = 0; block < blocks; block += together) {
            int base = isSuperScaled ? block / ScalePlane.SUPER_BLOCKS * ScalePlane.SUPER_BLOCKS : 0;
            int from = block - base;
            int to = Math.min(from + together, blocks - base);
            int xFrom = xBlock + base;
            for (int j = 0; j < IntegerPlane.WORD; j += 2 * LANES) {
                long first = tile + layout.tileBytes(base) + 4L * j;
                long second = first + 4L * LANES;
                int o = IntegerPlane.row(j);
                int p = IntegerPlane.row(j + LANES);
                switch (layout.integers()) {
                    case TERNARY -> VectorTernaryBits.multiply(weights, first, second, from, to, x, xFrom, out, o, p);
                    case TWO -> VectorTwoBits.multiply(weights, first, second, from, to, x, xFrom, out, o, p);
                    case THREE -> VectorThreeBits.multiply(weights, first, second, from, to, x, xFrom, out, o, p);
                    case FOUR -> VectorFourBits.multiply(layout, weights, first, second, from, to, x, xFrom, out, o, p);
                    case FLOAT_FOUR ->
                        VectorFloatFourBits.multiply(weights, first, second, from, to, x, xFrom, out, o, p);
                    case NONLINEAR_FOUR ->
                        VectorNonlinearFourBits.multiply(layout, weights, first, second, from, to, x, xFrom, out, o, p);
                    case FIVE -> VectorFiveBits.multiply(layout, weights, first, second, from, to, x, xFrom, out, o, p);
                    case SIX -> VectorSixBits.multiply(weights, first, second, from, to, x, xFrom, out, o, p);
                    case EIGHT -> VectorEightBits.multiply(weights, first, second, from, to, x, xFrom, out, o, p);
                }
            }
        }
    }

    private static void multiplyNibbles(
            TileLayout layout,
            MemorySegment weights,
            long tile,
            int blocks,
            QuantizedActivations x,
            int xBlock,
            float[] out) {
        for (int block = 0; block < blocks; block += WORD_BLOCKS) {
            int to = Math.min(block + WORD_BLOCKS, blocks);
            for (int j = 0; j < IntegerPlane.WORD; j += 4 * LANES) {
                VectorFourBitWords.multiply(layout, weights, tile, j, block, to, x, xBlock, out);
            }
        }
    }

    @Override
    public void scales(
            TileLayout layout, MemorySegment w, long tile, int block, int blocks, float[] scales, float[] minima) {
        for (int half = 0; half < 2; half++) {
            long from = tile + half * IntegerPlane.WORD_BYTES / 2;
            halfScales(layout, w, from, block, blocks, scales, minima, half * IntegerPlane.HALF_ROWS);
        }
    }

    private static void halfScales(
            TileLayout layout,
            MemorySegment w,
            long half,
            int block,
            int blocks,
            float[] scales,
            float[] minima,
            int to) {
        long at = half + layout.scalesOffset(block);
        long d = half + layout.superScalesOffset(block);
        int next = IntegerPlane.WORD_BYTES;
        int stride = layout.blockBytes();
        float f16 = FloatPlane.F16.scale();
        switch (layout.scales()) {
            case SCALE -> VectorScales.halves(f16, w, at, stride, blocks, scales, to, 64);
            case BRAIN_SCALE -> VectorScales.brains(w, at, stride, blocks, scales, to, 64);
            case SCALE_AND_MINIMUM -> {
                VectorScales.halves(f16, w, at, stride, blocks, scales, to, 64);
                VectorScales.halves(f16, w, at + next, stride, blocks, minima, to, 64);
            }
            case SCALE_OF_256 -> VectorScales.halves(f16, w, d, 0, blocks, scales, to, 64); // the same for all blocks
            case SUPER_SCALE -> VectorScales.fields(w, d, 1, at, stride, blocks, 0, 16, true, scales, to, 64);
            case SUPER_SCALE_AND_MINIMUM -> {
                VectorScales.fields(w, d, 1, at, stride, blocks, 8, 8, false, scales, to, 64);
                VectorScales.fields(w, d + next, -1, at, stride, blocks, 0, 8, false, minima, to, 64);
            }
            case SUPER_SCALE_OF_16 -> {
                VectorScales.fields(w, d, 1, at, stride, blocks, 8, 8, true, scales, to, 128);
                VectorScales.fields(w, d, 1, at, stride, blocks, 0, 8, true, scales, to + 64, 128);
            }
            case SUPER_SCALE_AND_MINIMUM_OF_16 -> {
                VectorScales.fields(w, d, 1, at, stride, blocks, 12, 4, false, scales, to, 128);
                VectorScales.fields(w, d, 1, at, stride, blocks, 4, 4, false, scales, to + 64, 128);
                VectorScales.fields(w, d + next, -1, at, stride, blocks, 8, 4, false, minima, to, 128);
                VectorScales.fields(w, d + next, -1, at, stride, blocks, 0, 4, false, minima, to + 64, 128);
            }
        }
    }

    @Override
    public void unpackLanes(TileLayout layout, MemorySegment weights, long offset, int blocks, int[] tile) {
        IntegerPlane plane = layout.integers();
        int center = plane.laneCenter();
        for (int block = 0; block < blocks; block++) {
            long from = offset + (long) block * layout.blockBytes();
            int at = block * IntegerPlane.BLOCK * IntegerPlane.WORD;
            switch (plane) {
                case TERNARY, TWO -> VectorUnpack.lanes(weights, from, plane.words(), 2, center, tile, at);
                case THREE -> VectorUnpack.fieldLanes(3, weights, from, center, tile, at);
                case FLOAT_FOUR -> VectorUnpack.levelLanes(FLOAT_LEVELS, weights, from, center, tile, at);
                case FOUR -> VectorUnpack.lanes(weights, from, plane.words(), 4, center, tile, at);
                case FIVE -> VectorUnpack.fieldLanes(5, weights, from, center, tile, at);
                case SIX -> VectorUnpack.sixBitLanes(weights, from, center, tile, at);
                case NONLINEAR_FOUR, EIGHT -> throw new AssertionError(plane + " is unpacked to floats");
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
        VectorLaneRows.add(layout, tile, groups, scales, minima, x, xOffset, rows, sums, out, outOffset);
    }

    @Override
    public void unpackBytes(TileLayout layout, MemorySegment weights, long offset, int blocks, float[] tile) {
        for (int block = 0; block < blocks; block++) {
            long from = offset + (long) block * layout.blockBytes();
            if (layout.integers() == IntegerPlane.NONLINEAR_FOUR) {
                VectorUnpack.levelBytes(NONLINEAR_LEVELS, weights, from, tile, block * 1024);
            } else {
                VectorUnpack.bytes(weights, from, layout.integers().words(), tile, block * 1024);
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
        VectorProducts.addBlocks(tile, blocks, scales, scalesOffset, x, xOffset, rows, out, outOffset);
    }

    @Override
    public void floatRow(
            FloatPlane plane, MemorySegment weights, long tile, int columns, float[] x, int xOffset, float[] out) {
        Arrays.fill(out, 0, IntegerPlane.ROWS, 0f);
        for (int column = 0; column < columns; column += ROW_COLUMNS) {
            int count = Math.min(ROW_COLUMNS, columns - column);
            floatColumns(plane, weights, tile + (long) column * plane.columnBytes(), count, x, xOffset + column, out);
        }
    }

    private static void floatColumns(
            FloatPlane plane, MemorySegment weights, long first, int columns, float[] x, int xOffset, float[] out) {
        switch (plane) {
            case F32 -> {
                for (int j = 0; j < IntegerPlane.ROWS; j += 4 * LANES) {
                    VectorFloatRow.floats(weights, first + 4L * j, columns, x, xOffset, out, j);
                }
            }
            case F16, F16_BELOW_128 -> {
                for (int j = 0; j < IntegerPlane.WORD; j += 2 * LANES) {
                    int o = IntegerPlane.row(j);
                    int p = IntegerPlane.row(j + LANES);
                    VectorFloatRow.halves(weights, first + 4L * j, columns, plane.columnBytes(), x, xOffset, out, o, p);
                }
            }
            case BF16 -> {
                for (int j = 0; j < IntegerPlane.WORD; j += 2 * LANES) {
                    int o = IntegerPlane.row(j);
                    int p = IntegerPlane.row(j + LANES);
                    VectorFloatRow.brains(weights, first + 4L * j, columns, plane.columnBytes(), x, xOffset, out, o, p);
                }
            }
        }
    }

    @Override
    public int mostPackedRows(FloatPlane plane) {
        boolean widensCheaply = plane != FloatPlane.F32 && VectorKernels.BITS == 512;
        return widensCheaply ? Integer.MAX_VALUE : MatrixKernels.super.mostPackedRows(plane);
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
        boolean isF16 = plane != FloatPlane.F32 && plane != FloatPlane.BF16;
        if (isF16 && 2 * LANES >= IntegerPlane.WORD && rows > 2) {
            int stride = plane.columnBytes();
            if (rows == 3) {
                VectorFloatRows.wideHalvesOfThree(weights, tile, columns, stride, x, xOffset, xStride, out);
            } else {
                VectorFloatRows.wideHalves(weights, tile, columns, stride, x, xOffset, xStride, out);
            }
            return;
        }
        Arrays.fill(out, 0f);
        for (int column = 0; column < columns; column += ROW_COLUMNS) {
            int count = Math.min(ROW_COLUMNS, columns - column);
            long first = tile + (long) column * plane.columnBytes();
            floatColumns(plane, weights, first, count, x, xOffset + column, xStride, rows, out);
        }
    }

    private static void floatColumns(
            FloatPlane plane,
            MemorySegment weights,
            long first,
            int columns,
            float[] x,
            int xOffset,
            int xStride,
            int rows,
            float[] out) {
        int stride = plane.columnBytes();
        if (plane == FloatPlane.F32) {
            for (int j = 0; j < IntegerPlane.ROWS; j += 2 * LANES) {
                VectorFloatRows.floats(weights, first + 4L * j, columns, x, xOffset, xStride, out, j, j + LANES);
            }
        } else if (plane == FloatPlane.BF16) {
            for (int j = 0; j < IntegerPlane.WORD; j += LANES) {
                int o = IntegerPlane.row(j);
                VectorFloatRows.brains(weights, first + 4L * j, columns, stride, x, xOffset, xStride, out, o, o + 16);
            }
        } else {
            for (int row = 0; row < rows; row += 2) { // the second pair finds the weights in the cache
                int from = xOffset + row * xStride;
                for (int j = 0; j < IntegerPlane.WORD; j += 2 * LANES) {
                    int o = row * IntegerPlane.ROWS + IntegerPlane.row(j);
                    int p = row * IntegerPlane.ROWS + IntegerPlane.row(j + LANES);
                    VectorFloatRows.pairOfHalves(weights, first + 4L * j, columns, stride, x, from, xStride, out, o, p);
                }
            }
        }
    }

    @Override
    public void unpackFloats(FloatPlane plane, MemorySegment weights, long offset, int columns, float[] tile) {
        switch (plane) {
            case F32 -> VectorUnpack.floats(weights, offset, columns, tile);
            case F16, F16_BELOW_128 ->
                VectorScales.halves(plane.scale(), weights, offset, IntegerPlane.WORD_BYTES, columns, tile, 0, 32);
            case BF16 -> VectorScales.brains(weights, offset, IntegerPlane.WORD_BYTES, columns, tile, 0, 32);
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
        VectorProducts.add(tile, columns, x, xOffset, xStride, rows, out, outOffset, outStride);
    }
}
