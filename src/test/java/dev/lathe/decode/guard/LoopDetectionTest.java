package dev.lathe.decode.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LoopDetectionTest {
    /** What the class says, looked up the slow way. */
    private static boolean isLoop(LoopDetection detection, int... tokens) {
        for (int period = 1; period <= detection.longestPeriod(); period++) {
            int least = Math.max(detection.leastTokens(), detection.repeats() * period);
            int from = tokens.length - least;
            int at = period;
            if (from >= 0
                    && least > period
                    && IntStream.range(from + period, tokens.length).allMatch(i -> tokens[i] == tokens[i - at])) {
                return true;
            }
        }
        int window = detection.window();
        if (window == 0 || tokens.length < window) {
            return false;
        }
        Set<List<Integer>> grams = new HashSet<>();
        int count = window - 3;
        for (int i = tokens.length - window; i + 4 <= tokens.length; i++) {
            grams.add(List.of(tokens[i], tokens[i + 1], tokens[i + 2], tokens[i + 3]));
        }
        return count - grams.size() >= detection.repeatedShare() * count;
    }

    @Property(tries = 200)
    void findsWhatItSaysTokenByToken(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 6) int period,
            @ForAll @IntRange(min = 2, max = 4) int repeats,
            @ForAll @IntRange(min = 2, max = 12) int least,
            @ForAll @IntRange(min = 5, max = 20) int window,
            @ForAll boolean looksForNews) {
        LoopDetection detection = new LoopDetection(period, repeats, least, looksForNews ? window : 0, 0.5);
        LoopDetection.Run run = detection.start();
        Random random = new Random(seed);
        int[] tokens = random.ints(60, 0, 2 + random.nextInt(3)).toArray();
        for (int i = 0; i < tokens.length; i++) {
            assertEquals(isLoop(detection, Arrays.copyOf(tokens, i + 1)), run.accept(tokens[i]), "token " + i);
        }
    }

    @Test
    void countersThatSayNothingElseAreLoopsAndOtherTextsAreNot() {
        LoopDetection.Run counter = LoopDetection.DEFAULT.start();
        LoopDetection.Run table = LoopDetection.DEFAULT.start();
        LoopDetection.Run prose = LoopDetection.DEFAULT.start();
        Random random = new Random(1);
        boolean isFound = false;
        for (int i = 0; i < 1000; i++) {
            isFound |= counter.accept(i % 40 == 0 ? 1000 + i : i % 40);
            assertFalse(table.accept(i % 8 == 0 ? 1000 + i : i % 8), "half of each line is new");
            assertFalse(prose.accept(random.nextInt(300)));
        }
        assertTrue(isFound, "nearly nothing of each line is new");
    }

    @Test
    void refusesWhatCannotBeFound() {
        assertThrows(IllegalArgumentException.class, () -> new LoopDetection(0, 2, 2, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> new LoopDetection(1, 1, 2, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> new LoopDetection(1, 2, 2, 4, 1));
        assertThrows(IllegalArgumentException.class, () -> new LoopDetection(1, 2, 2, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new LengthBudget(5, 5, 1));
        assertThrows(IllegalArgumentException.class, () -> new LengthBudget(5, 6, Float.NaN));
    }

    @Test
    void usualAnswersTellUnusualOnesAndLearnNothingFromThem() {
        UsualAnswers usual = new UsualAnswers();
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            assertEquals(
                    i >= UsualAnswers.LEAST_ANSWERS,
                    usual.guard().lengthBudget().isPresent());
            GuardStatistics noted = new GuardStatistics(
                    usual.guard(), -5 + 0.5 * random.nextGaussian(), 1 + 0.2 * random.nextGaussian(), false);
            usual.observe(noted, 25 + random.nextInt(11), true);
        }
        UsualAnswer known = usual.guard().usual().orElseThrow();
        LengthBudget budget = usual.guard().lengthBudget().orElseThrow();
        assertTrue(known.longTokens() == 35 && budget.softTokens() >= 35 && budget.softTokens() < 45, "" + known);
        assertTrue(budget.hardTokens() > budget.softTokens() && budget.hardTokens() < 70, "" + budget);
        assertTrue(known.isUnusual(40, -9, 2));
        assertFalse(known.isUnusual(40, -4, 2), "its end is as probable as usual");
        assertFalse(known.isUnusual(40, -9, 0.5), "it is as certain as usual");
        assertFalse(known.isUnusual(30, -9, 2), "it is no longer than usual");
        for (int i = 0; i < 200; i++) {
            usual.observe(new GuardStatistics(usual.guard(), -9, 2, true), 500, true);
            usual.observe(new GuardStatistics(usual.guard(), -9, 2, false), 500, false);
        }
        assertEquals(Optional.of(known), usual.guard().usual());
    }
}
