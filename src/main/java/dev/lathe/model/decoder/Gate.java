package dev.lathe.model.decoder;

import dev.lathe.model.config.FeedForwardConfig;
import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.Xielu;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.ElementwiseKernels;
import java.util.Arrays;
import java.util.Optional;

/**
 * The function of a feed-forward part: {@code output = function(gate) * up}, or the function alone.
 *
 * @param function which
 * @param xielu the numbers of xIELU; empty for other functions
 * @param ones what the function alone is multiplied with, as long as a row
 * @param kernels how it is computed
 */
record Gate(GateFunction function, Optional<Xielu> xielu, float[] ones, ElementwiseKernels kernels) {
    static Gate of(FeedForwardConfig config, ElementwiseKernels kernels) {
        return new Gate(config.function(), config.xielu(), ones(config.size()), kernels);
    }

    /** A function of rows so long. */
    static Gate of(GateFunction function, int size, ElementwiseKernels kernels) {
        return new Gate(function, Optional.empty(), ones(size), kernels);
    }

    private static float[] ones(int size) {
        float[] ones = new float[size];
        Arrays.fill(ones, 1f);
        return ones;
    }

    /** Puts the function in the place of rows. */
    void apply(FloatMatrix rows, Workers workers) {
        RowLoop.run(workers, rows.rows(), rows.columns(), row -> apply(rows, row, rows));
    }

    /** {@code output = function(input)}, of one row. */
    void apply(FloatMatrix input, int row, FloatMatrix output) {
        int offset = input.offset(row);
        apply(input.data(), offset, ones, 0, output.data(), offset, input.columns());
    }

    /** {@code output = function(gate) * up}. */
    void apply(float[] gate, int gateOffset, float[] up, int upOffset, float[] output, int outputOffset, int size) {
        switch (function) {
            case SILU -> kernels.siluGate(gate, gateOffset, up, upOffset, output, outputOffset, size);
            case GELU -> kernels.geluGate(gate, gateOffset, up, upOffset, output, outputOffset, size);
            case EXACT_GELU -> kernels.exactGeluGate(gate, gateOffset, up, upOffset, output, outputOffset, size);
            case SQUARED_RELU -> kernels.squaredReluGate(gate, gateOffset, up, upOffset, output, outputOffset, size);
            case CLAMPED_SILU -> kernels.clampedSiluGate(gate, gateOffset, up, upOffset, output, outputOffset, size);
            case XIELU -> {
                Xielu of = xielu.orElseThrow();
                kernels.xieluGate(
                        gate,
                        gateOffset,
                        up,
                        upOffset,
                        output,
                        outputOffset,
                        size,
                        of.positive(),
                        of.negative(),
                        of.slope(),
                        of.threshold());
            }
        }
    }
}
