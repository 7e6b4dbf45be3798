package dev.lathe.tensor.kernel.scalar;

import dev.lathe.tensor.kernel.ActiveColumns;
import dev.lathe.tensor.kernel.FloatPlane;
import dev.lathe.tensor.kernel.GroupSparseProduct;
import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.SparseKernels;
import java.lang.foreign.MemorySegment;

/** Products without what is absent or zero in plain Java. */
final class ScalarSparse implements SparseKernels {
    @Override
    public void groupRow(MemorySegment weights, long tile, int chunks, int kept, float[] x, int xOffset, float[] out) {
        for (int row = 0; row < IntegerPlane.ROWS; row++) {
            float sum = 0;
            for (int chunk = 0; chunk < chunks; chunk++) {
                long at = tile + (long) chunk * GroupSparseProduct.chunkBytes(kept);
                int from = xOffset + chunk * GroupSparseProduct.CHUNK;
                for (int i = 0; i < GroupSparseProduct.GROUP * kept; i++) {
                    int column = IntegerPlane.half(weights, at, i / 4, row) >>> 4 * (i % 4) & 15;
                    float weight = FloatPlane.half(IntegerPlane.half(weights, at, kept + i, row));
                    sum = Math.fma(weight, x[from + column], sum);
                }
            }
            out[row] = sum;
        }
    }

    @Override
    public void activeRow(FloatPlane plane, MemorySegment weights, long tile, ActiveColumns x, float[] out) {
        for (int row = 0; row < IntegerPlane.ROWS; row++) {
            float sum = 0;
            for (int i = 0; i < x.count(); i++) {
                int column = x.offsets()[i] / plane.columnBytes();
                sum = Math.fma(plane.unscaled(weights, tile, column, row), x.values()[i], sum);
            }
            out[row] = sum;
        }
    }
}
