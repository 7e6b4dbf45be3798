/**
 * Picks the set of kernels that computes, and says why.
 *
 * <p>Not exported. May import every set: {@code tensor.kernel.scalar}, {@code .vector} and {@code .machine}. A new set is a package
 * beside these and a branch here.
 */
package dev.lathe.tensor.kernel.choice;
