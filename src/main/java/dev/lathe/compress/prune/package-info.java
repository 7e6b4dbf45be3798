/**
 * Transforms that remove weights: single ones, groups of them, blocks, and whole channels, heads and layers.
 *
 * <p>{@link dev.lathe.compress.prune.Prune} makes them. A new rule of what to remove is one class that implements {@code
 * PruningMethod}. May import what {@code compress} may.
 */
package dev.lathe.compress.prune;
