/**
 * Judges Java programs that nobody has read: compiles and runs them in a virtual machine of their own, contained.
 *
 * <p>Three walls. Class files may name only what {@code AllowedApi} lists, so what a program cannot name (files,
 * network, processes, threads, reflection, {@code System.exit}) it cannot do. The virtual machine has limits of
 * memory and output and knows no modules but the compiler's; the compiler runs in it too. The judge outside has the
 * clock, and ends the process that misses its time. Whoever wants a fourth wall starts the process by a program of
 * the operating system.
 *
 * <p>Belongs here: compiling, screening, running. Imports nothing of Lathe.
 */
package dev.lathe.lab.judge;
