/**
 * Tensor primitives: element types, matrices of activations, packed weights and the linear layers over them.
 *
 * <p>May import nothing of Lathe but its own {@code kernel} and {@code store} packages. What reads weights
 * into layers is above it, in {@code pack}.
 */
package dev.lathe.tensor;
