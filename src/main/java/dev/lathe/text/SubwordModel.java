package dev.lathe.text;

import dev.lathe.text.split.IntList;
import java.nio.charset.StandardCharsets;

/** What turns text into tokens and tokens into bytes: {@code tokenizer.ggml.model}. Immutable and thread-safe. */
sealed interface SubwordModel
        permits ByteLevelModel,
                CharacterBpeModel,
                SeparateWordsModel,
                SentencePieceModel,
                UnigramModel,
                WordPieceModel {
    /** What most vocabularies write for a space. */
    char SPACE_MARK = '\u2581';

    /** An encoder for one text, which appends to {@code out}. */
    Encoder newEncoder(IntList out);

    /** The UTF-8 that the piece of a normal token stands for, perhaps a part of a character. */
    default byte[] bytes(String piece) {
        return piece.replace(SPACE_MARK, ' ').getBytes(StandardCharsets.UTF_8);
    }

    /** Whether a text's first token brings a space that the text does not have. */
    boolean prefixesSpace();

    /** Encodes the stretches of one text between its special tokens. For one thread. */
    @FunctionalInterface
    interface Encoder {
        /**
         * Encodes a stretch.
         *
         * @param text not empty, without unpaired surrogates
         * @param begins whether it begins the text or follows a special token
         */
        void encode(String text, boolean begins);
    }
}
