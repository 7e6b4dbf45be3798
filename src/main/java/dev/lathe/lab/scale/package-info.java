/**
 * How quality grows with size: laws fitted to a few points, and texts chosen to calibrate with.
 *
 * <p>May import {@code lab} and Commons Math; knows nothing of models.
 */
package dev.lathe.lab.scale;
