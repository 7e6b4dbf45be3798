/**
 * Turns a model's logits into text: what is sampled ({@link dev.lathe.decode.Sampler}), how it is computed ({@link
 * dev.lathe.decode.Decoding}), and the one loop around every strategy ({@link dev.lathe.decode.GenerationLoop}) with
 * its limits and stop strings.
 *
 * <p>What and how are independent: a strategy that claims to be exact commits the tokens that plain decoding would
 * commit with the same sampler and seed. Limits live in the loop alone, so every strategy stops at the same token.
 *
 * <p>Strategies that draft stand in {@link dev.lathe.decode.speculative}, early exit in {@link dev.lathe.decode.exit}:
 * they implement {@code Decoding} and use {@code DecodingContext}, and nothing here but the factories of {@code
 * Decoding} knows them. Drafts stand here, beside the text that they follow. The arithmetic of {@code Sampler} is
 * {@code sampling}'s.
 *
 * <p>For embedding programs: samplers, strategies with their drafts and exits, options, statistics. The engine behind
 * {@code Session}: {@code GenerationLoop}, {@code EvaluatedText}, {@code SampleBatch}, {@code Detokenizer}.
 *
 * <p>What a text may be is {@link dev.lathe.decode.constraint}'s: its masks are applied where a row of logits becomes a
 * choice, in {@link dev.lathe.decode.DecodingContext}, and to what drafts predict.
 *
 * <p>May import {@code model}, {@code measure} and {@code tensor}; knows nothing of files, text,
 * kernels or {@code compress}.
 */
package dev.lathe.decode;
