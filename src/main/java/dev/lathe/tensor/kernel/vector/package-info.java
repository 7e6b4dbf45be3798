/**
 * Kernels on the Vector API, at the machine's preferred width. Loaded only where the module {@code jdk.incubator.vector} is present
 * and something asks for them.
 *
 * <p>Not exported. May import the interfaces and data of {@code tensor.kernel}, and {@code tensor.kernel.scalar} for the ends of rows.
 */
package dev.lathe.tensor.kernel.vector;
