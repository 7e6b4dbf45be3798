package dev.lathe.text;

import dev.lathe.text.split.IntList;
import dev.lathe.text.split.ScannedText;

/**
 * Leaves whitespace out and encodes each word alone.
 *
 * @param model encodes words
 * @param lowercases whether letters become small before
 */
record SeparateWordsModel(SubwordModel model, boolean lowercases) implements SubwordModel {
    @Override
    public boolean prefixesSpace() {
        return false;
    }

    @Override
    public byte[] bytes(String piece) {
        return model.bytes(piece);
    }

    @Override
    public Encoder newEncoder(IntList out) {
        Encoder words = model.newEncoder(out);
        return (text, begins) -> {
            StringBuilder word = new StringBuilder();
            for (int codePoint : text.codePoints().toArray()) {
                if (ScannedText.kindOf(codePoint) == ScannedText.SPACE) {
                    encode(word, words);
                } else {
                    word.appendCodePoint(lowercases ? Character.toLowerCase(codePoint) : codePoint);
                }
            }
            encode(word, words);
        };
    }

    private static void encode(StringBuilder word, Encoder words) {
        if (!word.isEmpty()) {
            words.encode(word.toString(), false);
            word.setLength(0);
        }
    }
}
