package dev.lathe.tensor.kernel.vector;

import dev.lathe.tensor.kernel.LMul;
import dev.lathe.tensor.kernel.LMulKernels;
import dev.lathe.tensor.kernel.scalar.ScalarLMul;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Approximate products on the Vector API: a lane is an output. */
final class VectorLMul implements LMulKernels {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();

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
        int whole = width - width % LANES;
        for (int j = 0; j < whole; j += LANES) {
            addVector(lMul, x, xOffset, count, rows, rowOffset + j, rowStride, out, outOffset + j);
        }
        ScalarLMul.tail(lMul, x, xOffset, count, rows, rowOffset, rowStride, whole, width, out, outOffset);
    }

    private static void addVector(
            LMul lMul,
            float[] x,
            int xOffset,
            int count,
            float[] rows,
            int rowOffset,
            int rowStride,
            float[] out,
            int outOffset) {
        int shift = lMul.shift();
        int half = (1 << shift - 1) - 1;
        int kept = -1 << shift;
        int largest = lMul.largest();
        int bias = lMul.bias();
        FloatVector sum = FloatVector.fromArray(FLOATS, out, outOffset);
        for (int k = 0; k < count; k++) {
            float roundedX = lMul.round(x[xOffset + k]);
            int xBits = Float.floatToRawIntBits(roundedX);
            int scale = (xBits & LMul.MAGNITUDE) - bias;
            IntVector y = FloatVector.fromArray(FLOATS, rows, rowOffset + k * rowStride)
                    .reinterpretAsInts();
            IntVector magnitude = y.and(LMul.MAGNITUDE);
            IntVector rounded = magnitude
                    .add(half)
                    .add(magnitude.lanewise(VectorOperators.LSHR, shift).and(1))
                    .and(kept)
                    .min(largest);
            IntVector product = rounded.min(largest - Math.max(0, scale)).add(scale);
            VectorMask<Integer> nothing =
                    product.compare(VectorOperators.LT, LMul.SMALLEST).or(magnitude.lt(LMul.SMALLEST));
            product = product.blend(0, nothing)
                    .or(y.lanewise(VectorOperators.XOR, xBits).and(~LMul.MAGNITUDE));
            // a factor of zero, or one that is not finite, multiplies as usual
            boolean usual = Math.abs(roundedX) == 0 || !(Math.abs(roundedX) < Float.POSITIVE_INFINITY);
            VectorMask<Integer> infinite = magnitude.compare(VectorOperators.GE, LMul.INFINITY);
            if (usual || infinite.anyTrue()) {
                FloatVector finite = rounded.blend(0, magnitude.lt(LMul.SMALLEST))
                        .or(y.and(~LMul.MAGNITUDE))
                        .reinterpretAsFloats();
                IntVector factor = finite.reinterpretAsInts().blend(y, infinite);
                IntVector plain = factor.reinterpretAsFloats().mul(roundedX).reinterpretAsInts();
                product = usual ? plain : product.blend(plain, infinite);
            }
            sum = sum.add(product.reinterpretAsFloats());
        }
        sum.intoArray(out, outOffset);
    }
}
