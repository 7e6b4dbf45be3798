/**
 * What {@code tokenizer.json} says, read once: {@code text} makes a tokenizer of it, {@code huggingface} the keys of a
 * GGUF file. Tokenizes nothing itself.
 *
 * <p>May import {@code text.json} only.
 */
package dev.lathe.huggingface.tokenizer;
