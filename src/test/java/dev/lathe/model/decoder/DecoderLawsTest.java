package dev.lathe.model.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.Slow;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The same bits, however a text comes into a state. */
@OnEveryKernelSet
class DecoderLawsTest {
    private static final int CAPACITY = 1024;

    private static DecoderModel model(long seed) {
        return RandomModels.of(seed, Workers.single(), KernelChoice.best());
    }

    private static InferenceState state(DecoderModel model, long seed) {
        return model.newState(CAPACITY, CacheType.values()[(int) (seed & 3)]);
    }

    /** The logits of the text's last token, evaluated from the start, a token at a time. */
    private static float[] fresh(DecoderModel model, long seed, int... tokens) {
        try (InferenceState state = state(model, seed)) {
            FloatMatrix logits = null;
            for (int token : tokens) {
                logits = state.forward(TokenBatch.lastLogits(token));
            }
            return logits.row(0);
        }
    }

    private static int[] concat(int[] left, int... right) {
        int[] both = Arrays.copyOf(left, left.length + right.length);
        System.arraycopy(right, 0, both, left.length, right.length);
        return both;
    }

    @Property(tries = 40)
    void scalarAndVectorKernelsOneAndTwoThreadsAgree(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 90) int length) {
        assertSameOnAllKernelsAndThreads(seed, length);
    }

    @Property(tries = 4)
    @Slow
    void longPromptsOnTwoThreadsGiveTheBitsOfPlainJava(@ForAll long seed) {
        assertSameOnAllKernelsAndThreads(seed, 700);
    }

    private static void assertSameOnAllKernelsAndThreads(long seed, int length) {
        DecoderModel scalar = RandomModels.of(seed, Workers.single(), KernelChoice.scalar());
        try (Workers two = Workers.of(2)) {
            DecoderModel best = RandomModels.of(seed, two, KernelChoice.best());
            int[] tokens = RandomModels.tokens(scalar, length, new Random(seed));
            float[] expected =
                    state(scalar, seed).forward(TokenBatch.allLogits(tokens)).data();
            float[] actual =
                    state(best, seed).forward(TokenBatch.allLogits(tokens)).data();
            assertArrayEquals(expected, actual);
        }
    }

    @Property(tries = 40)
    void promptAtOnceIsTokenByTokenIsAnySplit(@ForAll long seed, @ForAll @IntRange(min = 1, max = 300) int length) {
        DecoderModel model = model(seed);
        Random random = new Random(seed);
        int[] tokens = RandomModels.tokens(model, length, random);
        FloatMatrix atOnce = state(model, seed).forward(TokenBatch.allLogits(tokens));
        InferenceState split = state(model, seed);
        InferenceState single = state(model, seed);
        for (int from = 0; from < length; ) {
            int to = Math.min(length, from + 1 + random.nextInt(50));
            int[] piece = Arrays.copyOfRange(tokens, from, to);
            boolean last = random.nextBoolean();
            FloatMatrix logits = split.forward(last ? TokenBatch.lastLogits(piece) : TokenBatch.allLogits(piece));
            assertArrayEquals(atOnce.row(to - 1), logits.row(last ? 0 : to - from - 1));
            for (int i = from; i < to; i++) {
                assertArrayEquals(
                        atOnce.row(i),
                        single.forward(TokenBatch.allLogits(tokens[i])).row(0));
            }
            from = to;
        }
        assertEquals(length, split.length());
    }

    @Property(tries = 40)
    void everyRowOfATreeIsThePlainTextOfItsPath(
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 60) int prefix,
            @ForAll @IntRange(min = 1, max = 24) int size) {
        DecoderModel model = model(seed);
        Random random = new Random(seed);
        int[] text = RandomModels.tokens(model, prefix, random);
        Tree tree = Tree.random(model, size, random);
        InferenceState state = state(model, seed);
        state.forward(TokenBatch.noLogits(text));
        FloatMatrix logits = state.forward(TokenBatch.tree(tree.tokens, tree.parents));
        for (int row = 0; row < size; row++) {
            assertArrayEquals(fresh(model, seed, concat(text, tree.tokensOf(tree.path(row)))), logits.row(row));
        }
    }

    @Property(tries = 40)
    void aTreeMayGrowOverSeveralPasses(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 10) int size,
            @ForAll @IntRange(min = 1, max = 10) int more) {
        DecoderModel model = model(seed);
        Random random = new Random(seed);
        int[] text = RandomModels.tokens(model, 5, random);
        Tree tree = Tree.random(model, size + more, random);
        InferenceState state = state(model, seed);
        state.forward(TokenBatch.noLogits(text));
        TokenBatch batch = TokenBatch.tree(Arrays.copyOf(tree.tokens, size), Arrays.copyOf(tree.parents, size));
        state.forward(batch);
        FloatMatrix logits = state.forward(batch.grow(
                Arrays.copyOfRange(tree.tokens, size, size + more),
                Arrays.copyOfRange(tree.parents, size, size + more)));
        assertEquals(more, logits.rows());
        for (int row = size; row < size + more; row++) {
            assertArrayEquals(fresh(model, seed, concat(text, tree.tokensOf(tree.path(row)))), logits.row(row - size));
        }
        int[] path = tree.path(size + more - 1);
        state.keep(path);
        assertThrows(IllegalArgumentException.class, () -> state.forward(batch.grow(new int[] {1}, new int[] {0})));
        int[] kept = concat(concat(text, tree.tokensOf(path)), 1);
        assertArrayEquals(
                fresh(model, seed, kept),
                state.forward(TokenBatch.lastLogits(1)).row(0));
    }

    @Property(tries = 40)
    void keptPathsRewoundAndRestoredStatesGoOnAsIfEvaluatedFresh(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int prefix) {
        DecoderModel model = model(seed);
        Random random = new Random(seed);
        int[] text = RandomModels.tokens(model, prefix, random);
        InferenceState state = state(model, seed);
        state.forward(TokenBatch.noLogits(text));
        for (int step = 0; step < 6; step++) {
            Tree tree = Tree.random(model, 1 + random.nextInt(12), random);
            InferenceState.Snapshot snapshot = state.snapshot();
            state.forward(TokenBatch.tree(tree.tokens, tree.parents));
            switch (random.nextInt(3)) {
                case 0 -> {
                    int[] path = tree.path(random.nextInt(tree.tokens.length));
                    path = Arrays.copyOf(path, random.nextInt(path.length + 1));
                    state.keep(path);
                    text = concat(text, tree.tokensOf(path));
                }
                case 1 -> {
                    int length = random.nextInt(text.length + 1);
                    state.rewind(length);
                    text = Arrays.copyOf(text, length);
                }
                default -> state.restore(snapshot);
            }
            assertEquals(text.length, state.length());
            int next = random.nextInt(model.vocabularySize());
            float[] logits = state.forward(TokenBatch.lastLogits(next)).row(0);
            text = concat(text, next);
            assertArrayEquals(fresh(model, seed, text), logits);
        }
    }

    @Test
    void aSnapshotOutlivesItsStateAndServesManyTimes() {
        DecoderModel model = model(3);
        int[] text = RandomModels.tokens(model, 40, new Random(3));
        InferenceState.Snapshot snapshot;
        try (InferenceState state = state(model, 0)) {
            state.forward(TokenBatch.noLogits(text));
            snapshot = state.snapshot();
            state.forward(TokenBatch.noLogits(1, 2, 3));
        }
        assertEquals(40, snapshot.length());
        for (int token = 4; token < 7; token++) {
            InferenceState other = model.newState(48, CacheType.F32);
            other.restore(snapshot);
            float[] logits = other.forward(TokenBatch.lastLogits(token)).row(0);
            assertArrayEquals(fresh(model, 0, concat(text, token)), logits);
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> model(3).newState(48, CacheType.F32).restore(snapshot));
        assertThrows(
                IllegalArgumentException.class,
                () -> model.newState(48, CacheType.F16).restore(snapshot));
        assertThrows(
                IllegalArgumentException.class,
                () -> model.newState(39, CacheType.F32).restore(snapshot));
    }

    /** Rows in random branches. */
    private record Tree(int[] tokens, int[] parents) {
        static Tree random(DecoderModel model, int size, Random random) {
            int[] parents = new int[size];
            for (int row = 0; row < size; row++) {
                parents[row] = random.nextInt(row + 1) - 1;
            }
            return new Tree(RandomModels.tokens(model, size, random), parents);
        }

        int[] path(int row) {
            List<Integer> path = new ArrayList<>();
            for (int at = row; at != TokenBatch.ROOT; at = parents[at]) {
                path.addFirst(at);
            }
            return path.stream().mapToInt(Integer::intValue).toArray();
        }

        int[] tokensOf(int[] path) {
            return Arrays.stream(path).map(row -> tokens[row]).toArray();
        }
    }
}
