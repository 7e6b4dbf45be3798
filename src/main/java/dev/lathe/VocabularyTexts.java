package dev.lathe;

import dev.lathe.decode.constraint.TokenTexts;
import dev.lathe.text.Tokenizer;
import dev.lathe.text.template.MarkedText;
import java.util.Optional;
import java.util.OptionalInt;

/** A model's tokenizer as constraints see it. */
record VocabularyTexts(Tokenizer tokenizer) implements TokenTexts {
    @Override
    public int size() {
        return tokenizer.vocabularySize();
    }

    @Override
    public byte[] bytes(int token) {
        return tokenizer.bytes(token);
    }

    @Override
    public boolean isEndOfGeneration(int token) {
        return tokenizer.isEndOfGeneration(token);
    }

    @Override
    public OptionalInt control(String piece) {
        OptionalInt token = tokenizer.find(piece);
        return token.isPresent() && tokenizer.isControl(token.getAsInt()) ? token : OptionalInt.empty();
    }

    @Override
    public Optional<String> controlPiece(int token) {
        return tokenizer.isControl(token) ? Optional.of(tokenizer.piece(token)) : Optional.empty();
    }

    @Override
    public int[] encode(String text) {
        return tokenizer.encode(MarkedText.ofData(text), true);
    }
}
