package dev.lathe.tensor.kernel;

/** Sums of approximate products. Arguments are checked by the caller. Thread-safe. */
public interface LMulKernels {
    /**
     * {@code out[j] += sum over k of lmul(x[k], rows[k][j])}, k ascending, each product rounded before it is added.
     *
     * @param x {@code count} floats from {@code xOffset} on
     * @param rows row k starts at {@code rowOffset + k * rowStride}
     * @param out {@code width} floats from {@code outOffset} on
     */
    void add(
            LMul lMul,
            float[] x,
            int xOffset,
            int count,
            float[] rows,
            int rowOffset,
            int rowStride,
            int width,
            float[] out,
            int outOffset);
}
