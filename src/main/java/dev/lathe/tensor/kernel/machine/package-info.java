/**
 * Kernels as machine code that is written at run time, for x86-64 on Linux: the assembler, the loops it writes, and the doors that check
 * bounds before code is called.
 *
 * <p>Not exported. May import the kernels' interfaces and layouts in {@code tensor.kernel}, and {@code tensor.kernel.scalar} for
 * the ends of rows, and the clock in {@code figures}. What differs by format is data ({@code
 * IntegerFields}, {@code PackedTile}), what differs by processor is the {@code Target}. Classes named {@code ...Code} write loops;
 * {@code Machine...} call them.
 */
package dev.lathe.tensor.kernel.machine;
