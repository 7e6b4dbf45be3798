/**
 * Measures generations as a user sees them: time to the first token, between tokens, by stage, sustained over minutes.
 *
 * <p>May import the verbs of {@code dev.lathe}, {@code decode}, {@code measure} and {@code lab}.
 */
package dev.lathe.lab.benchmark;
