/**
 * Encoders, which make vectors of texts. One class a family, its line in
 * {@link dev.lathe.model.family.encoder.EncoderFamilies}.
 *
 * <p>May import {@code model.family.card}, {@code model.config} and, where an encoder was made of a decoder, its room.
 */
package dev.lathe.model.family.encoder;
