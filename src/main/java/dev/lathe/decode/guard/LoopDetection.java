package dev.lathe.decode.guard;

import java.util.HashMap;
import java.util.Map;

/**
 * When an answer is taken for a loop: its end repeats one sequence of tokens, or hardly anything of its last tokens is
 * new. Both are functions of the generated tokens alone. Texts that repeat themselves by right, such as tables of
 * zeros, ask for more repetitions than the default.
 *
 * @param longestPeriod the longest sequence that is looked for
 * @param repeats how often it must stand at the end, at least 2
 * @param leastTokens how many tokens all repetitions have together, at least 2
 * @param window how many of the last tokens are looked at for what is new; 0 to look for repetitions alone
 * @param repeatedShare the share of sequences of four tokens in the window that stood in it before, from which on it is
 *     a loop, above 0 and at most 1
 */
public record LoopDetection(int longestPeriod, int repeats, int leastTokens, int window, double repeatedShare) {
    private static final int GRAM = 4;

    /** Sequences of up to 64 tokens, 4 times and 64 tokens at least; 512 tokens of which 80% are nothing new. */
    public static final LoopDetection DEFAULT = new LoopDetection(64, 4, 64, 512, 0.8);

    /** Checks each component. */
    public LoopDetection {
        require(longestPeriod >= 1, "longestPeriod", longestPeriod, "at least 1");
        require(repeats >= 2, "repeats", repeats, "at least 2");
        require(leastTokens >= 2, "leastTokens", leastTokens, "at least 2");
        require(window == 0 || window > GRAM, "window", window, "above " + GRAM + ", or 0");
        require(repeatedShare > 0 && repeatedShare <= 1, "repeatedShare", repeatedShare, "above 0 and at most 1");
    }

    private static void require(boolean holds, String name, Number got, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + got + ": expected " + expected);
        }
    }

    /** Looks at a text that has no tokens yet. */
    public Run start() {
        return new Run(this);
    }

    /** Looks at one text, token by token. One thread at a time. */
    public static final class Run {
        private final LoopDetection detection;
        private final int[] recent; // the last tokens, by their index
        private final int[] matches; // [period] how many of the last tokens equal the one a period before
        private final Map<Long, Integer> grams = new HashMap<>(); // in the window, how often
        private int length;

        private Run(LoopDetection detection) {
            this.detection = detection;
            this.recent = new int[Math.max(detection.longestPeriod, detection.window) + GRAM];
            this.matches = new int[detection.longestPeriod + 1];
        }

        /** Goes on by a token; tells whether the text now ends in a loop. */
        public boolean accept(int token) {
            recent[length % recent.length] = token;
            length++;
            boolean repeats = false;
            for (int period = 1; period <= detection.longestPeriod; period++) {
                boolean matched = length > period && token == recent(length - 1 - period);
                matches[period] = matched ? matches[period] + 1 : 0;
                int least = Math.max(detection.leastTokens, detection.repeats * period);
                repeats |= matches[period] + period >= least && matches[period] > 0;
            }
            return isNothingNew() || repeats;
        }

        private boolean isNothingNew() {
            if (detection.window == 0 || length < GRAM) {
                return false;
            }
            grams.merge(gram(length - GRAM), 1, Integer::sum);
            int count = detection.window - GRAM + 1;
            if (length > detection.window) {
                grams.computeIfPresent(gram(length - GRAM - count), (gram, times) -> times == 1 ? null : times - 1);
            }
            return length >= detection.window && count - grams.size() >= detection.repeatedShare * count;
        }

        /** Four tokens from an index on as one number: equal for equal ones, different but for rare accidents. */
        private long gram(int from) {
            long hash = 0;
            for (int i = from; i < from + GRAM; i++) {
                hash = (hash ^ recent(i)) * 0x9E3779B97F4A7C15L;
                hash ^= hash >>> 32;
            }
            return hash;
        }

        private int recent(int index) {
            return recent[index % recent.length];
        }
    }
}
