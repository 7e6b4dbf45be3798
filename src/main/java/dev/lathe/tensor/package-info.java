/**
 * Tensor primitives: element types, matrices of activations, packed weights and the linear layers over them.
 *
 * <p>May import nothing of Lathe but its own {@code kernel} package.
 */
package dev.lathe.tensor;
