package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.decode.PrefixStatistics;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.TokenProbability;
import dev.lathe.model.CacheType;
import dev.lathe.serve.EngineOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A prompt that begins as any text of the model did goes on from there, to the same bits. */
class PrefixMemoryTest extends OnDraftModel {
    private static Model remembering(long bytes) throws IOException {
        return Model.load(FILE, LoadOptions.DEFAULT.threadsOf(model).prefixMemory(bytes));
    }

    private static int[] prompt(int shared, int length, int different) {
        int[] tokens = new int[length];
        Arrays.setAll(tokens, position -> 30 + position % 97 + (position < shared ? 0 : different));
        return tokens;
    }

    private static List<TokenProbability> next(GenerationResult result) {
        return result.tokens().getLast().alternatives();
    }

    private static GenerationResult answer(Model model, SessionOptions options, int... prompt) {
        try (Session session = model.newSession(options)) {
            return session.generate(prompt).maxTokens(3).logProbabilities(20).run();
        }
    }

    @ParameterizedTest
    @EnumSource(CacheType.class)
    @Slow
    void whatAnotherSessionEvaluatedIsNotEvaluatedAgain(CacheType type) throws IOException {
        SessionOptions options = SessionOptions.DEFAULT.cacheType(type).contextLength(200);
        try (Model remembering = remembering(100_000_000)) {
            int[] first = prompt(150, 150, 0);
            assertEquals(next(answer(model, options, first)), next(answer(remembering, options, first)));
            for (int shared : new int[] {140, 64, 129, 20, 16, 15}) {
                int[] second = prompt(shared, 160, shared);
                GenerationResult result = answer(remembering, options, second);
                assertEquals(shared < 16 ? 0 : shared, result.stats().reusedPromptTokens());
                assertEquals(next(answer(model, options, second)), next(result));
            }
            assertEquals(5, remembering.prefixStatistics().hits());
            assertEquals(
                    149,
                    answer(remembering, options, first).stats().reusedPromptTokens(),
                    "all but the last, whose logits count");
        }
    }

    @Test
    void aHitCopiesNothing(@TempDir Path folder) throws IOException {
        SessionOptions options = SessionOptions.DEFAULT.contextLength(200);
        LoadOptions counted = LoadOptions.DEFAULT.threadsOf(model).pageMemory(1L << 40, folder);
        try (Model remembering = Model.load(FILE, counted.prefixMemory(100_000_000))) {
            long ofOneToken = pages(remembering, options, 7);
            answer(remembering, options, prompt(150, 150, 0));
            long before = pageBytes(remembering);
            assertEquals(
                    before + ofOneToken, pages(remembering, options, prompt(128, 129, 1)), "a page for what is new");
            assertEquals(1, remembering.prefixStatistics().hits());
        }
    }

    private static long pages(Model model, SessionOptions options, int... prompt) {
        try (Session session = model.newSession(options)) {
            session.generate(prompt).maxTokens(1).run();
            return pageBytes(model);
        }
    }

    private static long pageBytes(Model model) {
        return model.pageStatistics().orElseThrow().residentBytes();
    }

    @Test
    void samplesAndTextsStillUnderWayAreRememberedToo() throws IOException {
        try (Model remembering = remembering(100_000_000);
                Session open = remembering.newSession();
                Session other = remembering.newSession()) {
            open.generate(prompt(90, 90, 0)).maxTokens(40).stream().iterator().next();
            GenerationResult result =
                    other.generate(prompt(90, 100, 5)).maxTokens(1).run();
            assertEquals(90, result.stats().reusedPromptTokens());
            try (Session third = remembering.newSession()) {
                Samples samples = third.generate(prompt(90, 110, 7))
                        .sampler(Sampler.temperature(1).seed(1))
                        .maxTokens(2)
                        .samples(3);
                assertEquals(90, samples.results().getFirst().stats().reusedPromptTokens());
            }
        }
    }

    @Test
    void anEngineGoesOnFromTextsThatAreGone() throws IOException {
        try (Model remembering = remembering(100_000_000);
                Engine engine = remembering.engine(EngineOptions.DEFAULT.idleTexts(0))) {
            engine.generate(prompt(80, 80, 0)).maxTokens(4).submit().result();
            GenerationResult result =
                    engine.generate(prompt(70, 100, 3)).maxTokens(2).submit().result();
            assertEquals(70, result.stats().reusedPromptTokens());
            PrefixStatistics statistics = engine.statistics().prefixes();
            assertEquals(1, statistics.hits());
            assertEquals(70, statistics.hitTokens());
            try (Session session = engine.newSession()) {
                assertEquals(
                        70,
                        session.generate(prompt(70, 90, 9))
                                .maxTokens(1)
                                .run()
                                .stats()
                                .reusedPromptTokens());
            }
        }
    }

    @Test
    void memoryStaysUnderTheLimitWhateverComes() throws IOException {
        SessionOptions options = SessionOptions.DEFAULT.contextLength(200);
        long limit;
        try (Model remembering = remembering(Long.MAX_VALUE)) {
            answer(remembering, options, prompt(0, 100, 1));
            limit = 3 * remembering.prefixStatistics().byteCount();
        }
        try (Model remembering = remembering(limit)) {
            for (int round = 1; round < 12; round++) {
                answer(remembering, options, prompt(40, 100, round));
                assertTrue(remembering.prefixStatistics().byteCount() <= limit);
            }
            assertTrue(remembering.prefixStatistics().evictions() > 0);
            assertEquals(
                    40, answer(remembering, options, prompt(40, 50, 99)).stats().reusedPromptTokens());
        }
        assertEquals(0, model.prefixStatistics().byteCount());
        assertThrows(IllegalArgumentException.class, () -> LoadOptions.DEFAULT.prefixMemory(-1));
    }
}
