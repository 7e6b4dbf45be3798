package dev.lathe.tensor;

import dev.lathe.tensor.kernel.choice.KernelChoice;

/**
 * What layers compute with: one complete set of kernels. All sets give the same bits; they differ in speed only.
 * Immutable and thread-safe. Lathe alone implements it.
 */
public interface KernelSet {
    /** The set's name with its vector width, such as {@code vector-512} or {@code scalar}. */
    String name();

    /**
     * The set that {@code -Dlathe.kernels} demands, else the fastest that this virtual machine can run; chosen once.
     *
     * @throws IllegalStateException if the demanded set does not run here; the message says the cure
     */
    static KernelSet best() {
        return KernelChoice.best();
    }

    /** Why {@link #best()} is this one. */
    static String reason() {
        return KernelChoice.reason();
    }
}
