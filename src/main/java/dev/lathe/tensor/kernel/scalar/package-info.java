/**
 * Kernels in plain Java: the reference that defines every bit, the fallback where nothing faster runs, and the ends of rows that
 * are no whole vector.
 *
 * <p>Not exported. May import the interfaces and data of {@code tensor.kernel} alone.
 */
package dev.lathe.tensor.kernel.scalar;
