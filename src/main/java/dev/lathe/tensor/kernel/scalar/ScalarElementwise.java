package dev.lathe.tensor.kernel.scalar;

import dev.lathe.tensor.kernel.ElementwiseKernels;
import dev.lathe.tensor.kernel.Exponential;
import java.util.Arrays;

/** The element-wise functions in plain Java: the reference of the vector form, and its tails. */
public final class ScalarElementwise implements ElementwiseKernels {
    @Override
    public void rmsNorm(
            float[] input, int inputOffset, float[] weight, float epsilon, float[] output, int outputOffset, int size) {
        float factor = rmsFactor(sumOfSquares(input, inputOffset, size), size, epsilon);
        for (int i = 0; i < size; i++) {
            output[outputOffset + i] = input[inputOffset + i] * factor * weight[i];
        }
    }

    /** 1 / sqrt(sum / size + epsilon); square root and division are exactly rounded everywhere. */
    public static float rmsFactor(float sum, int size, float epsilon) {
        return (float) (1.0 / Math.sqrt((double) sum / size + epsilon));
    }

    private static float sumOfSquares(float[] values, int offset, int size) {
        float[] lanes = new float[SUM_LANES];
        int whole = size - size % SUM_LANES;
        for (int i = 0; i < whole; i++) {
            float x = values[offset + i];
            lanes[i % SUM_LANES] = Math.fma(x, x, lanes[i % SUM_LANES]);
        }
        return fold(lanes) + tailOfSquares(values, offset, whole, size);
    }

    @Override
    public void layerNorm(
            float[] input,
            int inputOffset,
            float[] weight,
            float[] bias,
            float epsilon,
            float[] output,
            int outputOffset,
            int size) {
        int whole = size - size % SUM_LANES;
        float[] lanes = new float[SUM_LANES];
        for (int i = 0; i < whole; i++) {
            lanes[i % SUM_LANES] += input[inputOffset + i];
        }
        float mean = (fold(lanes) + tail(input, inputOffset, whole, size)) / size;
        Arrays.fill(lanes, 0f);
        for (int i = 0; i < whole; i++) {
            float deviation = input[inputOffset + i] - mean;
            lanes[i % SUM_LANES] = Math.fma(deviation, deviation, lanes[i % SUM_LANES]);
        }
        float sum = fold(lanes) + tailOfDeviations(input, inputOffset, mean, whole, size);
        centre(input, inputOffset, mean, rmsFactor(sum, size, epsilon), weight, bias, output, outputOffset, size);
    }

    public static float tail(float[] values, int offset, int from, int size) {
        float tail = 0f;
        for (int i = from; i < size; i++) {
            tail += values[offset + i];
        }
        return tail;
    }

    public static float tailOfDeviations(float[] values, int offset, float mean, int from, int size) {
        float tail = 0f;
        for (int i = from; i < size; i++) {
            float deviation = values[offset + i] - mean;
            tail = Math.fma(deviation, deviation, tail);
        }
        return tail;
    }

    /** The last step of a layer norm; the compiler vectorizes it. */
    public static void centre(
            float[] input,
            int inputOffset,
            float mean,
            float factor,
            float[] weight,
            float[] bias,
            float[] output,
            int outputOffset,
            int size) {
        for (int i = 0; i < size; i++) {
            output[outputOffset + i] = (input[inputOffset + i] - mean) * factor * weight[i] + bias[i];
        }
    }

    public static float tailOfSquares(float[] values, int offset, int from, int size) {
        float tail = 0f;
        for (int i = from; i < size; i++) {
            float x = values[offset + i];
            tail = Math.fma(x, x, tail);
        }
        return tail;
    }

    /** The sum of eight lanes, in the order of vectors that are halved. */
    public static float fold(float[] lanes) {
        return fold(lanes, 0);
    }

    /** The same of the eight lanes from {@code at} on. */
    public static float fold(float[] lanes, int at) {
        return ((lanes[at] + lanes[at + 4]) + (lanes[at + 2] + lanes[at + 6]))
                + ((lanes[at + 1] + lanes[at + 5]) + (lanes[at + 3] + lanes[at + 7]));
    }

    @Override
    public void softmax(float[] values, int offset, int size) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < size; i++) {
            max = Math.max(max, values[offset + i]);
        }
        float[] lanes = new float[SUM_LANES];
        int whole = size - size % SUM_LANES;
        for (int i = 0; i < whole; i++) {
            float exp = Exponential.exp(values[offset + i] - max);
            values[offset + i] = exp;
            lanes[i % SUM_LANES] += exp;
        }
        float sum = fold(lanes) + tailOfExponentials(values, offset, whole, size, max);
        scale(values, offset, 1f / sum, values, offset, size);
    }

    public static float tailOfExponentials(float[] values, int offset, int from, int size, float max) {
        float tail = 0f;
        for (int i = from; i < size; i++) {
            float exp = Exponential.exp(values[offset + i] - max);
            values[offset + i] = exp;
            tail += exp;
        }
        return tail;
    }

    @Override
    public void siluGate(
            float[] gate, int gateOffset, float[] up, int upOffset, float[] output, int outputOffset, int size) {
        siluTail(gate, gateOffset, up, upOffset, output, outputOffset, 0, size);
    }

    public static void siluTail(
            float[] gate,
            int gateOffset,
            float[] up,
            int upOffset,
            float[] output,
            int outputOffset,
            int from,
            int size) {
        for (int i = from; i < size; i++) {
            output[outputOffset + i] = Exponential.silu(gate[gateOffset + i]) * up[upOffset + i];
        }
    }

    @Override
    public void geluGate(
            float[] gate, int gateOffset, float[] up, int upOffset, float[] output, int outputOffset, int size) {
        geluTail(gate, gateOffset, up, upOffset, output, outputOffset, 0, size);
    }

    public static void geluTail(
            float[] gate,
            int gateOffset,
            float[] up,
            int upOffset,
            float[] output,
            int outputOffset,
            int from,
            int size) {
        for (int i = from; i < size; i++) {
            output[outputOffset + i] = Exponential.gelu(gate[gateOffset + i]) * up[upOffset + i];
        }
    }
}
