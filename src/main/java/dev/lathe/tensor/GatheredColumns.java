package dev.lathe.tensor;

import dev.lathe.tensor.kernel.FloatRows;
import dev.lathe.tensor.kernel.QuantizedActivations;
import java.util.HashMap;
import java.util.Map;

/**
 * Memory for some columns of activations side by side, and for what is computed from them. It grows to what is asked for
 * and stays, so that a token needs none of its own. One thread at a time; {@link Activations} lends it.
 */
final class GatheredColumns {
    private float[] results = {};
    private float[] floats = {};
    private QuantizedActivations memory; // of all quantized rows
    private final Map<Integer, QuantizedActivations> quantized = new HashMap<>(); // by columns

    /** Room for so many results. */
    float[] results(int count) {
        if (results.length < count) {
            results = new float[count];
        }
        return results;
    }

    /**
     * Copies columns of floats together; valid until the next call.
     *
     * @param columns of the source
     * @param runs first block and number of blocks of each run of neighbours
     * @param blockColumns columns of a block
     * @param width columns of all runs
     */
    FloatRows floats(FloatRows source, int rows, int columns, int[] runs, int blockColumns, int width) {
        int size = roomFor(rows) * width;
        if (floats.length < size) {
            floats = new float[size];
        }
        for (int row = 0; row < rows; row++) {
            int at = row * width;
            for (int i = 0; i < runs.length; i += 2) {
                int count = runs[i + 1] * blockColumns;
                System.arraycopy(source.values(), row * columns + runs[i] * blockColumns, floats, at, count);
                at += count;
            }
        }
        return new FloatRows(floats, source.scaled());
    }

    /** As {@link #floats}, of quantized rows; what kernels derive from them is stale. */
    QuantizedActivations quantized(QuantizedActivations source, int rows, int[] runs, int blockColumns, int width) {
        QuantizedActivations target = quantized(roomFor(rows), width);
        for (int row = 0; row < rows; row++) {
            int at = row * width;
            for (int i = 0; i < runs.length; i += 2) {
                int count = runs[i + 1] * blockColumns;
                target.copy(at, source, row * source.columns + runs[i] * blockColumns, count);
                at += count;
            }
        }
        target.renew();
        return target;
    }

    private QuantizedActivations quantized(int rows, int width) {
        if (memory == null || memory.values.length < rows * width) {
            memory = new QuantizedActivations(rows, width);
            quantized.clear();
        }
        return quantized.computeIfAbsent(width, memory::withColumns);
    }

    /** Kernels take rows by fours. */
    private static int roomFor(int rows) {
        return rows + 3 & ~3;
    }
}
