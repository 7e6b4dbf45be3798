/**
 * Predicts how long inference takes, from a few runs or from a machine's limits, and tells with what error.
 *
 * <p>May import {@code figures}, {@code lab.registry}, {@code tensor} (whose products it times), {@code text.json} and
 * Commons Math.
 */
package dev.lathe.lab.predict;
