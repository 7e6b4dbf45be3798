package dev.lathe.decode;

/** Each token is a piece of text; the last token of the vocabulary ends the generation. */
public final class ToyText implements Detokenizer {
    private final String[] pieces;

    public ToyText(String... pieces) {
        this.pieces = pieces;
    }

    /** Token t is letter a + t; the last one ends the text. */
    public static ToyText letters(int vocabularySize) {
        String[] pieces = new String[vocabularySize];
        for (int token = 0; token < vocabularySize; token++) {
            pieces[token] = Character.toString('a' + token % 26);
        }
        return new ToyText(pieces);
    }

    @Override
    public String accept(int token) {
        return pieces[token];
    }

    @Override
    public String finish() {
        return "";
    }

    @Override
    public boolean isEndOfGeneration(int token) {
        return token == pieces.length - 1;
    }
}
