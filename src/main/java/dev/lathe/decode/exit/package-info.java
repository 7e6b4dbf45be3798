/**
 * Early exit: tokens that are chosen after some of the layers, the rules that decide where, and how these rules are
 * calibrated or learned from texts.
 *
 * <p>{@link dev.lathe.decode.exit.Exit} is the place for a new rule. May import {@code decode}, {@code decode.sampling},
 * {@code model} and {@code tensor}.
 */
package dev.lathe.decode.exit;
