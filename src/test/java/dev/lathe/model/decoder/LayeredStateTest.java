package dev.lathe.model.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.model.CacheType;
import dev.lathe.model.ContextFullException;
import dev.lathe.model.LayeredState;
import dev.lathe.model.ModelWeights;
import dev.lathe.model.SkippedParts;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.WeightGroup;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import dev.lathe.tensor.pack.LinearLoader;
import dev.lathe.tensor.store.WeightMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Layers now or later: the same bits. */
@OnEveryKernelSet
class LayeredStateTest {
    private static final int CAPACITY = 700;

    private static DecoderModel model(long seed) {
        return RandomModels.ofLayers(4, seed, Workers.single(), KernelChoice.best());
    }

    private static LayeredState state(DecoderModel model, long seed) {
        return model.newState(CAPACITY, seed % 2 == 0 ? CacheType.F32 : CacheType.F16);
    }

    private static Rows fresh(DecoderModel model, long seed, int... tokens) {
        return new Rows(state(model, seed).forward(TokenBatch.allLogits(tokens)));
    }

    private record Rows(dev.lathe.tensor.FloatMatrix matrix) {
        float[] last() {
            return matrix.row(matrix.rows() - 1);
        }
    }

    /** The model in which only some layers add anything. */
    private static DecoderModel only(DecoderModel model, IntStream layers) {
        Set<Integer> kept = layers.boxed().collect(Collectors.toSet());
        return withIdentityLayers(model, IntStream.range(0, model.layerCount()).filter(layer -> !kept.contains(layer)));
    }

    @Property(tries = 60)
    void whateverWasDeferredPreviewedOrTakenBackTheNextLogitsAreThoseOfAFreshText(@ForAll long seed) {
        DecoderModel model = model(seed);
        Random random = new Random(seed);
        LayeredState state = state(model, seed);
        List<Integer> text = new ArrayList<>();
        for (int step = 0; step < 25; step++) {
            int room = random.nextInt(1, 4);
            int[] tokens = RandomModels.tokens(model, room, random);
            switch (random.nextInt(7)) {
                case 0, 1 -> {
                    append(state, tokens);
                    Arrays.stream(tokens).forEach(text::add);
                }
                case 2 -> state.deepen(random.nextInt(model.layerCount() + 1));
                case 3 -> {
                    append(state, tokens);
                    Arrays.stream(tokens).forEach(text::add);
                    int first = random.nextInt(model.layerCount());
                    if (IntStream.range(0, state.openRows())
                            .map(state::depth)
                            .allMatch(depth -> depth <= first || depth == 4)) {
                        preview(state, new SkippedParts(Set.of(first), Set.of(random.nextInt(first, 4))));
                    }
                }
                case 4 -> {
                    int length = random.nextInt(text.size() + 1);
                    state.rewind(length);
                    text.subList(length, text.size()).clear();
                }
                case 5 -> state.restore(state.snapshot());
                default -> {
                    Arrays.stream(tokens).forEach(text::add);
                    float[] logits =
                            state.forward(TokenBatch.lastLogits(tokens)).row(0);
                    assertArrayEquals(fresh(model, seed, ints(text)).last(), logits);
                }
            }
            assertEquals(text.size(), state.length());
        }
        append(state, 1);
        text.add(1);
        state.deepen(model.layerCount());
        assertArrayEquals(fresh(model, seed, ints(text)).last(), lastLogits(state));
    }

    private static void append(LayeredState state, int... tokens) {
        state.append(TokenBatch.noLogits(tokens));
    }

    private static float[] lastLogits(LayeredState state) {
        return state.logits(state.openRows() - 1).row(0);
    }

    private static float[] preview(LayeredState state, SkippedParts skipped) {
        return state.preview(skipped, state.openRows() - 1).row(0);
    }

    private static int[] ints(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }

    @Property(tries = 20)
    void theGuessOfTheFirstLayersIsThatOfAModelThatHasNoOthers(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int depth) {
        DecoderModel model = model(seed);
        Random random = new Random(seed);
        int[] tokens = RandomModels.tokens(model, 9, random);
        DecoderModel first = only(model, IntStream.range(0, depth));
        var expected = fresh(first, seed, tokens).matrix();
        LayeredState state = state(model, seed);
        append(state, Arrays.copyOf(tokens, 5));
        state.deepen(depth);
        append(state, Arrays.copyOfRange(tokens, 5, 9));
        state.deepen(depth - 1);
        state.deepen(depth);
        int rows = depth == model.layerCount() ? 4 : 9;
        assertEquals(rows, state.openRows());
        var logits = state.logits(IntStream.range(0, rows).toArray());
        for (int row = 0; row < rows; row++) {
            assertArrayEquals(expected.row(9 - rows + row), logits.row(row));
        }
    }

    @Property(tries = 20)
    void aPreviewOfAnOpenTextIsTheModelWithoutTheseLayers(
            @ForAll long seed, @ForAll @IntRange(min = 0, max = 3) int left) {
        DecoderModel model = model(seed);
        int[] tokens = RandomModels.tokens(model, 7, new Random(seed));
        SkippedParts skipped = SkippedParts.layers(left);
        DecoderModel rest = only(model, IntStream.range(0, 4).filter(layer -> layer != left));
        LayeredState state = state(model, seed);
        for (int length = 1; length <= tokens.length; length++) {
            append(state, tokens[length - 1]);
            if (length % 3 != 0) {
                float[] expected =
                        fresh(rest, seed, Arrays.copyOf(tokens, length)).last();
                assertArrayEquals(expected, preview(state, skipped));
            }
            if (length == 4) { // the same one twice, then another between
                float[] expected =
                        fresh(rest, seed, Arrays.copyOf(tokens, length)).last();
                assertArrayEquals(expected, preview(state, skipped));
                preview(state, new SkippedParts(Set.of(left), Set.of()));
            }
        }
        state.deepen(4);
        assertArrayEquals(fresh(model, seed, tokens).last(), lastLogits(state));
    }

    @Property(tries = 40)
    void treesGrowShallowAndAreCompletedLater(@ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int depth) {
        DecoderModel model = model(seed);
        DecoderModel first = only(model, IntStream.range(0, depth));
        Random random = new Random(seed);
        int[] text = RandomModels.tokens(model, 5, random);
        LayeredState state = state(model, seed);
        if (random.nextBoolean()) {
            state.forward(TokenBatch.noLogits(Arrays.copyOf(text, 3)));
            append(state, text[3], text[4]);
        } else {
            append(state, text);
        }
        int chain = state.openRows();
        int[] tokens = RandomModels.tokens(model, 9, random);
        int[] parents = new int[9];
        Arrays.setAll(parents, row -> random.nextInt(row + 1) - 1);
        TokenBatch batch = TokenBatch.tree(Arrays.copyOf(tokens, 3), Arrays.copyOf(parents, 3));
        state.append(batch);
        state.deepen(depth);
        batch = batch.grow(Arrays.copyOfRange(tokens, 3, 9), Arrays.copyOfRange(parents, 3, 9));
        state.append(batch);
        state.deepen(depth);
        if (chain == 5) { // the whole text has these layers only
            for (int row = 0; row < 9; row++) {
                float[] expected =
                        fresh(first, seed, path(text, tokens, parents, row)).last();
                assertArrayEquals(expected, state.logits(chain + row).row(0));
            }
        }
        if (random.nextBoolean()) {
            state.deepen(4);
            for (int row = 0; row < 9; row++) {
                float[] expected =
                        fresh(model, seed, path(text, tokens, parents, row)).last();
                assertArrayEquals(expected, state.logits(chain + row).row(0));
            }
        }
        assertThrows(IllegalStateException.class, () -> append(state, 1));
        int kept = random.nextInt(9);
        state.keep(rows(parents, kept));
        int[] expected = Arrays.copyOf(path(text, tokens, parents, kept), state.length() + 1);
        append(state, expected[state.length()] = 7);
        state.deepen(4);
        assertArrayEquals(fresh(model, seed, expected).last(), lastLogits(state));
    }

    private static int[] rows(int[] parents, int row) {
        return row == TokenBatch.ROOT
                ? new int[0]
                : IntStream.concat(IntStream.of(rows(parents, parents[row])), IntStream.of(row))
                        .toArray();
    }

    private static int[] path(int[] text, int[] tokens, int[] parents, int row) {
        IntStream path = IntStream.of(rows(parents, row)).map(node -> tokens[node]);
        return IntStream.concat(IntStream.of(text), path).toArray();
    }

    @Test
    void aBatchIsGrownWhereItsRowsAre() {
        LayeredState state = model(1).newState(20, CacheType.F32);
        TokenBatch root = TokenBatch.tree(new int[] {1}, new int[] {-1});
        TokenBatch grown = root.grow(new int[] {2}, new int[] {0});
        assertThrows(IllegalArgumentException.class, () -> state.append(grown));
        state.forward(root);
        assertThrows(IllegalArgumentException.class, () -> state.append(grown));
        state.rewind(0);
        state.append(root);
        float[] logits = state.forward(grown).row(0);
        assertArrayEquals(fresh(model(1), 0, 1, 2).last(), logits);
    }

    @Test
    void previewsFollowCompleteRows() {
        DecoderModel model = model(3);
        SkippedParts last = SkippedParts.after(3, 4);
        LayeredState state = state(model, 0);
        state.forward(TokenBatch.noLogits(1, 2, 3));
        append(state, 4);
        float[] expected = preview(state, last);
        state.rewind(3);
        append(state, 4);
        state.deepen(3);
        assertArrayEquals(lastLogits(state), expected);
    }

    @Property(tries = 20)
    void whereLayersChangeNothingTheirGuessIsTheModels(
            @ForAll long seed, @ForAll @IntRange(min = 0, max = 3) int depth) {
        DecoderModel model = withIdentityLayers(model(seed), IntStream.range(depth, 4));
        int[] tokens = RandomModels.tokens(model, 6, new Random(seed));
        LayeredState state = state(model, seed);
        append(state, tokens);
        state.deepen(depth);
        assertArrayEquals(fresh(model, seed, tokens).last(), lastLogits(state));
    }

    /** All layers skipped but the last change nothing, and the last only reads what it is to write keys and values of. */
    @Property(tries = 20)
    void whereSkippedLayersChangeNothingPropagationIsExact(
            @ForAll long seed, @ForAll @IntRange(min = 0, max = 3) int depth) {
        DecoderModel model = withIdentityLayers(model(seed), IntStream.range(depth, 3));
        int[] tokens = RandomModels.tokens(model, 7, new Random(seed));
        LayeredState state = state(model, seed);
        append(state, tokens[0], tokens[1]);
        state.deepen(4);
        append(state, tokens[2]);
        state.deepen(depth);
        state.propagate();
        assertEquals(0, state.openRows());
        append(state, tokens[3]);
        state.deepen(3);
        append(state, tokens[4], tokens[5]);
        state.deepen(depth);
        state.propagate();
        float[] logits = state.forward(TokenBatch.lastLogits(tokens[6])).row(0);
        assertArrayEquals(fresh(model, seed, tokens).last(), logits);
    }

    @Property(tries = 20)
    void ofATreeThatWasKeptRowsArePreviewedThatWereNotBefore(@ForAll long seed) {
        DecoderModel model = model(seed);
        SkippedParts skipped = SkippedParts.layers(1);
        LayeredState state = state(model, seed);
        TokenBatch batch = TokenBatch.tree(new int[] {1, 2, 3}, new int[] {-1, 0, 0});
        state.append(batch);
        state.preview(skipped, 1, 2);
        state.append(batch.grow(new int[] {4, 5}, new int[] {2, 3}));
        state.keep(0, 2, 3, 4);
        append(state, 6);
        LayeredState other = state(model, seed);
        append(other, 1, 3, 4, 5, 6);
        assertArrayEquals(preview(other, skipped), preview(state, skipped));
    }

    @Test
    void propagationIsNotPlainEvaluationUntilItIsRewound() {
        DecoderModel model = model(8);
        LayeredState state = state(model, 8);
        append(state, 1, 2);
        state.deepen(2);
        append(state, 3);
        state.deepen(1);
        state.propagate();
        assertEquals(3, state.length());
        float[] exact = fresh(model, 8, 1, 2, 3, 4).last();
        assertFalse(Arrays.equals(exact, state.forward(TokenBatch.lastLogits(4)).row(0)));
        state.rewind(0);
        assertArrayEquals(
                exact, state.forward(TokenBatch.lastLogits(1, 2, 3, 4)).row(0));
    }

    @Test
    void manyOpenRowsGoThroughTheLayersInPieces() {
        DecoderModel model = model(5);
        int[] tokens = RandomModels.tokens(model, 600, new Random(5));
        LayeredState state = state(model, 0);
        append(state, Arrays.copyOf(tokens, 300));
        state.deepen(2);
        append(state, Arrays.copyOfRange(tokens, 300, 600));
        state.deepen(1);
        state.deepen(4);
        assertArrayEquals(fresh(model, 0, tokens).last(), lastLogits(state));
    }

    @Test
    void refusesWhatIsNotThere() {
        LayeredState state = model(1).newState(4, CacheType.F32);
        assertEquals(4, state.layerCount());
        assertThrows(IllegalStateException.class, () -> preview(state, SkippedParts.layers(1)));
        append(state, 1, 2);
        assertEquals(0, state.depth(1));
        assertThrows(ContextFullException.class, () -> append(state, 1, 2, 3));
        assertThrows(IllegalArgumentException.class, () -> append(state, -1));
        assertThrows(IllegalArgumentException.class, () -> state.deepen(5));
        assertThrows(IndexOutOfBoundsException.class, () -> state.logits(2));
        assertThrows(IndexOutOfBoundsException.class, () -> state.depth(2));
        assertThrows(IllegalArgumentException.class, () -> preview(state, SkippedParts.layers(4)));
        assertThrows(IllegalArgumentException.class, SkippedParts::layers);
        assertThrows(IllegalArgumentException.class, () -> SkippedParts.after(4, 4));
        assertEquals(2, state.length());
        state.deepen(3);
        append(state, 3);
        state.deepen(1);
        assertThrows(IllegalStateException.class, () -> preview(state, SkippedParts.layers(2)), "rows are deeper");
        state.deepen(4);
        assertThrows(IllegalStateException.class, () -> preview(state, SkippedParts.layers(2)), "none is open");
        state.rewind(0);
        state.forward(TokenBatch.tree(new int[] {1, 2}, new int[] {-1, -1}));
        assertThrows(IllegalStateException.class, () -> append(state, 1));
        state.close();
        assertThrows(IllegalStateException.class, () -> append(state, 1));
        assertThrows(IllegalStateException.class, () -> state.deepen(1));
    }

    private static final Set<TensorRole> ADDING =
            Set.of(TensorRole.ATTENTION_OUTPUT, TensorRole.DOWN, TensorRole.EXPERT_DOWN, TensorRole.SHARED_DOWN);

    /** These layers add nothing to the residual stream. */
    private static DecoderModel withIdentityLayers(DecoderModel model, IntStream layers) {
        List<WeightGroup> groups = new ArrayList<>(model.weights().layers());
        for (int layer : layers.toArray()) {
            WeightGroup.Builder changed =
                    groups.get(layer).map((role, matrix) -> ADDING.contains(role) ? zeros(matrix) : matrix).toBuilder();
            ADDING.forEach(role -> changed.bias(role, WeightGroup.NONE));
            groups.set(layer, changed.build());
        }
        return DecoderModel.of(
                model.config(),
                new ModelWeights(model.weights().global(), groups),
                Workers.single(),
                KernelChoice.best());
    }

    private static Linear zeros(Linear like) {
        TensorType type = TensorType.F32;
        long bytes = type.byteCount((long) like.outputSize() * like.inputSize());
        MemorySegment memory = MemorySegment.ofArray(new byte[(int) bytes]);
        try {
            return LinearLoader.pack(
                    type,
                    like.outputSize(),
                    like.inputSize(),
                    (at, count, arena) -> memory.asSlice(at, count),
                    WeightMemory.collected(),
                    Workers.single(),
                    KernelChoice.best());
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
