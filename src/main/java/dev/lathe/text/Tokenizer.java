package dev.lathe.text;

import dev.lathe.gguf.Metadata;
import dev.lathe.huggingface.tokenizer.TokenizerJson;
import dev.lathe.text.template.MarkedText;
import java.util.OptionalInt;

/**
 * Turns text into a model's tokens and back. Immutable and thread-safe.
 *
 * <p>A token is an index into the vocabulary. Most stand for text: a few bytes of UTF-8, perhaps a part of a character.
 * Control tokens mark something, such as the end of a turn, and stand for no text.
 */
public interface Tokenizer {
    /**
     * The tokenizer that a model's metadata describe.
     *
     * <p>Supported are {@code tokenizer.ggml.model} {@code llama} (SentencePiece's BPE), {@code gpt2} (BPE with the
     * pre-tokenizer of {@code tokenizer.ggml.pre}, most of them over bytes), {@code gemma4} and {@code whitespace} (BPE
     * over characters), {@code t5} (Unigram) and {@code bert} (WordPiece).
     *
     * @param metadata of a model's file
     * @return the tokenizer
     * @throws IllegalArgumentException if the kind of tokenizer is not supported, or if keys disagree; its message
     *     names the key, and what is supported
     * @throws dev.lathe.gguf.GgufException if a key is missing or of another type
     */
    static Tokenizer from(Metadata metadata) {
        return TokenizerLoader.load(metadata, 0);
    }

    /**
     * The tokenizer of a model whose embedding has more rows than the metadata have tokens: those beyond stand for no
     * text, and no text leads to them.
     *
     * @param size number of tokens at least
     * @throws IllegalArgumentException as {@link #from(Metadata)} does
     */
    static Tokenizer from(Metadata metadata, int size) {
        return TokenizerLoader.load(metadata, size);
    }

    /**
     * The tokenizer of a Hugging Face folder.
     *
     * <p>Supported are byte-level BPE, BPE over characters, Unigram and WordPiece, with the usual normalizers,
     * pre-tokenizers, added tokens and tokens around a text. Pieces of WordPiece are written as in GGUF files: U+2581
     * where a word begins.
     *
     * @param json what {@code tokenizer.json} says
     * @throws IllegalArgumentException if something in it is not supported or contradicts itself; the message names it
     * @throws dev.lathe.text.json.JsonException if something is missing or of another type
     */
    static Tokenizer from(TokenizerJson json) {
        return from(json, 0);
    }

    /**
     * The same of a model whose embedding has more rows than there are tokens: those beyond stand for no text.
     *
     * @param size number of tokens at least
     */
    static Tokenizer from(TokenizerJson json, int size) {
        return TokenizerJsonLoader.load(json, size);
    }

    /** Number of tokens. */
    int vocabularySize();

    /**
     * The tokens of a text. Unpaired surrogates, which UTF-8 does not have, count as U+FFFD. What the vocabulary has no
     * token for is the unknown token; in byte-level vocabularies, which have none, single bytes without a token are left
     * out: those of some files lack bytes that begin characters of rare planes.
     *
     * @param addSpecial whether to put BOS before and EOS after the text where the metadata ask for it
     * @param parseSpecial whether a control token's piece in the text, such as {@code <|im_start|>}, becomes that
     *     token; otherwise it is text as any other, which is what text from strangers should be
     */
    int[] encode(String text, boolean addSpecial, boolean parseSpecial);

    /**
     * The tokens of a text that a model is to continue: as {@link #encode(String)}, but never with EOS at its end, after
     * which nothing would come.
     */
    int[] encodePrompt(String text);

    /**
     * The tokens of what a template laid out. Control tokens are found only in what the template wrote: the same
     * characters in what it was given are text, as they stand, and so are user-defined tokens that the template marks
     * something with. All of it is one text; nothing is added.
     *
     * @param continues whether tokens of the same text precede it, so that no space is put before its beginning
     */
    int[] encode(MarkedText text, boolean continues);

    /** The tokens of plain text, with BOS and EOS where the metadata ask for it. */
    default int[] encode(String text) {
        return encode(text, true, false);
    }

    /**
     * The text of tokens; control tokens render as nothing, bytes that are no UTF-8 as U+FFFD. A space that the encoder
     * puts before each text is taken off its beginning again.
     *
     * @throws IllegalArgumentException if a token is outside of the vocabulary
     */
    default String decode(int... tokens) {
        return decode(false, tokens);
    }

    /**
     * The text of tokens, as {@link #decode(int...)} gives it.
     *
     * @param renderSpecial whether control tokens render as their pieces
     * @throws IllegalArgumentException if a token is outside of the vocabulary
     */
    String decode(boolean renderSpecial, int... tokens);

    /**
     * The bytes of UTF-8 that a token stands for: none for control tokens and the unknown token. The caller owns the
     * array.
     *
     * @throws IllegalArgumentException if the token is outside of the vocabulary
     */
    byte[] bytes(int token);

    /**
     * A token as the vocabulary writes it.
     *
     * @throws IllegalArgumentException if the token is outside of the vocabulary
     */
    String piece(int token);

    /**
     * Whether a token marks something instead of standing for text.
     *
     * @throws IllegalArgumentException if the token is outside of the vocabulary
     */
    boolean isControl(int token);

    /** The token that begins a text, if there is one. */
    OptionalInt bos();

    /** The token that ends a text, if there is one. */
    OptionalInt eos();

    /** Whether {@link #encode(String)} puts BOS before a text. */
    boolean addsBos();

    /**
     * Whether a generation ends at this token: the end of the text, of the turn or of the message by the metadata, or a
     * token of a well-known name such as {@code <|im_end|>} or {@code <end_of_turn>}.
     */
    boolean isEndOfGeneration(int token);

    /** The token of a piece as the vocabulary writes it, if there is one. */
    OptionalInt find(String piece);

    /**
     * A decoder that renders tokens one at a time, as {@link #decode(int...)} renders them all.
     *
     * @param context tokens that precede the first, such as a prompt that the text continues: where some of them render
     *     as text, a space that begins the continuation is kept
     */
    StreamDecoder newStreamDecoder(int... context);
}
