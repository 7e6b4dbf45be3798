/**
 * Measures of a model: how well it predicts a text, and how far it is from another model.
 *
 * <p>Works on the model interface and token arrays; may import {@code model} and the plain types of {@code tensor}.
 * Sums run in one fixed order and exponentials are {@code StrictMath}'s, so a measure is the same on every machine.
 */
package dev.lathe.measure;
