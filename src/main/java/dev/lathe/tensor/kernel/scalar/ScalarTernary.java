package dev.lathe.tensor.kernel.scalar;

import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.TernaryKernels;
import dev.lathe.tensor.kernel.TernaryProduct;
import java.lang.foreign.MemorySegment;

/** Ternary sums in plain Java: the reference of the vector form. */
final class ScalarTernary implements TernaryKernels {
    @Override
    public void sums(MemorySegment weights, long at, int words, short[] x, int xAt, int[] sums) {
        for (int row = 0; row < IntegerPlane.ROWS; row++) {
            int sum = 0;
            for (int column = 0; column < words * TernaryProduct.WORD_COLUMNS; column++) {
                int weight = TernaryProduct.get(weights, at, column, row);
                if (weight > 0) {
                    sum += x[xAt + column];
                } else if (weight < 0) {
                    sum -= x[xAt + column];
                }
            }
            sums[row] = sum;
        }
    }
}
