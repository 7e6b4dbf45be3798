package dev.lathe;

import dev.lathe.tensor.KernelSet;

/**
 * The kernels that compute in this virtual machine. Every set gives the same bits; they differ in speed only.
 *
 * @param name the set with its vector width, such as {@code vector-512}; {@code scalar} is plain Java
 * @param reason why this set: what the machine has, or what is missing and how to get it
 */
public record Kernels(String name, String reason) {
    /** The set that models loaded here compute with. */
    public static Kernels inUse() {
        return new Kernels(KernelSet.best().name(), KernelSet.reason());
    }
}
