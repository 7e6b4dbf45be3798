package dev.lathe.model.decoder;

import dev.lathe.model.config.GateFunction;
import dev.lathe.tensor.kernel.ElementwiseKernels;

/**
 * The function of a feed-forward part on one row: {@code output = function(gate) * up}.
 *
 * @param function which
 * @param kernels how it is computed
 */
record Gate(GateFunction function, ElementwiseKernels kernels) {
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
