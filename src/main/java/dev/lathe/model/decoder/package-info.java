/**
 * The forward pass: layers of decoders and encoders, the state of a text, and models evaluated layer by layer.
 *
 * <p>{@link dev.lathe.model.decoder.DecoderModel} is the way in. A layer is a {@code DecoderBlock} of a {@code TokenMixer}
 * ({@code Attention}, {@code LatentAttention}) and a {@code ChannelMixer} ({@code FeedForward}, {@code Experts}); a new
 * kind of either is a class here. Layers compute and know no family.
 *
 * <p>May import the other packages of {@code model}, {@code gguf} and {@code tensor}.
 */
package dev.lathe.model.decoder;
