/**
 * Decoders with layer norms, as GPT-2 has them. One class a family, its line in {@link dev.lathe.model.family.gpt.GptFamilies}.
 *
 * <p>May import {@code model.family.card} and {@code model.config}.
 */
package dev.lathe.model.family.gpt;
