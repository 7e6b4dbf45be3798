/**
 * Encodes a model's weights as blocks of small integers: {@link dev.lathe.compress.quantize.Quantize} chooses each tensor's
 * type and encodes it, from the weights alone or with what calibration texts say about them.
 *
 * <p>Which numbers a block can hold is the business of {@code tensor.codec}. May import {@code compress} and what that may.
 */
package dev.lathe.compress.quantize;
