/**
 * Text and tokens: the tokenizers that models' metadata describe, and decoding a stream of tokens to text.
 *
 * <p>May import {@code gguf}; knows nothing of models' weights, sampling or decoding strategies.
 *
 * <p>The way of a text: {@code SpecialTokenFinder} cuts it at special tokens; a {@code SubwordModel} turns what is
 * between into tokens: {@code SentencePieceModel}, {@code ByteLevelModel} or {@code WordPieceModel}, the first two by
 * the loop of {@code PairMerger}. Byte-level models first cut the text into words: {@code PreTokenizer} is the table of
 * the ways to do so, and the place for a new one.
 */
package dev.lathe.text;
