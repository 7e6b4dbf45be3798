package dev.lathe.lab.predict;

import dev.lathe.tensor.TensorType;

/**
 * A product of a layer's weights with some tokens' activations, as far as its time depends on it.
 *
 * @param outputs rows of the weights
 * @param inputs columns of the weights, whole blocks of the type
 * @param type of the weights
 * @param tokens rows of activations: 1 when a text is decoded, more in a prompt
 * @param threads that compute
 * @param modelBytes weights of the whole model, which are all read before these are read again: what does not fit the
 *     caches comes from memory
 */
public record Operation(int outputs, int inputs, TensorType type, int tokens, int threads, long modelBytes) {
    private static final int MOST = 1 << 24;
    private static final int FLOAT_BYTES = 4;

    /** Checks the numbers. */
    public Operation {
        for (int number : new int[] {outputs, inputs, tokens, threads}) {
            if (number < 1 || number > MOST) {
                throw new IllegalArgumentException("a product of [" + outputs + " x " + inputs + "] with " + tokens
                        + " tokens on " + threads + " threads: expected numbers from 1 to " + MOST);
            }
        }
        if (modelBytes < 1) {
            throw new IllegalArgumentException(modelBytes + " bytes of weights: expected at least 1");
        }
        if (inputs % type.blockSize() != 0) {
            throw new IllegalArgumentException(
                    inputs + " inputs of " + type + ": expected a multiple of its block of " + type.blockSize());
        }
    }

    /** Products of two numbers that are added. */
    public double multiplies() {
        return (double) outputs * inputs * tokens;
    }

    /** Bytes of the weights. */
    public double weightBytes() {
        return type.byteCount((long) outputs * inputs);
    }

    /** Bytes that are read or written at least: weights, activations, results. */
    public double bytes() {
        return weightBytes() + (double) FLOAT_BYTES * tokens * ((double) inputs + outputs);
    }

    /** What two operations share that differ in tokens and threads alone. */
    String shape() {
        return outputs + "x" + inputs;
    }
}
