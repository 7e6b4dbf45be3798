package dev.lathe.decode.constraint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A mask by shapes or by bytes allows the tokens whose bytes can be read, and no others. */
class TokenVocabularyTest {
    private static final String[] CHARACTERS = {
        "a", "z", "m", "A", "Z", "0", "9", " ", "_", "-", "\"", "\\", ".", "é", "ÿ", "中", "￿", "😀", "\u007f"
    };

    /** Patterns that tell characters of a class apart, and such that do not. */
    private static final List<String> PATTERNS = List.of(
            "[a-z]{1,4}(?: [A-Z][a-z]*)*",
            "(?:[^\"\\\\]|\\\\.){0,6}\"(?:a|A9|中)*",
            "\\d{2,3}-[a-f]+z*",
            "(?:é|中|[A-Z])*(?:x|\\w\\w)",
            "[^a]*m?",
            "(?:\\w+=[^ ]{0,3} )*😀+");

    private record Texts(List<byte[]> tokens) implements TokenTexts {
        @Override
        public int size() {
            return tokens.size() + 1;
        }

        @Override
        public byte[] bytes(int token) {
            return token == tokens.size() ? new byte[0] : tokens.get(token);
        }

        @Override
        public boolean isEndOfGeneration(int token) {
            return token == tokens.size();
        }

        @Override
        public OptionalInt control(String piece) {
            return OptionalInt.empty();
        }

        @Override
        public int[] encode(String text) {
            return new int[0];
        }
    }

    /** Many tokens of one shape, tokens of all kinds of characters, and some that end within one. */
    private static List<byte[]> tokens(Random random) {
        List<byte[]> tokens = new ArrayList<>();
        for (char a = 'a'; a <= 'z'; a++) {
            for (char b = 'a'; b <= 'z'; b++) {
                tokens.add(("" + a + b).getBytes(StandardCharsets.UTF_8));
            }
        }
        for (int i = 0; i < 1_500; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = 1 + random.nextInt(5); length > 0; length--) {
                text.append(CHARACTERS[random.nextInt(CHARACTERS.length)]);
            }
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            int from = random.nextInt(8) == 0 ? random.nextInt(bytes.length) : 0;
            int to = random.nextInt(8) == 0 ? from + 1 + random.nextInt(bytes.length - from) : bytes.length;
            tokens.add(Arrays.copyOfRange(bytes, from, to));
        }
        return tokens;
    }

    @Test
    void masksAllowWhatCanBeRead() {
        Random random = new Random(11);
        List<byte[]> tokens = tokens(random);
        TokenVocabulary vocabulary = TokenVocabulary.of(new Texts(tokens));
        int uniform = 0;
        int mixed = 0;
        for (String pattern : PATTERNS) {
            Automaton automaton = Automaton.of(new RuleSet(), RegexParser.parse(pattern));
            AutomatonStates states = new AutomatonStates(automaton, vocabulary);
            for (int walk = 0; walk < 8; walk++) {
                AutomatonState at = states.start();
                for (int step = 0; step < 6 && at != null && !at.isFinished(); step++) {
                    uniform += at.isUniform() ? 1 : 0;
                    mixed += at.isUniform() ? 0 : 1;
                    at = check(at, tokens, vocabulary.mask(at), pattern, random);
                }
            }
        }
        assertTrue(uniform > 20 && mixed > 20, uniform + " states by shapes, " + mixed + " by bytes");
    }

    /** Compares a mask with each token's own reading, and gives the state behind some allowed token. */
    private static AutomatonState check(
            AutomatonState state, List<byte[]> tokens, TokenMask mask, String pattern, Random random) {
        AutomatonState next = null;
        int found = 0;
        for (int token = 0; token < tokens.size(); token++) {
            AutomatonState at = state;
            for (byte b : tokens.get(token)) {
                at = at == null ? null : at.step(b);
            }
            String text = new String(tokens.get(token), StandardCharsets.UTF_8);
            assertEquals(at != null, mask.allows(token), () -> pattern + " and " + text);
            if (at != null && random.nextInt(++found) == 0) {
                next = at;
            }
        }
        assertEquals(state.accepts(), mask.allows(tokens.size()));
        assertEquals(found + (state.accepts() ? 1 : 0), mask.count());
        return next;
    }
}
