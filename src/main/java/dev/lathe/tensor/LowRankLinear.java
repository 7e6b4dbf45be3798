package dev.lathe.tensor;

import java.lang.foreign.MemorySegment;
import java.util.function.UnaryOperator;

/**
 * A linear layer that is the product of two smaller ones: {@code y = out (in x)}, with {@code in} of [rank x inputSize] and
 * {@code out} of [outputSize x rank]. Saves weights where rank &lt; inputs * outputs / (inputs + outputs).
 *
 * <p>The first factors of all layers that read one input share a parallel region, so the detour costs one region more, not
 * one for each layer. A row between the factors is float32, or quantized where the second factor is.
 */
public final class LowRankLinear implements Linear {
    private final TiledLinear in;
    private final TiledLinear out;

    /**
     * A layer of two factors.
     *
     * @throws IllegalArgumentException if the first does not give what the second reads
     */
    public LowRankLinear(TiledLinear in, TiledLinear out) {
        if (in.outputSize() != out.inputSize()) {
            throw new IllegalArgumentException("factors of [" + in.outputSize() + " x " + in.inputSize() + "] and ["
                    + out.outputSize() + " x " + out.inputSize() + "] have different ranks");
        }
        this.in = in;
        this.out = out;
    }

    /** The factor that reads the input, [rank x inputSize]. */
    public TiledLinear in() {
        return in;
    }

    /** The factor that writes the output, [outputSize x rank]. */
    public TiledLinear out() {
        return out;
    }

    /** Length of a row between the factors. */
    public int rank() {
        return in.outputSize();
    }

    @Override
    public LowRankLinear moved(UnaryOperator<MemorySegment> where) {
        return new LowRankLinear(in.moved(where), out.moved(where));
    }

    @Override
    public int inputSize() {
        return in.inputSize();
    }

    @Override
    public int outputSize() {
        return out.outputSize();
    }

    @Override
    public TensorType type() {
        return out.type();
    }

    @Override
    public long byteCount() {
        return in.byteCount() + out.byteCount();
    }

    /** Writes a row of the product of the factors. */
    @Override
    public void readRow(int row, float[] target, int offset) {
        float[] factors = new float[rank()];
        out.readRow(row, factors, 0);
        float[] direction = new float[inputSize()];
        java.util.Arrays.fill(target, offset, offset + inputSize(), 0f);
        for (int i = 0; i < rank(); i++) {
            in.readRow(i, direction, 0);
            for (int column = 0; column < direction.length; column++) {
                target[offset + column] = Math.fma(factors[i], direction[column], target[offset + column]);
            }
        }
    }
}
