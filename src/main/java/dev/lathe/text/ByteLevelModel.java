package dev.lathe.text;

import dev.lathe.text.split.IntList;
import dev.lathe.text.split.ScannedText;
import dev.lathe.text.split.Splitter;

/**
 * Byte-level BPE: a pre-tokenizer cuts the text into words, then the bytes of each word merge, the earliest learnt pair
 * first (Radford et al. 2019, Language Models are Unsupervised Multitask Learners, section 2.2). A byte that the
 * vocabulary has no token for is left out; most vocabularies have all that occur in UTF-8.
 */
final class ByteLevelModel implements SubwordModel {
    private final Vocabulary vocabulary;
    private final MergeTable merges;
    private final TextNormalizer normalizer;
    private final Splitter[] steps;
    private final boolean takesWholeWords;

    /** The token of each byte, or -1. */
    private final int[] byteTokens = new int[256];

    ByteLevelModel(Vocabulary vocabulary, MergeTable merges, PreTokenization preTokenization) {
        this.vocabulary = vocabulary;
        this.merges = merges;
        this.normalizer = preTokenization.normalizer();
        this.steps = preTokenization.steps();
        this.takesWholeWords = preTokenization.takesWholeWords();
        for (int b = 0; b < byteTokens.length; b++) {
            byteTokens[b] = vocabulary.findText(Character.toString(ByteAlphabet.character(b)));
        }
    }

    @Override
    public boolean prefixesSpace() {
        return false;
    }

    @Override
    public byte[] bytes(String piece) {
        return ByteAlphabet.bytes(piece);
    }

    @Override
    public Encoder newEncoder(IntList out) {
        return new WordEncoder(out);
    }

    private final class WordEncoder extends PairMerger implements Encoder {
        private final IntList out;
        private final char[] spelled = new char[vocabulary.longestPiece()];

        /** Length in bytes of the word at hand; {@code spelled} holds its beginning in {@link ByteAlphabet}. */
        private int length;

        private int hash;

        WordEncoder(IntList out) {
            this.out = out;
        }

        @Override
        long pair(int left, int right) {
            int leftToken = token(left);
            int rightToken = token(right);
            return leftToken < 0 || rightToken < 0 ? NONE : merges.find(leftToken, rightToken);
        }

        @Override
        public void encode(String text, boolean begins) {
            ScannedText scanned = new ScannedText(normalizer.normalize(text, begins));
            IntList ends = Splitter.split(scanned, steps);
            int from = 0;
            for (int i = 0; i < ends.size(); i++) {
                encodeWord(scanned, from, ends.get(i));
                from = ends.get(i);
            }
        }

        private void encodeWord(ScannedText text, int from, int to) {
            clear();
            length = 0;
            hash = 0;
            for (int i = from; i < to; i++) {
                addUtf8(text.codePoint(i));
            }
            if (takesWholeWords && length <= spelled.length) {
                int word = vocabulary.find(spelled, 0, length, hash);
                if (word >= 0 && !vocabulary.isSpecial(word)) {
                    out.add(word);
                    return;
                }
            }
            merge();
            for (int symbol = first(); symbol >= 0; symbol = next(symbol)) {
                if (token(symbol) >= 0) {
                    out.add(token(symbol));
                }
            }
        }

        private void addUtf8(int codePoint) {
            if (codePoint < 0x80) {
                addByte(codePoint);
            } else if (codePoint < 0x800) {
                addByte(0xC0 | codePoint >> 6);
                addByte(0x80 | codePoint & 0x3F);
            } else if (codePoint < 0x10000) {
                addByte(0xE0 | codePoint >> 12);
                addByte(0x80 | codePoint >> 6 & 0x3F);
                addByte(0x80 | codePoint & 0x3F);
            } else {
                addByte(0xF0 | codePoint >> 18);
                addByte(0x80 | codePoint >> 12 & 0x3F);
                addByte(0x80 | codePoint >> 6 & 0x3F);
                addByte(0x80 | codePoint & 0x3F);
            }
        }

        private void addByte(int unsignedByte) {
            add(byteTokens[unsignedByte]);
            char character = ByteAlphabet.character(unsignedByte);
            hash = 31 * hash + character;
            if (length < spelled.length) {
                spelled[length] = character;
            }
            length++;
        }
    }
}
