/**
 * Predicts how long inference takes, from a few runs or from a machine's limits, and tells with what error.
 *
 * <p>May import {@code lab}, {@code tensor} (for its threads) and Commons Math.
 */
package dev.lathe.lab.predict;
