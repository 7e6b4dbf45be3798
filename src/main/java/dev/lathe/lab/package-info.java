/**
 * The lab: what inference costs, and how to choose well. This package holds the few values that its rooms share.
 *
 * <p>Measures of a model alone (perplexity, divergence) live in {@code dev.lathe.measure}; whatever needs a clock, a
 * meter, a second process or statistics over runs lives in a room of the lab. The lab may import every package of
 * Lathe but {@code tensor.kernel}, the class library and Commons Math; nothing imports the lab.
 */
package dev.lathe.lab;
