/**
 * The decoder models: configuration, weights, the forward pass and the state of a text.
 *
 * <p>May import {@code gguf}, {@code tensor}; knows nothing of text, sampling or decoding.
 */
package dev.lathe.model;
