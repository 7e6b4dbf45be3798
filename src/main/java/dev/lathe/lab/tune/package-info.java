/**
 * Finds good settings on the machine at hand, remembers them by machine and model, and says when they are stale.
 *
 * <p>May import {@code lab}, {@code lab.registry} and {@code text.json}.
 */
package dev.lathe.lab.tune;
