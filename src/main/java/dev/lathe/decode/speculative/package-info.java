/**
 * Strategies that draft and verify: speculative decoding, recursive speculative decoding, and the planner that chooses
 * what to draft from what it measures.
 *
 * <p>They share one step, {@code DraftingRun}: a {@code TreeGrower} drafts a {@link dev.lathe.decode.DraftTree} from the
 * predictions of a {@link dev.lathe.decode.Draft}, one pass of the model evaluates it, a {@code Verifier} commits a path
 * of it. A {@code TreeShape} says how many tokens are drafted where, a {@code TokenChooser} which ones. A new shape, a
 * new way to choose or to verify belongs here; what predicts tokens is a {@code Draft} and belongs one level up.
 *
 * <p>May import {@code decode}, {@code decode.sampling}, {@code model} and {@code tensor}.
 */
package dev.lathe.decode.speculative;
