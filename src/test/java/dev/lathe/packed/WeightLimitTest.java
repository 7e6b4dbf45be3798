package dev.lathe.packed;

import static dev.lathe.packed.LimitedModels.assertDamageIsTold;
import static dev.lathe.packed.LimitedModels.assertSame;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.OnEveryKernelSet;
import dev.lathe.Session;
import dev.lathe.Slow;
import dev.lathe.compress.CompressionProgress;
import dev.lathe.compress.Recipe;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.decode.Decoding;
import dev.lathe.decode.Draft;
import dev.lathe.model.Arithmetic;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LayeredState;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.decoder.DecoderModel;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.store.WeightStreaming;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A model under a limit on its weights gives the bits of the unlimited one, under every limit, and keeps to it. */
@Slow
@OnEveryKernelSet
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WeightLimitTest {
    private static final Path SOURCE = Path.of("examples/models/lathe-java-f16.gguf");

    @TempDir
    private Path folder;

    private LoadOptions options() {
        return LoadOptions.DEFAULT.packed(folder.resolve("packed"));
    }

    private LoadOptions limit(long bytes) {
        return options().weightMemory(bytes);
    }

    /** Logits of a prompt, of tokens after it, and of layers that are run one after the other. */
    private static List<float[]> logits(Model model) {
        List<float[]> logits = new ArrayList<>();
        try (InferenceState state = model.newState(64, CacheType.F16)) {
            int[] prompt = new int[40];
            for (int i = 0; i < prompt.length; i++) {
                prompt[i] = 7 * i + 3;
            }
            logits.add(state.forward(TokenBatch.allLogits(prompt)).data().clone());
            for (int token = 1; token < 4; token++) {
                logits.add(state.forward(TokenBatch.lastLogits(token)).data().clone());
            }
            if (state instanceof LayeredState layered) {
                layered.append(TokenBatch.noLogits(5));
                for (int depth = 1; depth <= model.layerCount(); depth++) {
                    layered.deepen(depth);
                }
                logits.add(layered.logits(0).data().clone());
            }
        }
        return logits;
    }

    private long smallest(Path file) {
        return LimitedModels.smallestLimit(() -> Model.load(file, limit(1)));
    }

    @ParameterizedTest
    @EnumSource(names = {"Q4_0", "Q6_K", "F16"})
    void everyLimitGivesTheBitsOfNone(TensorType type) throws IOException {
        Path file = folder.resolve("model.gguf");
        try (var made =
                Model.compress(SOURCE, Recipe.of(Quantize.to(type)), LoadOptions.DEFAULT, CompressionProgress.NONE)) {
            made.save(file);
        }
        List<float[]> expected;
        long all;
        try (Model model = Model.load(file)) {
            expected = logits(model);
            all = model.loadReport().weightBytes();
        }
        long smallest = smallest(file);
        assertTrue(smallest < all, smallest + " of " + all);
        long step = (all - smallest) / 5;
        for (long limit = smallest; limit <= all + step; limit += step) {
            try (Model model = Model.load(file, limit(limit))) {
                assertSame(expected, logits(model), "under " + limit);
                WeightStreaming streaming = model.weightStreaming().orElseThrow();
                assertTrue(streaming.residentBytes() <= limit, streaming.toString());
                assertEquals(smallest, streaming.smallestLimit());
                assertEquals(limit < all, streaming.streamedLayers() > 0, streaming.toString());
                assertEquals(limit < all, streaming.reading().bytes() > 0, streaming.toString());
                assertEquals(streaming.streamedLayers() > 0, streaming.passes() >= 5, streaming.toString());
            }
        }
    }

    @Test
    void aLimitThatIsTooSmallSaysTheSmallestAndThatWorks() throws IOException {
        long smallest = smallest(SOURCE);
        assertThrows(IllegalArgumentException.class, () -> Model.load(SOURCE, limit(smallest - 1)));
        try (Model model = Model.load(SOURCE, limit(smallest))) {
            assertEquals(1, model.weightStreaming().orElseThrow().places());
            assertEquals(
                    model.layerCount(), model.weightStreaming().orElseThrow().streamedLayers());
        }
    }

    @Test
    void textsThatShareOnePlaceDoNotWaitForEachOtherForever() throws Exception {
        List<float[]> expected;
        try (Model model = Model.load(SOURCE)) {
            expected = logits(model);
        }
        try (Model model = Model.load(SOURCE, limit(smallest(SOURCE)));
                ExecutorService threads = Executors.newFixedThreadPool(3)) {
            List<Callable<List<float[]>>> texts = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                texts.add(() -> logits(model));
            }
            for (Future<List<float[]>> text : threads.invokeAll(texts)) {
                assertSame(expected, text.get(), "beside others");
            }
        }
    }

    @Test
    void aDraftTakesFewerSweepsThanTokens() throws IOException {
        try (Model model = Model.load(SOURCE, limit(smallest(SOURCE)));
                Session plain = model.newSession();
                Session drafting = model.newSession()) {
            int[] prompt = model.tokenizer().encodePrompt("        i++;\n".repeat(6) + "        i");
            long begin = passes(model);
            int[] expected = plain.generate(prompt).maxTokens(24).run().tokenIds();
            long ofPlain = passes(model) - begin;
            int[] drafted = drafting.generate(prompt)
                    .decoding(Decoding.speculative(Draft.ngram()))
                    .maxTokens(24)
                    .run()
                    .tokenIds();
            long ofDrafts = passes(model) - begin - ofPlain;
            assertArrayEquals(expected, drafted);
            assertTrue(2 * ofDrafts <= ofPlain, ofDrafts + " sweeps through the file, " + ofPlain + " without drafts");
        }
    }

    private static long passes(Model model) {
        return model.weightStreaming().orElseThrow().passes();
    }

    @Test
    void aFileThatIsCutWhileTheModelRunsIsOneExceptionAndNoWrongNumbers() throws IOException {
        try (Model model = Model.load(SOURCE, limit(smallest(SOURCE)))) {
            List<float[]> expected = logits(model);
            Path file = model.loadReport().packed().orElseThrow();
            assertDamageIsTold(file, (int) (Files.size(file) / 2), 1000, () -> logits(model));
            List<float[]> again;
            try {
                again = logits(model);
            } catch (UncheckedIOException readBefore) { // a layer that was read ahead of its need
                again = logits(model);
            }
            assertSame(expected, again, "when the file is whole again");
            Files.delete(file);
            assertSame(expected, logits(model), "an open file stays readable when its name is gone");
        }
    }

    @Test
    void anInterruptOfAThreadThatComputesSpoilsNothing() throws IOException {
        try (Model model = Model.load(SOURCE, limit(smallest(SOURCE)))) {
            List<float[]> expected = logits(model);
            Thread.currentThread().interrupt();
            assertSame(expected, logits(model), "interrupted");
            assertTrue(Thread.interrupted(), "the interrupt is left to the caller");
            assertSame(expected, logits(model), "afterwards");
        }
    }

    @Test
    void closingEndsTheThreadThatReads() throws IOException {
        Model model = Model.load(SOURCE, limit(smallest(SOURCE)));
        logits(model);
        model.close();
        assertFalse(Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("lathe-weights")));
        assertThrows(IllegalStateException.class, () -> logits(model));
    }

    @Test
    void whatALimitExcludesIsRefused() throws IOException {
        assertThrows(IllegalArgumentException.class, () -> LoadOptions.DEFAULT.weightMemory(1 << 30));
        assertThrows(IllegalArgumentException.class, () -> limit(0));
        LoadOptions limited = limit(1 << 30);
        assertThrows(IllegalArgumentException.class, () -> limited.arithmetic(new Arithmetic(4, 0, false)));
        try (Model model = Model.load(SOURCE, limit(smallest(SOURCE)))) {
            DecoderModel decoder = (DecoderModel) model.languageModel();
            assertThrows(UnsupportedOperationException.class, decoder::weights);
        }
    }
}
