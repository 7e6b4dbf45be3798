package dev.lathe;

import dev.lathe.decode.Detokenizer;
import dev.lathe.decode.constraint.TokenVocabulary;
import dev.lathe.text.StreamDecoder;
import dev.lathe.text.Tokenizer;

/** A model's tokenizer as the generation loop sees it. */
final class SessionText implements Detokenizer {
    private final Model model;
    private final Tokenizer tokenizer;
    private final StreamDecoder decoder;

    SessionText(Model model, int[] prompt) {
        this.model = model;
        this.tokenizer = model.tokenizer();
        this.decoder = tokenizer.newStreamDecoder(prompt);
    }

    @Override
    public String accept(int token) {
        return decoder.accept(token);
    }

    @Override
    public String finish() {
        return decoder.finish();
    }

    @Override
    public boolean isEndOfGeneration(int token) {
        return tokenizer.isEndOfGeneration(token);
    }

    @Override
    public TokenVocabulary vocabulary() {
        return model.tokenVocabulary();
    }
}
