/**
 * The arithmetic of sampling: logits are adjusted, truncated and normalized, and a uniform number draws one of the
 * tokens left.
 *
 * <p>A new truncation is a method of {@code Candidates}, a component of {@code Truncation} and a method of {@link
 * dev.lathe.decode.Sampler}, which is what callers see. Sums run in double precision in one fixed order, with {@link
 * StrictMath} throughout.
 *
 * <p>Not exported. May import {@code tensor}; knows nothing of {@code dev.lathe.decode} itself.
 */
package dev.lathe.decode.sampling;
