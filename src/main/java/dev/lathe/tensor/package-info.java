/**
 * Tensor primitives: element types, matrices of activations, packed weights and the linear layers over them.
 *
 * <p>May import nothing of Lathe but its own {@code kernel}, {@code codec} and {@code store} packages.
 */
package dev.lathe.tensor;
