/**
 * Decoders arranged as LLaMA is: root mean square norms, rotated heads, gated feed-forward parts. One class a family, its line in
 * {@link dev.lathe.model.family.llama.LlamaFamilies}. Some take experts in place of a feed-forward part, where their files say so.
 *
 * <p>May import {@code model.family.card} and {@code model.config}.
 */
package dev.lathe.model.family.llama;
