package dev.lathe.model.decoder;

import dev.lathe.model.config.GateFunction;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.ElementwiseKernels;

/**
 * The function of a feed-forward part on one row: {@code output = function(gate) * up}.
 *
 * @param function which
 * @param kernels how it is computed
 */
record Gate(GateFunction function, ElementwiseKernels kernels) {
    /** Puts the function in the place of rows, multiplied with {@code ones} of their length. */
    void apply(FloatMatrix rows, float[] ones, Workers workers) {
        RowLoop.run(workers, rows.rows(), rows.columns(), row -> {
            int offset = rows.offset(row);
            apply(rows.data(), offset, ones, 0, rows.data(), offset, rows.columns());
        });
    }

    void apply(float[] gate, int gateOffset, float[] up, int upOffset, float[] output, int outputOffset, int size) {
        switch (function) {
            case SILU -> kernels.siluGate(gate, gateOffset, up, upOffset, output, outputOffset, size);
            case GELU -> kernels.geluGate(gate, gateOffset, up, upOffset, output, outputOffset, size);
            case EXACT_GELU -> kernels.exactGeluGate(gate, gateOffset, up, upOffset, output, outputOffset, size);
            case SQUARED_RELU -> kernels.squaredReluGate(gate, gateOffset, up, upOffset, output, outputOffset, size);
            case CLAMPED_SILU -> kernels.clampedSiluGate(gate, gateOffset, up, upOffset, output, outputOffset, size);
        }
    }
}
