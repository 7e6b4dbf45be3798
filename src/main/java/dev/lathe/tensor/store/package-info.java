/**
 * Where weights are. {@link dev.lathe.tensor.store.WeightStore} hands out the tiles of matrices; {@link
 * dev.lathe.tensor.store.WeightMemory} is memory outside the Java heap that is aligned for vectors and freed when a model is
 * closed.
 *
 * <p>May import nothing of Lathe.
 */
package dev.lathe.tensor.store;
