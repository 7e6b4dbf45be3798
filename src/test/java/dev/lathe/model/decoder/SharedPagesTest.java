package dev.lathe.model.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.Slow;
import dev.lathe.model.CacheType;
import dev.lathe.model.ContextFullException;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.cache.KvCache;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import dev.lathe.tensor.store.InsufficientMemoryException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Texts that share pages, and texts that share passes, are what each would be alone. */
@OnEveryKernelSet
class SharedPagesTest {
    private static final int CAPACITY = PagedText.CAPACITY;

    /** Forks, snapshots, restores, rewinds and trees in any order, some of them in passes of several texts. */
    @Property(tries = 60)
    void everyTextIsThatOfAFreshEvaluationWhoeverSharesItsPages(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 130) int prefix) {
        try (Workers workers = Workers.of(2)) {
            DecoderModel model = RandomModels.of(seed, workers, KernelChoice.best());
            Random random = new Random(seed);
            CacheType type = CacheType.values()[random.nextInt(4)];
            List<PagedText> texts = new ArrayList<>();
            PagedText first = PagedText.empty(model, type);
            append(model, random, prefix, List.of(first));
            texts.add(first);
            InferenceState.Snapshot snapshot = first.state().snapshot();
            List<Integer> saved = List.copyOf(first.tokens());
            for (int step = 0; step < 14; step++) {
                PagedText text = texts.get(random.nextInt(texts.size()));
                switch (random.nextInt(6)) {
                    case 0 -> texts.add(text.fork());
                    case 1 -> text.rewind(random);
                    case 2 -> text.restore(snapshot, saved);
                    case 3 -> text.keepOneOfTwo(RandomModels.tokens(model, 3, random));
                    case 4 -> append(model, random, 1 + random.nextInt(9), texts);
                    default -> append(model, random, 1 + random.nextInt(40), List.of(text));
                }
            }
            append(model, random, 1, texts);
        }
    }

    /** Appends so many tokens to every text in one pass, and compares the logits. */
    private static void append(DecoderModel model, Random random, int count, List<PagedText> texts) {
        List<TokenBatch> batches = new ArrayList<>();
        for (PagedText text : texts) {
            int[] tokens = RandomModels.tokens(model, count, random);
            Arrays.stream(tokens).forEach(text.tokens()::add);
            batches.add(TokenBatch.lastLogits(tokens));
        }
        List<InferenceState> states = texts.stream().map(PagedText::state).toList();
        FloatMatrix logits = model.forward(states, batches);
        for (int i = 0; i < texts.size(); i++) {
            CacheType type = ((DecoderState) states.get(i)).cacheType();
            assertArrayEquals(PagedText.fresh(model, type, texts.get(i).array()), logits.row(i));
            assertEquals(texts.get(i).tokens().size(), states.get(i).length());
        }
    }

    @Test
    void aPassOfSeveralTextsMayHoldMoreRowsThanGoThroughTheLayersTogether() {
        DecoderModel model = RandomModels.of(5, Workers.single(), KernelChoice.best());
        Random random = new Random(1);
        List<InferenceState> states = new ArrayList<>();
        List<TokenBatch> batches = new ArrayList<>();
        List<int[]> tokens = new ArrayList<>();
        for (int length : new int[] {300, 300, 1, 0, 300}) {
            tokens.add(RandomModels.tokens(model, length, random));
            states.add(model.newState(CAPACITY, CacheType.F32));
            batches.add(TokenBatch.lastLogits(tokens.getLast()));
        }
        FloatMatrix logits = model.forward(states, batches);
        assertEquals(4, logits.rows());
        for (int text = 0, row = 0; text < 5; text++) {
            assertEquals(tokens.get(text).length, states.get(text).length());
            if (text != 3) {
                assertArrayEquals(PagedText.fresh(model, CacheType.F32, tokens.get(text)), logits.row(row++));
            }
        }
    }

    @Test
    void aPassThatOneTextRefusesChangesNone() {
        DecoderModel model = RandomModels.of(6, Workers.single(), KernelChoice.best());
        InferenceState large = model.newState(8, CacheType.F32);
        InferenceState small = model.newState(1, CacheType.F32);
        List<TokenBatch> two = List.of(TokenBatch.lastLogits(1, 2), TokenBatch.lastLogits(1, 2));
        assertThrows(ContextFullException.class, () -> model.forward(List.of(large, small), two));
        assertEquals(0, large.length());
        assertThrows(IllegalArgumentException.class, () -> model.forward(List.of(large, large), two));
        assertThrows(IllegalArgumentException.class, () -> model.forward(List.of(large), two));
        assertThrows(IllegalArgumentException.class, () -> model.forward(List.of(), List.of()));
        InferenceState other =
                RandomModels.of(7, Workers.single(), KernelChoice.best()).newState(8, CacheType.F32);
        assertThrows(IllegalArgumentException.class, () -> model.forward(List.of(large, other), two));
    }

    @ParameterizedTest
    @EnumSource
    void pagesAreSharedUntilOneOfTheirTextsWritesToThem(CacheType type) {
        LayerConfig layer = LayerConfig.builder(2, 2, 32, 32).build();
        KvCache cache = KvCache.of(layer, 1000, type, KernelChoice.best().cache());
        int page = cache.shape().positions();
        cache.reserve(0, 3 * page + 1);
        assertEquals(4, cache.ownPageCount());
        KvCache fork = cache.share(3 * page + 1);
        assertEquals(0, fork.ownPageCount());
        assertEquals(0, cache.ownPageCount());
        fork.reserve(3 * page + 1, 3 * page + 5);
        assertEquals(1, fork.ownPageCount(), "what it writes to, and no more");
        assertEquals(0, cache.ownPageCount());
        fork.move(2 * page, page);
        assertEquals(2, fork.ownPageCount());
        assertEquals(4, fork.pageCount());
        KvCache shorter = fork.share(page);
        shorter.reserve(page, page + 1);
        assertEquals(1, shorter.ownPageCount());
        assertEquals(2, shorter.pageCount());
        assertEquals(2, fork.ownPageCount(), "only the pages of the beginning became shared");
    }

    /** What passes work in is as much for one state as for many. */
    @Test
    void statesShareTheMemoryOfTheirPasses() {
        DecoderModel model = RandomModels.of(8, Workers.single(), KernelChoice.best());
        for (int i = 0; i < 20; i++) {
            model.newState(CAPACITY, CacheType.F32).forward(TokenBatch.lastLogits(1, 2, 3));
        }
        assertEquals(1, model.freeBuffers());
        model.newState(CAPACITY, CacheType.F32).forward(TokenBatch.lastLogits(new int[300]));
        assertEquals(1, model.freeBuffers(), "larger ones replace smaller ones");
        model.close();
        assertEquals(0, model.freeBuffers());
    }

    @Test
    void aStoppedPassLeavesTheStateAsItWas() {
        DecoderModel model = RandomModels.ofLayers(3, 9, Workers.single(), KernelChoice.best());
        InferenceState state = model.newState(CAPACITY, CacheType.F32);
        state.forward(TokenBatch.noLogits(1, 2, 3));
        int[] asked = {0};
        assertThrows(
                CancellationException.class, () -> state.forward(TokenBatch.noLogits(4, 5), () -> ++asked[0] == 3));
        assertEquals(3, asked[0], "before each layer");
        assertEquals(3, state.length());
        assertEquals(1, model.freeBuffers());
        assertArrayEquals(
                PagedText.fresh(model, CacheType.F32, 1, 2, 3, 7),
                state.forward(TokenBatch.lastLogits(7)).row(0));
    }

    /** More logits than the heap of a test holds. */
    @Test
    @Slow
    void tooLittleMemoryIsOneClearExceptionAndLosesNothing() {
        DecoderModel model = RandomModels.of(10, Workers.single(), KernelChoice.best());
        InferenceState state = model.newState(Integer.MAX_VALUE, CacheType.F32);
        float[] before = state.forward(TokenBatch.lastLogits(1, 2, 3)).row(0);
        TokenBatch large = TokenBatch.allLogits(new int[2_000_000_000 / model.vocabularySize()]);
        InsufficientMemoryException thrown =
                assertThrows(InsufficientMemoryException.class, () -> state.forward(large));
        assertTrue(thrown.getMessage().contains("MB needed"), thrown.getMessage());
        assertEquals(3, state.length());
        state.rewind(2);
        assertArrayEquals(before, state.forward(TokenBatch.lastLogits(3)).row(0));
    }

    @Test
    void pagesBehindTheTextCanBeGivenBack() {
        LayerConfig layer = LayerConfig.builder(2, 2, 32, 32).build();
        KvCache cache =
                KvCache.of(layer, 1000, CacheType.F16, KernelChoice.best().cache());
        int page = cache.shape().positions();
        cache.reserve(0, 4 * page);
        KvCache fork = cache.share(4 * page);
        for (KvCache each : List.of(cache, fork)) {
            each.trim(page + 1);
            assertEquals(2, each.pageCount());
            each.trim(5 * page);
            assertEquals(2, each.pageCount());
            each.reserve(2 * page, 3 * page);
            assertEquals(1, each.ownPageCount());
        }
    }
}
