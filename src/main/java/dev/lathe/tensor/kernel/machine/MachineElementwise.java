package dev.lathe.tensor.kernel.machine;

import dev.lathe.tensor.kernel.ElementwiseKernels;
import dev.lathe.tensor.kernel.Exponential;
import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.kernel.scalar.ScalarElementwise;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Norms, softmax and gates as machine code, whole vectors of the sums' virtual lanes at a time; tails and everything else by other
 * kernels or in plain Java. The door to the code, which checks nothing itself.
 */
final class MachineElementwise implements ElementwiseKernels {
    private static final MemorySegment NONE = MemorySegment.NULL;
    private static final ElementwiseKernels SMALL = new ScalarElementwise(); // rows of less than a vector

    private final Supplier<Kernels> base;
    private final boolean wide;
    private final Routines sumOfSquares;
    private final Routines scaleAndWeigh;
    private final Routines maxima;
    private final Routines exponentials;
    private final Routines scale;
    private final Routines siluGate;
    private final Routines geluGate;

    MachineElementwise(Target target, Supplier<Kernels> base, Arena arena) {
        this.base = base;
        wide = target.wide;
        sumOfSquares = new Routines(0, _ -> new ElementwiseCode(false).sumOfSquares(), arena);
        scaleAndWeigh = new Routines(0, _ -> new ElementwiseCode(false).scaleAndWeigh(), arena);
        maxima = new Routines(0, _ -> new ElementwiseCode(false).maxima(), arena);
        scale = new Routines(0, _ -> new ElementwiseCode(false).scale(), arena);
        exponentials = new Routines(0, _ -> new ElementwiseCode(wide).exponentials(), arena);
        siluGate = new Routines(0, _ -> new ElementwiseCode(false).siluGate(), arena);
        geluGate = new Routines(0, _ -> new ElementwiseCode(false).geluGate(), arena);
    }

    private static MemorySegment from(float[] values, int offset, int size) {
        Objects.checkFromIndexSize(offset, size, values.length);
        return MemorySegment.ofArray(values).asSlice(4L * offset, 4L * size);
    }

    @Override
    public void rmsNorm(
            float[] input, int inputOffset, float[] weight, float epsilon, float[] output, int outputOffset, int size) {
        int vectors = size / SUM_LANES;
        int whole = vectors * SUM_LANES;
        if (vectors == 0) {
            SMALL.rmsNorm(input, inputOffset, weight, epsilon, output, outputOffset, size);
            return;
        }
        MemorySegment in = from(input, inputOffset, size);
        MemorySegment out = from(output, outputOffset, size);
        MemorySegment weights = from(weight, 0, size);
        float[] lanes = new float[SUM_LANES];
        sumOfSquares.get(0).call(in, MemorySegment.ofArray(lanes), NONE, NONE, vectors, 0, 0, 0);
        float tail = 0;
        for (int i = whole; i < size; i++) {
            tail = Math.fma(input[inputOffset + i], input[inputOffset + i], tail);
        }
        float[] factor = {(float) (1.0 / Math.sqrt((double) (ScalarElementwise.fold(lanes) + tail) / size + epsilon))};
        scaleAndWeigh.get(0).call(in, weights, out, MemorySegment.ofArray(factor), vectors, 0, 0, 0);
        for (int i = whole; i < size; i++) {
            output[outputOffset + i] = input[inputOffset + i] * factor[0] * weight[i];
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
        base.get().elementwise().layerNorm(input, inputOffset, weight, bias, epsilon, output, outputOffset, size);
    }

    @Override
    public void softmax(float[] values, int offset, int size) {
        int vectors = size / SUM_LANES;
        int whole = vectors * SUM_LANES;
        if (vectors == 0) {
            SMALL.softmax(values, offset, size);
            return;
        }
        MemorySegment all = from(values, offset, size);
        float[] lanes = new float[SUM_LANES];
        int groups = vectors / ElementwiseCode.MAXIMA;
        int others = vectors % ElementwiseCode.MAXIMA;
        maxima.get(0).call(all, MemorySegment.ofArray(lanes), NONE, NONE, groups, others, 0, 0);
        float[] largest = {lanes[0]};
        for (int lane = 1; lane < SUM_LANES; lane++) {
            largest[0] = Math.max(largest[0], lanes[lane]);
        }
        for (int i = whole; i < size; i++) {
            largest[0] = Math.max(largest[0], values[offset + i]);
        }
        int pairs = wide ? vectors / 2 : 0;
        MemorySegment sums = MemorySegment.ofArray(lanes);
        MemorySegment most = MemorySegment.ofArray(largest);
        exponentials.get(0).call(all, sums, most, NONE, pairs, vectors - 2 * pairs, 0, 0);
        float tail = 0;
        for (int i = whole; i < size; i++) {
            float exp = Exponential.exp(values[offset + i] - largest[0]);
            values[offset + i] = exp;
            tail += exp;
        }
        scale(values, offset, 1f / (ScalarElementwise.fold(lanes) + tail), values, offset, size);
    }

    @Override
    public void scale(float[] input, int inputOffset, float factor, float[] output, int outputOffset, int size) {
        int vectors = size / SUM_LANES;
        if (vectors > 0) {
            MemorySegment out = from(output, outputOffset, size);
            MemorySegment factors = MemorySegment.ofArray(new float[] {factor});
            scale.get(0).call(from(input, inputOffset, size), factors, out, NONE, vectors, 0, 0, 0);
        }
        for (int i = vectors * SUM_LANES; i < size; i++) {
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
        int vectors = size / SUM_LANES;
        if (vectors > 0) {
            MemorySegment out = from(output, outputOffset, size);
            routine.get(0).call(from(gate, gateOffset, size), from(up, upOffset, size), out, NONE, vectors, 0, 0, 0);
        }
        return vectors * SUM_LANES;
    }
}
