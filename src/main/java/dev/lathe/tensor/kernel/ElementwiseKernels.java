package dev.lathe.tensor.kernel;

/**
 * Element-wise functions of rows of activations: norms, softmax, gates, rotary positions.
 *
 * <p>Sums run over eight virtual lanes: lane j adds elements j, j + 8, j + 16 ... in that order with fused
 * multiply-adds; the lanes fold as ((0+4)+(2+6)) + ((1+5)+(3+7)); a tail of fewer than eight elements is summed in
 * order and added last. So every vector width gives the same bits. Arguments are checked by the caller. Thread-safe.
 */
public interface ElementwiseKernels {
    /** Virtual lanes of a sum. */
    int SUM_LANES = 8;

    /**
     * Root mean square norm: {@code output = input / sqrt(mean(input^2) + epsilon) * weight}; may work in place.
     *
     * <p>Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019.
     */
    void rmsNorm(
            float[] input, int inputOffset, float[] weight, float epsilon, float[] output, int outputOffset, int size);

    /** {@link #rmsNorm} of neighbouring rows, each for itself. */
    default void rmsNormRows(
            float[] input,
            int inputOffset,
            float[] weight,
            float epsilon,
            float[] output,
            int outputOffset,
            int size,
            int rows) {
        for (int at = 0; at < rows * size; at += size) {
            rmsNorm(input, inputOffset + at, weight, epsilon, output, outputOffset + at, size);
        }
    }

    /**
     * Layer norm: {@code output = (input - mean) / sqrt(variance + epsilon) * weight + bias} with the mean squared deviation as
     * variance; may work in place.
     *
     * <p>Ba, Kiros and Hinton, "Layer Normalization", 2016, section 3.
     */
    void layerNorm(
            float[] input,
            int inputOffset,
            float[] weight,
            float[] bias,
            float epsilon,
            float[] output,
            int outputOffset,
            int size);

    /** Replaces values by {@code exp(value - max) / sum}; nothing happens to an empty range. */
    void softmax(float[] values, int offset, int size);

    /**
     * {@link #softmax} of some ranges, each for itself.
     *
     * @param ranges where each begins, and its size
     * @param count of the ranges
     */
    default void softmaxRanges(float[] values, int[] ranges, int count) {
        for (int i = 0; i < count; i++) {
            softmax(values, ranges[2 * i], ranges[2 * i + 1]);
        }
    }

    /** {@code gate = silu(gate) * up}, with silu(x) = x / (1 + exp(-x)). */
    void siluGate(float[] gate, int gateOffset, float[] up, int upOffset, float[] output, int outputOffset, int size);

    /**
     * {@code gate = gelu(gate) * up}, with the tanh form of GELU, x/2 (1 + tanh(u)), u = sqrt(2/pi) (x + 0.044715 x^3),
     * computed as x / (1 + exp(-2u)), which is the same and loses no digits for negative x.
     *
     * <p>Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016.
     */
    void geluGate(float[] gate, int gateOffset, float[] up, int upOffset, float[] output, int outputOffset, int size);

    /** {@code output = gelu(gate) * up} with the exact GELU, x/2 (1 + erf(x / sqrt(2))). */
    default void exactGeluGate(
            float[] gate, int gateOffset, float[] up, int upOffset, float[] output, int outputOffset, int size) {
        ErrorFunction.geluGate(gate, gateOffset, up, upOffset, output, outputOffset, size);
    }

    /** {@code output = max(gate, 0)^2 * up}. So et al., "Primer", 2021, arXiv 2109.08668, section 4.1. */
    default void squaredReluGate(
            float[] gate, int gateOffset, float[] up, int upOffset, float[] output, int outputOffset, int size) {
        for (int i = 0; i < size; i++) {
            float x = Math.max(gate[gateOffset + i], 0f);
            output[outputOffset + i] = x * x * up[upOffset + i];
        }
    }

    /**
     * {@code output = g / (1 + exp(-1.702 g)) * (u + 1)}, with g the gate but at most 7 and u what it multiplies, within -7 and 7.
     *
     * <p>OpenAI, "gpt-oss-120b and gpt-oss-20b Model Card", 2025, arXiv 2508.10925, section 2.2.
     */
    default void clampedSiluGate(
            float[] gate, int gateOffset, float[] up, int upOffset, float[] output, int outputOffset, int size) {
        for (int i = 0; i < size; i++) {
            float g = Math.min(gate[gateOffset + i], 7f);
            float u = Math.clamp(up[upOffset + i], -7f, 7f);
            output[outputOffset + i] = g / (1f + Exponential.exp(-1.702f * g)) * (u + 1f);
        }
    }

    /**
     * {@code output = xielu(gate) * up}, with {@code positive x^2 + slope x} above 0, and up to it {@code negative (exp(min(x, threshold))
     * - 1 - x) + slope x}.
     *
     * <p>Huang and Schlag, "Deriving Activation Functions Using Integration", 2024, arXiv 2411.13010, section 3.
     */
    default void xieluGate(
            float[] gate,
            int gateOffset,
            float[] up,
            int upOffset,
            float[] output,
            int outputOffset,
            int size,
            float positive,
            float negative,
            float slope,
            float threshold) {
        for (int i = 0; i < size; i++) {
            float x = gate[gateOffset + i];
            float low = Math.min(x, threshold);
            float bend = x > 0 ? positive * x * x : negative * (Exponential.aboveTangent(low) + (low - x));
            output[outputOffset + i] = (bend + slope * x) * up[upOffset + i];
        }
    }

    /** {@code value = cap * tanh(value / cap)}, in place. */
    default void softCap(float[] values, int offset, float cap, int size) {
        for (int i = 0; i < size; i++) {
            float x = values[offset + i] / cap;
            values[offset + i] = cap * (1f - 2f / (1f + Exponential.exp(2f * x)));
        }
    }

    /** {@code target += source}. */
    default void add(float[] target, int targetOffset, float[] source, int sourceOffset, int size) {
        for (int i = 0; i < size; i++) {
            target[targetOffset + i] += source[sourceOffset + i];
        }
    }

    /** {@code output = input * factor}; may work in place. */
    default void scale(float[] input, int inputOffset, float factor, float[] output, int outputOffset, int size) {
        for (int i = 0; i < size; i++) {
            output[outputOffset + i] = input[inputOffset + i] * factor;
        }
    }

    /**
     * Rotates the pairs (i, i + half) of the first {@code 2 * half} values of each head by the angles whose cosines and sines are
     * given.
     *
     * <p>Su et al., "RoFormer", 2021, in the order of GPT-NeoX.
     *
     * @param heads that lie {@code stride} values apart, from {@code offset} on
     */
    default void rotateHalves(
            float[] values, int offset, int heads, int stride, int half, float[] cos, float[] sin, int tableOffset) {
        for (int head = offset; head < offset + heads * stride; head += stride) {
            for (int i = 0; i < half; i++) {
                float x = values[head + i];
                float y = values[head + half + i];
                float c = cos[tableOffset + i];
                float s = sin[tableOffset + i];
                values[head + i] = Math.fma(x, c, -(y * s));
                values[head + half + i] = Math.fma(y, c, x * s);
            }
        }
    }

    /** As {@link #rotateHalves} with the pairs (2i, 2i + 1), the order of the original Llama. */
    default void rotatePairs(
            float[] values, int offset, int heads, int stride, int half, float[] cos, float[] sin, int tableOffset) {
        for (int head = offset; head < offset + heads * stride; head += stride) {
            for (int i = 0; i < half; i++) {
                float x = values[head + 2 * i];
                float y = values[head + 2 * i + 1];
                float c = cos[tableOffset + i];
                float s = sin[tableOffset + i];
                values[head + 2 * i] = Math.fma(x, c, -(y * s));
                values[head + 2 * i + 1] = Math.fma(y, c, x * s);
            }
        }
    }
}
