/**
 * What kernels are and what they read: the interface of each family of kernels, the planes and layouts that say where a format's
 * bits lie in a tile, quantized activations, and the products that walk over tiles with whichever kernels they were given.
 *
 * <p>Not exported. May import nothing of Lathe but {@code TensorType}, {@code KernelSet} and the memory of weights in {@code tensor.store}. The sets
 * that implement the interfaces, with the same bits, lie in rooms of their own and are unknown here: {@code scalar} (the
 * reference), {@code vector} and {@code machine}; {@code choice} picks one. A lane is an output: no kernel sums across lanes.
 */
package dev.lathe.tensor.kernel;
