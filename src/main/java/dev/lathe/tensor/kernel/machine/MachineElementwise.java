package dev.lathe.tensor.kernel.machine;

import dev.lathe.tensor.kernel.ElementwiseKernels;
import dev.lathe.tensor.kernel.Exponential;
import dev.lathe.tensor.kernel.scalar.ScalarElementwise;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Norms, softmax, rotations and gates as machine code, whole vectors of the sums' virtual lanes at a time; tails
 * in plain Java. The door to the code, which checks nothing itself.
 */
final class MachineElementwise implements ElementwiseKernels {
    private static final MemorySegment NONE = MemorySegment.NULL;
    private static final ElementwiseKernels SMALL = new ScalarElementwise(); // where vectors do not fit
    /** Elements of one call: as many as keep a garbage collector waiting for some ten microseconds. */
    private static final int ELEMENTS_OF_CALL = 1 << 14;

    private final Routines sumsOfSquares;
    private final Routines scaleAndWeigh;
    private final Routines sums;
    private final Routines sumsOfDeviations;
    private final Routines centre;
    private final Routines softmax;
    private final Routines scale;
    private final Routines add;
    private final Routines rotateHalves;
    private final Routines rotatePairs;
    private final Routines siluGate;
    private final Routines geluGate;

    MachineElementwise(Target target, CodeMemory memory) {
        sumsOfSquares = new Routines(0, _ -> new ElementwiseCode(false).sumsOfSquares(), memory);
        scaleAndWeigh = new Routines(0, _ -> new ElementwiseCode(false).scaleAndWeigh(), memory);
        sums = new Routines(0, _ -> new ElementwiseCode(false).sums(), memory);
        sumsOfDeviations = new Routines(0, _ -> new ElementwiseCode(false).sumsOfDeviations(), memory);
        centre = new Routines(0, _ -> new ElementwiseCode(false).centre(), memory);
        softmax = new Routines(0, _ -> new ElementwiseCode(target.wide).softmax(), memory);
        scale = new Routines(0, _ -> new ElementwiseCode(false).scale(), memory);
        add = new Routines(0, _ -> new ElementwiseCode(false).add(), memory);
        rotateHalves = new Routines(0, _ -> new ElementwiseCode(false).rotateHalves(), memory);
        rotatePairs = new Routines(0, _ -> new ElementwiseCode(false).rotatePairs(), memory);
        siluGate = new Routines(0, _ -> new ElementwiseCode(false).siluGate(), memory);
        geluGate = new Routines(0, _ -> new ElementwiseCode(false).geluGate(), memory);
    }

    private static MemorySegment from(float[] values, int offset, int size) {
        Objects.checkFromIndexSize(offset, size, values.length);
        return MemorySegment.ofArray(values).asSlice(4L * offset, 4L * size);
    }

    @Override
    public void rmsNorm(
            float[] input, int inputOffset, float[] weight, float epsilon, float[] output, int outputOffset, int size) {
        rmsNormRows(input, inputOffset, weight, epsilon, output, outputOffset, size, 1);
    }

    @Override
    public void rmsNormRows(
            float[] input,
            int inputOffset,
            float[] weight,
            float epsilon,
            float[] output,
            int outputOffset,
            int size,
            int rows) {
        if (size < SUM_LANES) {
            SMALL.rmsNormRows(input, inputOffset, weight, epsilon, output, outputOffset, size, rows);
            return;
        }
        int together = Math.max(1, ELEMENTS_OF_CALL / size);
        for (int row = 0; row < rows; row += together) {
            int at = row * size;
            int count = Math.min(together, rows - row);
            normSome(input, inputOffset + at, weight, epsilon, output, outputOffset + at, size, count);
        }
    }

    private void normSome(
            float[] input,
            int inputOffset,
            float[] weight,
            float epsilon,
            float[] output,
            int outputOffset,
            int size,
            int rows) {
        int vectors = size / SUM_LANES;
        int whole = vectors * SUM_LANES;
        long tailBytes = 4L * (size - whole);
        MemorySegment in = from(input, inputOffset, rows * size);
        MemorySegment out = from(output, outputOffset, rows * size);
        MemorySegment weights = from(weight, 0, size);
        float[] lanes = new float[rows * SUM_LANES];
        sumsOfSquares.get(0).call(in, MemorySegment.ofArray(lanes), NONE, NONE, vectors, rows, tailBytes, 0);
        float[] factors = new float[rows];
        for (int row = 0; row < rows; row++) {
            float tail = ScalarElementwise.tailOfSquares(input, inputOffset + row * size, whole, size);
            float sum = ScalarElementwise.fold(lanes, row * SUM_LANES) + tail;
            factors[row] = ScalarElementwise.rmsFactor(sum, size, epsilon);
        }
        scaleAndWeigh.get(0).call(in, weights, out, MemorySegment.ofArray(factors), vectors, rows, tailBytes, 0);
        for (int row = 0; row < rows && whole < size; row++) {
            for (int i = whole; i < size; i++) {
                int at = row * size + i;
                output[outputOffset + at] = input[inputOffset + at] * factors[row] * weight[i];
            }
        }
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
        if (size < SUM_LANES) {
            SMALL.layerNorm(input, inputOffset, weight, bias, epsilon, output, outputOffset, size);
            return;
        }
        int vectors = size / SUM_LANES;
        int whole = vectors * SUM_LANES;
        MemorySegment in = from(input, inputOffset, size);
        MemorySegment out = from(output, outputOffset, size);
        MemorySegment weights = from(weight, 0, size);
        MemorySegment biases = from(bias, 0, size);
        float[] lanes = new float[SUM_LANES];
        MemorySegment laneSums = MemorySegment.ofArray(lanes);
        sums.get(0).call(in, laneSums, NONE, NONE, vectors, 0, 0, 0);
        float tail = ScalarElementwise.tail(input, inputOffset, whole, size);
        float mean = (ScalarElementwise.fold(lanes, 0) + tail) / size;
        long meanBits = Float.floatToRawIntBits(mean);
        sumsOfDeviations.get(0).call(in, laneSums, NONE, NONE, vectors, 0, meanBits, 0);
        float tailOfSquares = ScalarElementwise.tailOfDeviations(input, inputOffset, mean, whole, size);
        float factor = ScalarElementwise.rmsFactor(ScalarElementwise.fold(lanes, 0) + tailOfSquares, size, epsilon);
        centre.get(0).call(in, weights, biases, out, vectors, 0, meanBits, Float.floatToRawIntBits(factor));
        for (int i = whole; i < size; i++) {
            output[outputOffset + i] = (input[inputOffset + i] - mean) * factor * weight[i] + bias[i];
        }
    }

    @Override
    public void softmax(float[] values, int offset, int size) {
        softmaxRanges(values, new int[] {offset, size}, 1);
    }

    @Override
    public void softmaxRanges(float[] values, int[] ranges, int count) {
        MemorySegment all = MemorySegment.ofArray(values);
        Objects.checkFromIndexSize(0, 2 * count, ranges.length);
        for (int first = 0, next; first < count; first = next) {
            int elements = 0;
            for (next = first; next < count && (next == first || elements < ELEMENTS_OF_CALL); next++) {
                Objects.checkFromIndexSize(ranges[2 * next], ranges[2 * next + 1], values.length);
                elements += ranges[2 * next + 1];
            }
            MemorySegment some = MemorySegment.ofArray(ranges).asSlice(8L * first);
            softmax.get(0).call(all, some, NONE, NONE, next - first, 0, 0, 0);
        }
    }

    @Override
    public void add(float[] target, int targetOffset, float[] source, int sourceOffset, int size) {
        MemorySegment to = from(target, targetOffset, size);
        MemorySegment terms = from(source, sourceOffset, size);
        int whole = size / SUM_LANES * SUM_LANES;
        for (int at = 0; at < whole; at += ELEMENTS_OF_CALL) {
            add.get(0).call(to.asSlice(4L * at), terms.asSlice(4L * at), NONE, NONE, vectors(at, whole), 0, 0, 0);
        }
        for (int i = whole; i < size; i++) {
            target[targetOffset + i] += source[sourceOffset + i];
        }
    }

    /** Vectors of the call that begins with an element of those that make up whole vectors. */
    private static int vectors(int at, int whole) {
        return Math.min(ELEMENTS_OF_CALL, whole - at) / SUM_LANES;
    }

    @Override
    public void rotateHalves(
            float[] values, int offset, int heads, int stride, int half, float[] cos, float[] sin, int tableOffset) {
        if (half == 0 || half % SUM_LANES != 0 || heads == 0) {
            SMALL.rotateHalves(values, offset, heads, stride, half, cos, sin, tableOffset);
            return;
        }
        MemorySegment first = from(values, offset, (heads - 1) * stride + 2 * half);
        MemorySegment cosines = from(cos, tableOffset, half);
        MemorySegment sines = from(sin, tableOffset, half);
        int vectors = half / SUM_LANES;
        rotateHalves.get(0).call(first, cosines, sines, NONE, vectors, heads, 4L * half, 4L * stride);
    }

    @Override
    public void rotatePairs(
            float[] values, int offset, int heads, int stride, int half, float[] cos, float[] sin, int tableOffset) {
        if (half == 0 || 2 * half % SUM_LANES != 0 || heads == 0) {
            SMALL.rotatePairs(values, offset, heads, stride, half, cos, sin, tableOffset);
            return;
        }
        MemorySegment first = from(values, offset, (heads - 1) * stride + 2 * half);
        MemorySegment cosines = from(cos, tableOffset, half);
        MemorySegment sines = from(sin, tableOffset, half);
        int vectors = 2 * half / SUM_LANES;
        rotatePairs.get(0).call(first, cosines, sines, NONE, vectors, heads, 4L * (stride - 2 * half), 0);
    }

    @Override
    public void scale(float[] input, int inputOffset, float factor, float[] output, int outputOffset, int size) {
        MemorySegment in = from(input, inputOffset, size);
        MemorySegment out = from(output, outputOffset, size);
        MemorySegment factors = MemorySegment.ofArray(new float[] {factor});
        int whole = size / SUM_LANES * SUM_LANES;
        for (int at = 0; at < whole; at += ELEMENTS_OF_CALL) {
            scale.get(0).call(in.asSlice(4L * at), factors, out.asSlice(4L * at), NONE, vectors(at, whole), 0, 0, 0);
        }
        for (int i = whole; i < size; i++) {
            output[outputOffset + i] = input[inputOffset + i] * factor;
        }
    }

    @Override
    public void siluGate(
            float[] gate, int gateOffset, float[] up, int upOffset, float[] output, int outputOffset, int size) {
        int whole = gate(siluGate, gate, gateOffset, up, upOffset, output, outputOffset, size);
        for (int i = whole; i < size; i++) {
            output[outputOffset + i] = Exponential.silu(gate[gateOffset + i]) * up[upOffset + i];
        }
    }

    @Override
    public void geluGate(
            float[] gate, int gateOffset, float[] up, int upOffset, float[] output, int outputOffset, int size) {
        int whole = gate(geluGate, gate, gateOffset, up, upOffset, output, outputOffset, size);
        for (int i = whole; i < size; i++) {
            output[outputOffset + i] = Exponential.gelu(gate[gateOffset + i]) * up[upOffset + i];
        }
    }

    private static int gate(
            Routines routine,
            float[] gate,
            int gateOffset,
            float[] up,
            int upOffset,
            float[] output,
            int outputOffset,
            int size) {
        MemorySegment gates = from(gate, gateOffset, size);
        MemorySegment ups = from(up, upOffset, size);
        MemorySegment out = from(output, outputOffset, size);
        int whole = size / SUM_LANES * SUM_LANES;
        for (int at = 0; at < whole; at += ELEMENTS_OF_CALL) {
            long bytes = 4L * at;
            routine.get(0)
                    .call(
                            gates.asSlice(bytes),
                            ups.asSlice(bytes),
                            out.asSlice(bytes),
                            NONE,
                            vectors(at, whole),
                            0,
                            0,
                            0);
        }
        return whole;
    }
}
