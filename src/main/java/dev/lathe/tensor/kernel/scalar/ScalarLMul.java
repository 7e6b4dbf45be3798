package dev.lathe.tensor.kernel.scalar;

import dev.lathe.tensor.kernel.LMul;
import dev.lathe.tensor.kernel.LMulKernels;

/** Approximate products in plain Java: the reference of the vector form. */
public final class ScalarLMul implements LMulKernels {
    @Override
    public void add(
            LMul lMul,
            float[] x,
            int xOffset,
            int count,
            float[] rows,
            int rowOffset,
            int rowStride,
            int width,
            float[] out,
            int outOffset) {
        tail(lMul, x, xOffset, count, rows, rowOffset, rowStride, 0, width, out, outOffset);
    }

    /** The outputs from {@code from} on. */
    public static void tail(
            LMul lMul,
            float[] x,
            int xOffset,
            int count,
            float[] rows,
            int rowOffset,
            int rowStride,
            int from,
            int width,
            float[] out,
            int outOffset) {
        for (int j = from; j < width; j++) {
            float sum = out[outOffset + j];
            for (int k = 0; k < count; k++) {
                sum += lMul.multiply(x[xOffset + k], rows[rowOffset + k * rowStride + j]);
            }
            out[outOffset + j] = sum;
        }
    }
}
