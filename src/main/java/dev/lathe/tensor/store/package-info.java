/**
 * Where weights are: memory outside the Java heap that is aligned for vectors and freed when a model is closed.
 *
 * <p>May import nothing of Lathe.
 */
package dev.lathe.tensor.store;
