/**
 * What a model is to all who use one: {@link dev.lathe.model.LanguageModel}, {@link dev.lathe.model.EmbeddingModel},
 * the state of a text and the rows of a pass, and the weights of a model as groups by role.
 *
 * <p>How models compute is {@link dev.lathe.model.decoder}'s; strategies, measures and servers know this package alone.
 *
 * <p>May import {@code model.config} and {@code tensor}; knows nothing of text, sampling or decoding.
 */
package dev.lathe.model;
