package dev.lathe.compress.search;

import dev.lathe.tensor.TensorType;

/**
 * What can be done with one half of a layer, or with the token table.
 *
 * @param removed share of its channels or head groups that goes
 * @param type of its matrices
 */
record Variant(double removed, TensorType type) {}
