/**
 * Text and tokens: the tokenizers that models' metadata describe, and decoding a stream of tokens to text.
 *
 * <p>May import {@code gguf}, {@code text.split} and {@code huggingface.tokenizer}; knows nothing of models' weights,
 * sampling or decoding strategies.
 *
 * <p>The way of a text: {@code SpecialTokenFinder} cuts it at special tokens; a {@code SubwordModel} turns what is
 * between into tokens: {@code SentencePieceModel}, {@code ByteLevelModel} and {@code CharacterBpeModel} by the loop of
 * {@code PairMerger}, {@code UnigramModel} and {@code WordPieceModel} by the pieces of a {@code PieceFinder}. Models of
 * BPE first cut the text into words by the splitters of {@code text.split}, whose {@code PreTokenizer} is the table of
 * those that GGUF files name; {@code JsonPipeline} reads those of {@code tokenizer.json}; each is the place for a new one.
 */
package dev.lathe.text;
