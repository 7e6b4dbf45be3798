package dev.lathe.text;

import dev.lathe.text.split.IntList;
import dev.lathe.text.split.ScannedText;
import java.text.Normalizer;
import java.util.BitSet;

/**
 * WordPiece as BERT has it: cleaned text is cut at spaces and around punctuation and Han characters, then the longest
 * piece that a word begins with is taken again and again; a word that this does not use up is unknown as a whole
 * (Devlin et al. 2019, BERT, section 3). The first piece of a word begins with U+2581.
 */
final class WordPieceModel implements SubwordModel {
    private static final char WORD_MARK = SPACE_MARK;

    private final PieceFinder pieces;
    private final int unknownToken;
    private final boolean lowercases;
    private final boolean stripsAccents;
    private final int longestWord;

    /** @param longestWord words of more code points are unknown */
    WordPieceModel(
            Vocabulary vocabulary, int unknownToken, boolean lowercases, boolean stripsAccents, int longestWord) {
        BitSet text =
                vocabulary.ofTypes(Vocabulary.NORMAL, Vocabulary.USER_DEFINED, Vocabulary.UNUSED, Vocabulary.BYTE);
        this.pieces = new PieceFinder(vocabulary, text);
        this.unknownToken = unknownToken;
        this.lowercases = lowercases;
        this.stripsAccents = stripsAccents;
        this.longestWord = longestWord;
    }

    @Override
    public boolean prefixesSpace() {
        return true;
    }

    @Override
    public Encoder newEncoder(IntList out) {
        return new WordEncoder(out);
    }

    private final class WordEncoder implements Encoder {
        private final IntList out;
        private final StringBuilder word = new StringBuilder();

        WordEncoder(IntList out) {
            this.out = out;
        }

        @Override
        public void encode(String text, boolean begins) {
            String normalized = stripsAccents ? Normalizer.normalize(text, Normalizer.Form.NFD) : text;
            for (int i = 0; i < normalized.length(); ) {
                int codePoint = normalized.codePointAt(i);
                i += Character.charCount(codePoint);
                if (!isDropped(codePoint)) {
                    add(codePoint);
                }
            }
            endWord();
        }

        private void add(int codePoint) {
            boolean space = ScannedText.kindOf(codePoint) == ScannedText.SPACE;
            boolean alone = space || standsAlone(codePoint);
            if (alone) {
                endWord();
            }
            if (!space) {
                word.appendCodePoint(lowercases ? Character.toLowerCase(codePoint) : codePoint);
            }
            if (alone) {
                endWord();
            }
        }

        private boolean isDropped(int codePoint) {
            return switch (Character.getType(codePoint)) {
                case Character.CONTROL -> codePoint != '\t' && codePoint != '\n' && codePoint != '\r';
                case Character.FORMAT, Character.PRIVATE_USE, Character.UNASSIGNED -> true;
                case Character.NON_SPACING_MARK -> stripsAccents;
                default -> codePoint == 0xFFFD;
            };
        }

        private static boolean standsAlone(int codePoint) {
            byte kind = ScannedText.kindOf(codePoint);
            return kind == ScannedText.PUNCTUATION || kind == ScannedText.OTHER && codePoint < 0x7F || isHan(codePoint);
        }

        private void endWord() {
            if (word.isEmpty()) {
                return;
            }
            if (word.codePointCount(0, word.length()) > longestWord) {
                word.setLength(0);
                out.add(unknownToken);
                return;
            }
            word.insert(0, WORD_MARK);
            int[] states = pieces.states(word);
            int before = out.size();
            for (int from = 0; from < states.length; ) {
                int longest = from > 0 && word.charAt(from) == WORD_MARK ? 0 : pieces.whole(states[from]);
                if (longest == 0) {
                    out.truncate(before);
                    out.add(unknownToken);
                    break;
                }
                out.add(pieces.token(longest));
                from += pieces.length(longest);
            }
            word.setLength(0);
        }
    }

    /** Characters of scripts written without spaces, as BERT's tokenizers list them, with their hole at U+2B820. */
    private static boolean isHan(int codePoint) {
        return codePoint >= 0x4E00 && codePoint <= 0x9FFF
                || codePoint >= 0x3400 && codePoint <= 0x4DBF
                || codePoint >= 0x20000 && codePoint <= 0x2A6DF
                || codePoint >= 0x2A700 && codePoint <= 0x2B73F
                || codePoint >= 0x2B740 && codePoint <= 0x2B81F
                || codePoint >= 0x2B920 && codePoint <= 0x2CEAF
                || codePoint >= 0xF900 && codePoint <= 0xFAFF
                || codePoint >= 0x2F800 && codePoint <= 0x2FA1F;
    }
}
