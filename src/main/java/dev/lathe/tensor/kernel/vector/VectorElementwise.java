package dev.lathe.tensor.kernel.vector;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.MAX;

import dev.lathe.tensor.kernel.ElementwiseKernels;
import dev.lathe.tensor.kernel.Exponential;
import dev.lathe.tensor.kernel.scalar.ScalarElementwise;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The element-wise functions on the Vector API. Sums use pairs of 128-bit vectors as the eight virtual lanes at every
 * width.
 */
final class VectorElementwise implements ElementwiseKernels {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> QUARTER = FloatVector.SPECIES_128;
    private static final int LANES = SPECIES.length();

    @Override
    public void rmsNorm(
            float[] input, int inputOffset, float[] weight, float epsilon, float[] output, int outputOffset, int size) {
        float sum = sumOfSquares(input, inputOffset, size);
        float factor = ScalarElementwise.rmsFactor(sum, size, epsilon);
        for (int i = 0; i < size; i++) {
            output[outputOffset + i] = input[inputOffset + i] * factor * weight[i];
        }
    }

    private static float sumOfSquares(float[] values, int offset, int size) {
        int whole = size - size % SUM_LANES;
        FloatVector low = FloatVector.zero(QUARTER);
        FloatVector high = FloatVector.zero(QUARTER);
        for (int i = 0; i < whole; i += SUM_LANES) {
            FloatVector x = FloatVector.fromArray(QUARTER, values, offset + i);
            FloatVector y = FloatVector.fromArray(QUARTER, values, offset + i + 4);
            low = x.fma(x, low);
            high = y.fma(y, high);
        }
        return fold(low.add(high)) + ScalarElementwise.tailOfSquares(values, offset, whole, size);
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
        float mean = (sum(input, inputOffset, whole) + ScalarElementwise.tail(input, inputOffset, whole, size)) / size;
        FloatVector low = FloatVector.zero(QUARTER);
        FloatVector high = FloatVector.zero(QUARTER);
        for (int i = 0; i < whole; i += SUM_LANES) {
            FloatVector x =
                    FloatVector.fromArray(QUARTER, input, inputOffset + i).sub(mean);
            FloatVector y =
                    FloatVector.fromArray(QUARTER, input, inputOffset + i + 4).sub(mean);
            low = x.fma(x, low);
            high = y.fma(y, high);
        }
        float sum = fold(low.add(high)) + ScalarElementwise.tailOfDeviations(input, inputOffset, mean, whole, size);
        float factor = ScalarElementwise.rmsFactor(sum, size, epsilon);
        ScalarElementwise.centre(input, inputOffset, mean, factor, weight, bias, output, outputOffset, size);
    }

    private static float fold(FloatVector lanes) {
        return (lanes.lane(0) + lanes.lane(2)) + (lanes.lane(1) + lanes.lane(3));
    }

    @Override
    public void softmax(float[] values, int offset, int size) {
        float max = max(values, offset, size);
        int whole = size - size % SUM_LANES;
        int vectors = whole - whole % LANES;
        for (int i = 0; i < vectors; i += LANES) {
            exp(FloatVector.fromArray(SPECIES, values, offset + i).sub(max)).intoArray(values, offset + i);
        }
        for (int i = vectors; i < whole; i++) {
            values[offset + i] = Exponential.exp(values[offset + i] - max);
        }
        float tail = ScalarElementwise.tailOfExponentials(values, offset, whole, size, max);
        scale(values, offset, 1f / (sum(values, offset, whole) + tail), values, offset, size);
    }

    /** The order of comparisons does not matter to the result. */
    private static float max(float[] values, int offset, int size) {
        int vectors = size - size % LANES;
        FloatVector lanes = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < vectors; i += LANES) {
            lanes = lanes.max(FloatVector.fromArray(SPECIES, values, offset + i));
        }
        float max = lanes.reduceLanes(MAX);
        for (int i = vectors; i < size; i++) {
            max = Math.max(max, values[offset + i]);
        }
        return max;
    }

    private static float sum(float[] values, int offset, int whole) {
        FloatVector low = FloatVector.zero(QUARTER);
        FloatVector high = FloatVector.zero(QUARTER);
        for (int i = 0; i < whole; i += SUM_LANES) {
            low = low.add(FloatVector.fromArray(QUARTER, values, offset + i));
            high = high.add(FloatVector.fromArray(QUARTER, values, offset + i + 4));
        }
        return fold(low.add(high));
    }

    /** The vector twin of {@link Exponential#exp}, the same operations in the same order. */
    private static FloatVector exp(FloatVector value) {
        FloatVector x = value.blend(Exponential.MINIMUM, value.compare(LT, Exponential.MINIMUM));
        x = x.blend(Exponential.MAXIMUM, x.compare(GT, Exponential.MAXIMUM));
        FloatVector rounder = FloatVector.broadcast(SPECIES, Exponential.ROUNDER);
        FloatVector rounded = x.fma(FloatVector.broadcast(SPECIES, Exponential.LOG2_E), rounder);
        FloatVector n = rounded.sub(rounder);
        FloatVector r = n.fma(FloatVector.broadcast(SPECIES, -Exponential.LN2_HIGH), x);
        r = n.fma(FloatVector.broadcast(SPECIES, -Exponential.LN2_LOW), r);
        FloatVector q = FloatVector.broadcast(SPECIES, Exponential.Q4)
                .fma(r, FloatVector.broadcast(SPECIES, Exponential.Q3))
                .fma(r, FloatVector.broadcast(SPECIES, Exponential.Q2))
                .fma(r, FloatVector.broadcast(SPECIES, Exponential.Q1))
                .fma(r, FloatVector.broadcast(SPECIES, Exponential.Q0));
        FloatVector one = FloatVector.broadcast(SPECIES, 1f);
        FloatVector p = q.fma(r, one).fma(r, one);
        IntVector exponent = rounded.reinterpretAsInts().sub(Exponential.ROUNDER_BITS);
        IntVector first = exponent.lanewise(ASHR, 1);
        return p.mul(powerOfTwo(first)).mul(powerOfTwo(exponent.sub(first)));
    }

    private static FloatVector powerOfTwo(IntVector exponent) {
        return exponent.add(Exponential.EXPONENT_BIAS)
                .lanewise(LSHL, Exponential.MANTISSA_BITS)
                .reinterpretAsFloats();
    }

    @Override
    public void siluGate(
            float[] gate, int gateOffset, float[] up, int upOffset, float[] output, int outputOffset, int size) {
        int vectors = size - size % LANES;
        for (int i = 0; i < vectors; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, gate, gateOffset + i);
            x.div(exp(x.neg()).add(1f))
                    .mul(FloatVector.fromArray(SPECIES, up, upOffset + i))
                    .intoArray(output, outputOffset + i);
        }
        ScalarElementwise.siluTail(gate, gateOffset, up, upOffset, output, outputOffset, vectors, size);
    }

    @Override
    public void geluGate(
            float[] gate, int gateOffset, float[] up, int upOffset, float[] output, int outputOffset, int size) {
        int vectors = size - size % LANES;
        FloatVector a = FloatVector.broadcast(SPECIES, Exponential.GELU_A);
        FloatVector b = FloatVector.broadcast(SPECIES, Exponential.GELU_B);
        for (int i = 0; i < vectors; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, gate, gateOffset + i);
            x.div(exp(x.mul(x.mul(x).fma(b, a))).add(1f))
                    .mul(FloatVector.fromArray(SPECIES, up, upOffset + i))
                    .intoArray(output, outputOffset + i);
        }
        ScalarElementwise.geluTail(gate, gateOffset, up, upOffset, output, outputOffset, vectors, size);
    }
}
