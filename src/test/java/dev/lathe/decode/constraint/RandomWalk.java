package dev.lathe.decode.constraint;

import java.io.ByteArrayOutputStream;
import java.util.Random;
import org.opentest4j.TestAbortedException;

/** Texts of a constraint, drawn token by token; they end as soon as they may once they are long. */
final class RandomWalk {
    private static final int MOST_TOKENS = 20_000;

    private RandomWalk() {}

    static byte[] text(Constraint constraint, TokenVocabulary vocabulary, int length, Random random) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        Constraint.State state = constraint.start(vocabulary);
        for (int i = 0; i < MOST_TOKENS && !state.isFinished(); i++) {
            TokenMask mask = state.mask();
            boolean mayEnd = mask.allows(vocabulary.size() - 1);
            if (mayEnd && (i >= length || mask.count() == 1 || random.nextInt(8) == 0)) {
                return text.toByteArray();
            }
            int token = i >= length ? closing(mask, random) : -1;
            while (token < 0) {
                int candidate = random.nextInt(vocabulary.size() - 1);
                token = mask.allows(candidate) ? candidate : -1;
            }
            text.writeBytes(vocabulary.bytes(token));
            state = state.then(token);
        }
        if (!state.isFinished()) {
            throw new TestAbortedException("no end found in " + MOST_TOKENS + " tokens");
        }
        return text.toByteArray();
    }

    /** What ends a text soon, in a vocabulary of bytes; -1 for any token. */
    private static int closing(TokenMask mask, Random random) {
        for (char c : "\"}]".toCharArray()) {
            if (mask.allows(c) && random.nextBoolean()) { // some patterns allow them forever
                return c;
            }
        }
        int likely = "abcx1.\u00c3\u00a9".charAt(random.nextInt(8)); // letters of patterns, and the bytes of one
        return mask.allows(likely) ? likely : -1;
    }
}
