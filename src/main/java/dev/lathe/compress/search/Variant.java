package dev.lathe.compress.search;

import dev.lathe.tensor.TensorType;

/**
 * What can be done with one half of a layer, or with the token table.
 *
 * @param reduction which share of it is removed, and how
 * @param type of what is left
 */
record Variant(Reduction reduction, TensorType type) {}
