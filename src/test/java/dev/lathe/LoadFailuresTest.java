package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.Recipe;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.file.JavaProcess;
import dev.lathe.gguf.GgufException;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.TensorSource;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.store.InsufficientMemoryException;
import dev.lathe.text.Tokenizer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.RandomAccessFile;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What can happen to a file while it is loaded. */
class LoadFailuresTest {
    private static final Path MODEL = Path.of("examples/models/lathe-java-f16.gguf");

    @TempDir
    private Path folder;

    /** Loads a model and tells what it gave. */
    static final class Loader {
        private Loader() {}

        public static void main(String[] arguments) throws IOException {
            try (Model model = Model.load(Path.of(arguments[0]))) {
                System.out.println("loaded " + model.vocabularySize());
            } catch (GgufException | InsufficientMemoryException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @Test
    void anInterruptOfLoadingIsOneExceptionThatSaysSo() throws Exception {
        for (int delay = 0; delay < 40; delay += 2) {
            Throwable failure = interruptAfter(delay, () -> Model.load(MODEL).close());
            if (failure != null) {
                assertEquals(InterruptedIOException.class, failure.getClass());
                assertTrue(failure.getMessage().contains("interrupted"), failure.getMessage());
            }
        }
    }

    @Test
    void anInterruptOfCompressingIsACancellation() throws Exception {
        Recipe recipe = Recipe.of(Quantize.to(TensorType.Q4_0));
        for (int delay = 0; delay < 100; delay += 10) {
            Throwable failure =
                    interruptAfter(delay, () -> Model.compress(MODEL, recipe).close());
            if (failure != null) {
                assertEquals(CancellationException.class, failure.getClass());
                assertTrue(failure.getMessage() != null, "no message");
            }
        }
    }

    /** What an action throws that is interrupted after so many milliseconds; the thread must stay interrupted. */
    private static Throwable interruptAfter(int milliseconds, Executable action) throws InterruptedException {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        CountDownLatch started = new CountDownLatch(1);
        Thread thread = new Thread(() -> {
            started.countDown();
            try {
                action.execute();
            } catch (Throwable e) {
                failure.set(Thread.currentThread().isInterrupted() ? e : new AssertionError("flag was lost", e));
            }
        });
        thread.start();
        started.await();
        Thread.sleep(milliseconds);
        thread.interrupt();
        thread.join();
        return failure.get();
    }

    @Test
    void aFileThatBecomesShorterWhileItIsLoadedIsTold() throws IOException {
        Path path = folder.resolve("model.gguf");
        Files.copy(MODEL, path);
        try (GgufFile file = GgufFile.open(path)) {
            TensorSource shortens = (TensorSource) Proxy.newProxyInstance(
                    TensorSource.class.getClassLoader(),
                    new Class<?>[] {TensorSource.class},
                    (_, method, arguments) -> {
                        Object result;
                        try {
                            result = method.invoke(file, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                        if (method.getName().equals("map")) {
                            // After the mapping and before it is read.
                            try (RandomAccessFile shorter = new RandomAccessFile(path.toFile(), "rw")) {
                                shorter.setLength(4096);
                            }
                        }
                        return result;
                    });
            FileSystemException failure =
                    assertThrows(FileSystemException.class, () -> Model.load(shortens, LoadOptions.DEFAULT));
            assertTrue(failure.getMessage().contains("was shortened"), failure.getMessage());
        }
    }

    @Test
    @Slow
    void aHeapTooSmallIsOneSentence() throws Exception {
        List<String> options = List.of(
                "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC");
        for (int mebibytes : List.of(6, 8, 10, 12)) {
            JavaProcess.Result result = JavaProcess.run(
                    List.of(options.get(0), options.get(1), options.get(2), options.get(3), "-Xmx" + mebibytes + "m"),
                    Loader.class,
                    MODEL.toAbsolutePath());
            List<String> lines = result.output()
                    .lines()
                    .filter(line -> !line.startsWith("WARNING: Using incubator"))
                    .toList();
            assertEquals(1, lines.size(), mebibytes + ": " + result.output());
            assertTrue(
                    lines.getFirst().contains("heap") || lines.getFirst().startsWith("loaded"),
                    mebibytes + ": " + result.output());
        }
    }

    @Test
    void aFileFoundByMutationIsRefused() {
        Path hostile = ReferenceData.require("hostile/c1b-100322.gguf");
        String message =
                assertThrows(GgufException.class, () -> Model.load(hostile)).getMessage();
        assertTrue(message.contains("expected a multiple of 4"), message);
    }

    /** Else a token that is sampled stands for nothing, or a prompt's token has no row. */
    @Test
    void eachTokenHasARowAndEachRowAToken() throws IOException {
        try (GgufFile file = GgufFile.open(MODEL)) {
            int tokens = Tokenizer.from(file.metadata()).vocabularySize();
            ModelEdit edit = new ModelEdit(file);
            int columns = edit.floats("token_embd.weight").columns();
            edit.putMatrix("token_embd.weight", FloatMatrix.zeros(tokens - 1, columns), TensorType.F16);
            String message = assertThrows(GgufException.class, () -> Model.load(edit, LoadOptions.DEFAULT))
                    .getMessage();
            assertTrue(message.contains("expected a row for each token"), message);

            edit.putMatrix("token_embd.weight", FloatMatrix.zeros(tokens + 3, columns), TensorType.F16);
            try (Model more = Model.load(edit, LoadOptions.DEFAULT)) {
                assertEquals(tokens + 3, more.tokenizer().vocabularySize());
                assertEquals("", more.tokenizer().decode(tokens + 2));
            }
        }
    }

    @Test
    void argumentsThatAreNullAreNamed() {
        assertNamed("file", () -> Model.load((Path) null));
        assertNamed("options", () -> Model.load(MODEL, null));
        assertNamed("source", () -> Model.load((TensorSource) null, LoadOptions.DEFAULT));
        assertNamed("recipe", () -> Model.compress(MODEL, null));
        assertNamed("arithmetic", () -> LoadOptions.DEFAULT.arithmetic(null));
        assertNamed("model", () -> LoadOptions.DEFAULT.threadsOf(null));
    }

    private static void assertNamed(String name, Executable call) {
        assertEquals(name, assertThrows(NullPointerException.class, call).getMessage());
    }

    @Test
    void threadsAreBounded() {
        new LoadOptions(LoadOptions.MAX_THREADS);
        assertEquals(
                "threads is 3000: expected 1 to 1024, or 0 for all cores",
                assertThrows(IllegalArgumentException.class, () -> new LoadOptions(3000))
                        .getMessage());
    }
}
