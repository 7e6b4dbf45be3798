package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.decode.Sampler;
import dev.lathe.measure.Perplexity;
import dev.lathe.measure.Windows;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.config.Pooling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a model is asked after it is closed, or while it is, ends in one exception that says so. */
class ClosedModelTest {
    private static final Path MODEL = Path.of("examples/models/lathe-java-draft-f16.gguf");
    private static final String TEXT = "public final class Lists { static int max(int[] values) { ".repeat(4);
    private static final Path OPEN_FILES = Path.of("/proc/self/fd");

    private static final int ROUNDS = 10;
    private static final EmbeddingOptions MEAN = EmbeddingOptions.DEFAULT.pooling(Pooling.MEAN);

    @TempDir
    private Path folder;

    private static Map<String, Consumer<Model>> verbs() {
        Map<String, Consumer<Model>> verbs = new LinkedHashMap<>();
        verbs.put("generate", model -> {
            try (Session session = model.newSession()) {
                session.generate("class A {").maxTokens(8).run();
            }
        });
        verbs.put("sample", model -> {
            try (Session session = model.newSession()) {
                session.generate("class A {")
                        .sampler(Sampler.temperature(0.8f))
                        .maxTokens(8)
                        .samples(3);
            }
        });
        verbs.put("score", model -> {
            try (Session session = model.newSession()) {
                session.logits(model.tokenizer().encode(TEXT));
            }
        });
        verbs.put("engine", model -> {
            try (Engine engine = model.engine()) {
                engine.generate("class A {").maxTokens(8).submit().result();
            }
        });
        verbs.put("perplexity", model -> {
            int[] tokens = model.tokenizer().encode(TEXT);
            Perplexity.of(model.languageModel(), tokens, Windows.of(tokens.length - 1));
        });
        verbs.put("embed", model -> model.embed(List.of(TEXT, "class A {}"), MEAN));
        verbs.put("state", model -> {
            try (InferenceState state = model.newState(64, CacheType.Q8_0)) {
                state.forward(TokenBatch.lastLogits(1, 2, 3));
            }
        });
        return verbs;
    }

    private static Model load(LoadOptions options) {
        try {
            return Model.load(MODEL, options.threads(2));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Map<String, LoadOptions> options() throws IOException {
        return Map.of(
                "memory", LoadOptions.DEFAULT,
                "packed", LoadOptions.DEFAULT.packed(Files.createDirectories(folder.resolve("packed"))),
                "streamed", LoadOptions.DEFAULT.packed(folder.resolve("packed")).weightMemory(1_500_000),
                "pages", LoadOptions.DEFAULT.pageMemory(1 << 20, folder));
    }

    @TestFactory
    List<DynamicTest> endsWithOneExceptionThatSaysSo() throws IOException {
        Map<String, LoadOptions> options = options();
        return options.keySet().stream()
                .flatMap(where -> verbs().entrySet().stream()
                        .map(verb -> DynamicTest.dynamicTest(
                                where + " " + verb.getKey(), () -> assertEnds(options.get(where), verb.getValue()))))
                .toList();
    }

    private static void assertEnds(LoadOptions options, Consumer<Model> verb) throws InterruptedException {
        for (int round = 0; round < 2; round++) {
            Model model = load(options);
            CountDownLatch begun = new CountDownLatch(1);
            AtomicReference<Throwable> end = new AtomicReference<>();
            Thread thread = Thread.ofPlatform().start(() -> {
                try {
                    while (true) {
                        verb.accept(model);
                        begun.countDown();
                    }
                } catch (Throwable e) {
                    end.set(e);
                    begun.countDown();
                }
            });
            begun.await();
            Thread.sleep(round);
            model.close();
            thread.join();
            assertSaysSo(end.get());
            assertSaysSo(assertThrows(RuntimeException.class, () -> verb.accept(model)));
        }
    }

    private static void assertSaysSo(Throwable thrown) {
        assertEquals(IllegalStateException.class, thrown.getClass(), () -> String.valueOf(thrown));
        String message = thrown.getMessage();
        assertTrue(message.contains("closed") && message.contains("model"), message);
    }

    /** Threads and open files of models end with them. */
    @Test
    void nothingIsLeftOfModelsThatComeAndGo() throws IOException {
        assumeTrue(Files.isReadable(OPEN_FILES), "skipped: this system does not list open files");
        Map<String, LoadOptions> options = options();
        comeAndGo(options, 4);
        int threads = Thread.activeCount();
        int files = openFiles();
        comeAndGo(options, ROUNDS);
        assertTrue(openFiles() - files < ROUNDS / 2, () -> "open files: " + files + " became " + openFiles());
        assertTrue(Thread.activeCount() - threads < ROUNDS / 2, () -> threads + " threads became more");
    }

    private static void comeAndGo(Map<String, LoadOptions> options, int rounds) {
        for (int round = 0; round < rounds; round++) {
            for (LoadOptions each : options.values()) {
                try (Model model = load(each)) {
                    verbs().get("generate").accept(model);
                }
            }
        }
    }

    private static int openFiles() {
        return Objects.requireNonNull(OPEN_FILES.toFile().list()).length;
    }

    @Test
    void whatNeedsNoWeightsGoesOn() {
        Model model = load(LoadOptions.DEFAULT);
        model.close();
        model.close();
        assertEquals("class A", model.tokenizer().decode(model.tokenizer().encode("class A")));
        assertTrue(model.layerCount() > 0);
    }
}
