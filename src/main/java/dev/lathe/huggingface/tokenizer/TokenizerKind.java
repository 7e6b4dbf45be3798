package dev.lathe.huggingface.tokenizer;

/** How a tokenizer makes tokens of words: {@code model.type} of {@code tokenizer.json}. */
public enum TokenizerKind {
    /** Byte pair encoding, over bytes or characters. */
    BPE,
    /** The most probable pieces. */
    UNIGRAM,
    /** The longest pieces from the left. */
    WORD_PIECE
}
