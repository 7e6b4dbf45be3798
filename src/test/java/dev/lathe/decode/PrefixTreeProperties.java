package dev.lathe.decode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState.Snapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The tree finds what a list of all texts would, and holds each page once. */
class PrefixTreeProperties {
    private static final int PAGE = 4;
    private static final int PAGE_BYTES = 10;

    /** Tokens in pages, which are told apart by identity. */
    private record Pages(int[] tokens, List<Object> pages) implements Snapshot {
        static Pages of(int... tokens) {
            List<Object> pages = new ArrayList<>();
            for (int i = 0; i < count(tokens.length); i++) {
                pages.add(new Object());
            }
            return new Pages(tokens, pages);
        }

        private static int count(int length) {
            return (length + PAGE - 1) / PAGE;
        }

        @Override
        public int length() {
            return tokens.length;
        }

        @Override
        public long byteCount() {
            return (long) PAGE_BYTES * pages.size();
        }

        @Override
        public long byteCount(int from) {
            return (long) PAGE_BYTES * Math.max(0, pages.size() - from / PAGE);
        }

        @Override
        public Pages first(int length) {
            return new Pages(Arrays.copyOf(tokens, length), pages.subList(0, count(length)));
        }

        @Override
        public Pages sharing(Snapshot other, int length) {
            Pages held = (Pages) other;
            assertArrayEquals(Arrays.copyOf(held.tokens, length), Arrays.copyOf(tokens, length));
            List<Object> shared = new ArrayList<>(pages);
            for (int page = 0; page < length / PAGE; page++) {
                shared.set(page, held.pages.get(page));
            }
            return new Pages(tokens, shared);
        }
    }

    /** Texts that begin alike in many places: pieces of a few blocks. */
    private static int[] text(Random random) {
        int[] tokens = new int[random.nextInt(90)];
        for (int from = 0; from < tokens.length; from += 19) {
            Arrays.fill(tokens, from, Math.min(tokens.length, from + 19), random.nextInt(2));
        }
        if (tokens.length > 0 && random.nextInt(3) == 0) {
            tokens[random.nextInt(tokens.length)] = 2;
        }
        return tokens;
    }

    private static int common(int[] text, int[] prompt) {
        int limit = Math.min(text.length, prompt.length - 1);
        int mismatch = Arrays.mismatch(text, 0, limit, prompt, 0, limit);
        return mismatch < 0 ? limit : mismatch;
    }

    private static long distinctPageBytes(PrefixTree tree) {
        Set<Object> distinct = Collections.newSetFromMap(new IdentityHashMap<>());
        tree.snapshots().forEach(text -> distinct.addAll(((Pages) text).pages()));
        return (long) PAGE_BYTES * distinct.size();
    }

    @Property(tries = 300)
    void withoutALimitTheLongestBeginningOfAnyTextIsFound(@ForAll long seed) {
        Random random = new Random(seed);
        PrefixTree tree = new PrefixTree(Long.MAX_VALUE);
        List<int[]> all = new ArrayList<>();
        for (int step = 0; step < 40; step++) {
            int[] tokens = text(random);
            if (random.nextBoolean()) {
                tree.remember(CacheType.F16, tokens, Pages.of(tokens));
                all.add(tokens);
            } else if (tokens.length > 0) {
                int longest = all.stream()
                        .mapToInt(text -> common(text, tokens))
                        .max()
                        .orElse(0);
                int atLeast = random.nextInt(40);
                Optional<Snapshot> found = tree.find(CacheType.F16, tokens, atLeast);
                assertEquals(
                        longest >= Math.max(PrefixTree.LEAST_TOKENS, atLeast) ? longest : -1,
                        found.map(Snapshot::length).orElse(-1));
                found.ifPresent(text -> assertArrayEquals(Arrays.copyOf(tokens, longest), ((Pages) text).tokens()));
                assertTrue(tree.find(CacheType.F32, tokens, 0).isEmpty());
            }
            assertEquals(distinctPageBytes(tree), tree.statistics().byteCount());
            assertEquals(tree.snapshots().size(), tree.statistics().texts());
        }
        assertEquals(0, tree.statistics().evictions());
    }

    @Property(tries = 300)
    void underALimitEachPageIsCountedOnceAndWhatIsFoundIsRight(
            @ForAll long seed, @ForAll @IntRange(max = 800) int limit) {
        Random random = new Random(seed);
        PrefixTree tree = new PrefixTree(limit);
        for (int step = 0; step < 60; step++) {
            int[] tokens = text(random);
            tree.remember(CacheType.F16, tokens, Pages.of(tokens));
            int[] prompt = text(random);
            if (prompt.length > 0) {
                tree.find(CacheType.F16, prompt, 0)
                        .ifPresent(text ->
                                assertArrayEquals(Arrays.copyOf(prompt, text.length()), ((Pages) text).tokens()));
            }
            assertTrue(tree.statistics().byteCount() <= limit);
            assertEquals(distinctPageBytes(tree), tree.statistics().byteCount());
            int[] again = Arrays.copyOf(tokens, tokens.length + 1);
            int fits = Math.min(tokens.length, limit / PAGE_BYTES * PAGE);
            int found = tree.find(CacheType.F16, again, 0).map(Snapshot::length).orElse(0);
            assertTrue(
                    found >= PrefixTree.LEAST_TOKENS || fits < PrefixTree.LEAST_TOKENS + PAGE, found + " of " + fits);
        }
    }

    @Property(tries = 100)
    void whatWasUsedLastStays(@ForAll long seed) {
        Random random = new Random(seed);
        PrefixTree tree = new PrefixTree(40 * PAGE_BYTES);
        int[] system = new Random(seed + 1).ints(32, 10, 1000).toArray();
        tree.remember(CacheType.F16, system, Pages.of(system));
        for (int step = 0; step < 50; step++) {
            int[] other = random.ints(PrefixTree.LEAST_TOKENS + random.nextInt(60), 1000, 5000)
                    .toArray();
            tree.remember(CacheType.F16, other, Pages.of(other));
            int[] prompt = Arrays.copyOf(system, system.length + 10);
            Arrays.fill(prompt, system.length, prompt.length, -1 - step);
            assertEquals(
                    system.length,
                    tree.find(CacheType.F16, prompt, 0).orElseThrow().length());
            tree.remember(CacheType.F16, prompt, Pages.of(prompt));
        }
        assertTrue(tree.statistics().evictions() > 20);
        tree.clear();
        assertEquals(0, tree.statistics().byteCount());
    }
}
