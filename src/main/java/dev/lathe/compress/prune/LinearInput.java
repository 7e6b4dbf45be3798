package dev.lathe.compress.prune;

import dev.lathe.compress.GramMatrix;

/**
 * What a matrix reads on the calibration texts.
 *
 * @param squares the sum of squares of each input
 * @param gram the Gram matrix of the inputs; null where the method did not ask for it
 */
record LinearInput(double[] squares, GramMatrix gram) {}
