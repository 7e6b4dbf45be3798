/**
 * Decoders whose feed-forward parts are mixtures of experts. One class a family, its line in
 * {@link dev.lathe.model.family.mixture.MixtureFamilies}.
 *
 * <p>May import {@code model.family.card} and {@code model.config}.
 */
package dev.lathe.model.family.mixture;
