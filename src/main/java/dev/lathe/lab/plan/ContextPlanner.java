package dev.lathe.lab.plan;

import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.TokenBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.LongSupplier;

/**
 * What a context of any length costs with each type of cache: bytes exactly, times by straight lines through measured
 * ones. Attention reads every position before a token, so the time of a token grows with the length, and that of a
 * prompt with its square.
 *
 * @param costs of each type, in the order of measurement
 */
public record ContextPlanner(List<Cost> costs) {
    private static final int BATCH = 64;
    private static final int REPETITIONS = 5;

    /**
     * What one type of cache costs.
     *
     * @param type how keys and values are stored
     * @param pageTokens positions of a page
     * @param pageBytes bytes of a page of all layers
     * @param token nanoseconds of a token by the positions before it
     * @param promptToken nanoseconds of a prompt's token by the positions before it
     */
    public record Cost(CacheType type, int pageTokens, long pageBytes, Line token, Line promptToken) {
        /** Bytes of keys and values of so many tokens. */
        public long bytes(int tokens) {
            return pageBytes * ((tokens + pageTokens - 1L) / pageTokens);
        }

        /** How long the next token takes after so many. */
        public Duration tokenTime(int tokens) {
            return Duration.ofNanos(Math.round(token.at(tokens)));
        }

        /** How long a prompt of so many tokens takes. */
        public Duration promptTime(int tokens) {
            return Duration.ofNanos(Math.round(
                    tokens * promptToken.base() + promptToken.slope() * tokens * Math.max(0, tokens - 1) / 2));
        }

        /** How many texts of so many tokens fit into some bytes. */
        public long texts(int tokens, long memory) {
            return memory / Math.max(1, bytes(tokens));
        }

        /** The most tokens that each of some texts can have in some bytes. */
        public long longest(long texts, long memory) {
            return memory / texts / pageBytes * pageTokens;
        }
    }

    /**
     * A straight line.
     *
     * @param base its value at 0
     * @param slope what it grows by
     */
    public record Line(double base, double slope) {
        /** Its value. */
        public double at(double x) {
            return base + slope * x;
        }

        /** The line through two points, which does not fall. */
        static Line through(double firstX, double first, double secondX, double second) {
            double slope = Math.max(0, (second - first) / (secondX - firstX));
            return new Line(Math.max(0, second - slope * secondX), slope);
        }
    }

    /**
     * From some length on, another type of cache is the most exact one that fits.
     *
     * @param from tokens of each text
     * @param cost of the type; none where no type fits
     */
    public record Switch(int from, Optional<Cost> cost) {}

    /**
     * Measures a model: the medians of a few tokens and pieces of prompts, at the beginning of a text and after so many
     * tokens.
     *
     * @param tokens how far on: at least {@value #BATCH}, and so that two pieces of a prompt fit into the context
     * @param nanoTime a clock such as {@link System#nanoTime}
     */
    public static ContextPlanner measure(
            LanguageModel model, List<CacheType> types, int tokens, LongSupplier nanoTime) {
        if (tokens < BATCH || tokens > model.contextLength() - BATCH) {
            throw new IllegalArgumentException("measured after " + tokens + " tokens: expected " + BATCH + " to "
                    + (model.contextLength() - BATCH) + ", for a context of " + model.contextLength());
        }
        return new ContextPlanner(types.stream()
                .map(type -> measure(model, type, tokens, nanoTime))
                .toList());
    }

    private static Cost measure(LanguageModel model, CacheType type, int tokens, LongSupplier nanoTime) {
        try (InferenceState state = model.newState(tokens + BATCH, type)) {
            time(state, 0, BATCH, nanoTime); // code is compiled
            double promptFirst = time(state, 0, BATCH, nanoTime) / BATCH;
            state.rewind(0);
            double first = time(state, 0, 1, nanoTime);
            state.rewind(0);
            while (state.length() < tokens) {
                state.forward(TokenBatch.noLogits(new int[Math.min(8 * BATCH, tokens - state.length())]));
            }
            double promptLast = time(state, tokens, BATCH, nanoTime) / BATCH;
            double last = time(state, tokens, 1, nanoTime);
            InferenceState.Snapshot held = state.snapshot();
            int pageTokens = 1;
            while (held.byteCount(pageTokens) == held.byteCount()) {
                pageTokens++;
            }
            return new Cost(
                    type,
                    pageTokens,
                    held.byteCount() - held.byteCount(pageTokens),
                    Line.through(0, first, tokens, last),
                    Line.through(BATCH / 2.0, promptFirst, tokens + BATCH / 2.0, promptLast));
        }
    }

    /** The median time of a pass of so many rows after so many positions. */
    private static double time(InferenceState state, int behind, int rows, LongSupplier nanoTime) {
        long[] times = new long[REPETITIONS];
        for (int i = 0; i < times.length; i++) {
            state.rewind(behind);
            long start = nanoTime.getAsLong();
            state.forward(TokenBatch.lastLogits(new int[rows]));
            times[i] = nanoTime.getAsLong() - start;
        }
        Arrays.sort(times);
        state.rewind(behind);
        return times[times.length / 2];
    }

    /**
     * When to switch: of the types, from the largest page to the smallest, the first that fits, by the length of texts.
     *
     * @param texts how many are held at once
     * @param memory bytes for all of them
     * @param longest the longest context of interest
     */
    public List<Switch> switches(int texts, long memory, int longest) {
        List<Cost> largestFirst = costs.stream()
                .sorted(Comparator.comparingDouble((Cost cost) -> -(double) cost.pageBytes() / cost.pageTokens()))
                .toList();
        List<Switch> switches = new ArrayList<>();
        int from = 1;
        for (Cost cost : largestFirst) {
            long last = Math.min(longest, cost.longest(texts, memory));
            if (last >= from) {
                switches.add(new Switch(from, Optional.of(cost)));
                from = (int) last + 1;
            }
        }
        if (from <= longest) {
            switches.add(new Switch(from, Optional.empty()));
        }
        return List.copyOf(switches);
    }

    /**
     * From which length on one type's tokens are faster than another's; empty if they never are.
     *
     * @param longest the longest context of interest
     */
    public static OptionalInt fasterFrom(Cost one, Cost other, int longest) {
        if (one.token().at(1) < other.token().at(1)) {
            return OptionalInt.of(1);
        }
        double slopes = other.token().slope() - one.token().slope();
        double meeting = (one.token().base() - other.token().base()) / slopes;
        return slopes > 0 && meeting < longest ? OptionalInt.of((int) Math.ceil(meeting)) : OptionalInt.empty();
    }
}
