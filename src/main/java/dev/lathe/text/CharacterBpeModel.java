package dev.lathe.text;

import dev.lathe.text.split.IntList;
import dev.lathe.text.split.PreTokenizer;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;

/**
 * BPE over characters: those of each word merge, the earliest learnt pair first (Sennrich et al. 2016, Neural Machine
 * Translation of Rare Words with Subword Units, section 3.2). A character without a token is spelled in byte tokens, or
 * is the unknown token, or is left out, by what the vocabulary has. Spaces are written as U+2581.
 */
final class CharacterBpeModel implements SubwordModel {
    private final Vocabulary vocabulary;
    private final MergeTable merges;
    private final PreTokenization preTokenization;
    private final boolean prefixesSpace;
    private final int[] byteTokens;

    /** The unknown token, or -1 to leave unknown characters out. */
    private final int unknownToken;

    private final boolean fusesUnknown;

    /** Which words that are a token as a whole become it, wherever merges would lead. */
    private final Predicate<String> takenWhole;

    /** The model of a GGUF file: characters without a token are spelled in bytes, as far as there are such tokens. */
    static CharacterBpeModel of(Vocabulary vocabulary, MergeTable merges, PreTokenizer preTokenizer) {
        boolean marksSpaces = preTokenizer.alphabet() == PreTokenizer.Alphabet.CHARACTERS_AND_SPACE_MARKS;
        PreTokenization preTokenization = new PreTokenization(
                (text, begins) -> marksSpaces ? text.replace(' ', SPACE_MARK) : text,
                preTokenizer.steps(),
                preTokenizer.takesWholeWords());
        return new CharacterBpeModel(
                vocabulary,
                merges,
                preTokenization,
                false,
                true,
                -1,
                false,
                word -> word.charAt(0) == '\n' ? preTokenizer.takesNewlinesWhole() : preTokenizer.takesWholeWords());
    }

    /** {@code takenWhole} says which words that are a token as a whole become it. */
    CharacterBpeModel(
            Vocabulary vocabulary,
            MergeTable merges,
            PreTokenization preTokenization,
            boolean prefixesSpace,
            boolean spellsBytes,
            int unknownToken,
            boolean fusesUnknown,
            Predicate<String> takenWhole) {
        this.takenWhole = takenWhole;
        this.vocabulary = vocabulary;
        this.merges = merges;
        this.preTokenization = preTokenization;
        this.prefixesSpace = prefixesSpace;
        this.byteTokens = spellsBytes ? vocabulary.byteTokens() : null;
        this.unknownToken = unknownToken;
        this.fusesUnknown = fusesUnknown;
    }

    @Override
    public boolean prefixesSpace() {
        return prefixesSpace;
    }

    @Override
    public Encoder newEncoder(IntList out) {
        return new WordEncoder(out);
    }

    private final class WordEncoder extends PairMerger implements Encoder {
        private final IntList out;

        WordEncoder(IntList out) {
            this.out = out;
        }

        @Override
        long pair(int left, int right) {
            return token(left) < 0 || token(right) < 0 ? NONE : merges.find(token(left), token(right));
        }

        @Override
        public void encode(String text, boolean begins) {
            preTokenization.forEachWord(text, begins, this::encodeWord);
        }

        private void encodeWord(String word) {
            int whole = takenWhole.test(word) ? vocabulary.findText(word) : -1;
            if (whole >= 0) {
                out.add(whole);
                return;
            }
            clear();
            for (int at = 0; at < word.length(); ) {
                int end = at + Character.charCount(word.codePointAt(at));
                addCharacter(word.substring(at, end));
                at = end;
            }
            merge();
            boolean afterUnknown = false;
            for (int symbol = first(); symbol >= 0; symbol = next(symbol)) {
                int token = token(symbol);
                if (token >= 0) {
                    out.add(token);
                } else if (unknownToken >= 0 && !(fusesUnknown && afterUnknown)) {
                    out.add(unknownToken);
                }
                afterUnknown = token < 0;
            }
        }

        private void addCharacter(String character) {
            int token = vocabulary.findText(character);
            if (token >= 0 || byteTokens == null) {
                add(token);
                return;
            }
            byte[] utf8 = character.getBytes(StandardCharsets.UTF_8);
            for (byte b : utf8) {
                if (byteTokens[b & 0xFF] < 0) {
                    add(-1);
                    return;
                }
            }
            for (byte b : utf8) {
                add(byteTokens[b & 0xFF]);
            }
        }
    }
}
