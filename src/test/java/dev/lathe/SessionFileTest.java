package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.compress.Recipe;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.decode.TokenProbability;
import dev.lathe.decode.ToyLanguageModel;
import dev.lathe.file.JavaProcess;
import dev.lathe.model.CacheType;
import dev.lathe.tensor.TensorType;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A session that was saved goes on, in another process too, as if it had never been away. */
class SessionFileTest extends OnDraftModel {
    private static final String CODE =
            "public final class Stack<T> {\n    private final List<T> items = new ArrayList<>();\n\n    public void push(T";

    @TempDir
    Path folder;

    private static int[] prompt(int length) {
        int[] code = model.tokenizer().encodePrompt(CODE);
        int[] tokens = new int[length];
        Arrays.setAll(tokens, position -> code[position % code.length]);
        return tokens;
    }

    private Path save(Model saver, SessionOptions options, int length) throws IOException {
        Path file = folder.resolve("text.session");
        try (Session session = saver.newSession(options)) {
            if (length > 0) {
                session.logits(prompt(length));
            }
            session.save(file);
            assertEquals(length, session.tokens().length);
        }
        return file;
    }

    /** The most probable tokens behind the text held and two more tokens. */
    private static List<TokenProbability> next(Session session, int length) {
        int[] more = Arrays.copyOf(prompt(length), length + 2);
        more[length] = 17;
        more[length + 1] = 23;
        GenerationResult result =
                session.generate(more).maxTokens(1).logProbabilities(20).run();
        assertEquals(length, result.stats().reusedPromptTokens());
        return result.tokens().getFirst().alternatives();
    }

    @ParameterizedTest
    @EnumSource(CacheType.class)
    @Slow
    void theNextTokensAreThoseOfASessionThatStayed(CacheType type) throws IOException {
        SessionOptions options = SessionOptions.DEFAULT.contextLength(300).cacheType(type);
        try (Model other = Model.load(FILE)) {
            for (int length : new int[] {0, 1, 15, 16, 17, 127, 128, 129, 290}) {
                Path file = save(model, options, length);
                try (Session stayed = model.newSession(options);
                        Session resumed = other.newSession(options)) {
                    resumed.logits(prompt(3));
                    resumed.load(file);
                    assertArrayEquals(prompt(length), resumed.tokens());
                    if (length > 0) {
                        stayed.logits(prompt(length));
                    }
                    assertEquals(next(stayed, length), next(resumed, length), type + ", " + length);
                }
            }
        }
    }

    @Test
    void onlyWhatIsNewIsEvaluated() throws IOException {
        Path file = save(model, SessionOptions.DEFAULT, 100);
        try (Session session = model.newSession()) {
            session.load(file);
            int[] more = Arrays.copyOf(prompt(100), 105);
            assertEquals(100, session.generate(more).maxTokens(1).run().stats().reusedPromptTokens());
        }
    }

    @Test
    void aContextMayBeLongerOrShorterThanTheOneThatSaved() throws IOException {
        Path file = save(model, SessionOptions.DEFAULT.contextLength(20), 20);
        for (int capacity : new int[] {22, 33, 400}) {
            try (Session session = model.newSession(SessionOptions.DEFAULT.contextLength(capacity));
                    Session stayed = model.newSession()) {
                stayed.logits(prompt(20));
                session.load(file);
                assertEquals(next(stayed, 20), next(session, 20));
            }
        }
        try (Session small = model.newSession(SessionOptions.DEFAULT.contextLength(19))) {
            assertRefused("20 tokens, this session at most 19", small, file, IllegalArgumentException.class);
        }
    }

    private static void assertRefused(String message, Session session, Path file, Class<? extends Exception> expected) {
        int[] before = session.tokens();
        Exception refused = assertThrows(expected, () -> session.load(file));
        assertTrue(refused.getMessage().contains(message), refused.getMessage());
        assertArrayEquals(before, session.tokens());
    }

    @Test
    void aSessionOfAnEngineGoesOnToo() throws IOException {
        Path file = save(model, SessionOptions.DEFAULT, 40);
        try (Engine engine = model.engine();
                Session shared = engine.newSession();
                Session stayed = model.newSession()) {
            shared.load(file);
            stayed.logits(prompt(40));
            assertEquals(next(stayed, 40), next(shared, 40));
            shared.save(file);
            stayed.load(file);
            assertArrayEquals(shared.tokens(), stayed.tokens());
        }
    }

    @Test
    void anotherModelIsRefused() throws IOException {
        Path file = save(model, SessionOptions.DEFAULT, 30);
        try (Model rounded = Model.compress(FILE, Recipe.of(Quantize.to(TensorType.Q8_0)))
                        .load();
                Session session = rounded.newSession()) {
            session.logits(prompt(5));
            assertRefused("another model", session, file, IllegalArgumentException.class);
            assertEquals(
                    5, session.generate(prompt(7)).maxTokens(1).run().stats().reusedPromptTokens());
        }
        try (Model larger = Model.load(Path.of("examples/models/lathe-java-f16.gguf"));
                Session session = larger.newSession()) {
            assertRefused("does not suit", session, file, IllegalArgumentException.class);
        }
        try (Session session = model.newSession(SessionOptions.DEFAULT.cacheType(CacheType.Q8_0))) {
            assertRefused("a cache of Q8_0", session, file, IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void aDamagedFileIsRefusedAndNothingIsLost(long seed) throws IOException {
        Path file = save(model, SessionOptions.DEFAULT, 40);
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(seed);
        try (Session session = model.newSession()) {
            session.logits(prompt(9));
            for (int attempt = 0; attempt < 30; attempt++) {
                byte[] bytes = attempt % 3 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
                if (bytes.length == whole.length) {
                    int end = attempt % 3 == 1 ? 60 : bytes.length;
                    bytes[random.nextInt(end)] ^= (byte) (1 << random.nextInt(8));
                }
                Files.write(file, bytes);
                assertRefused("", session, file, FileSystemException.class);
            }
            assertEquals(
                    8, session.generate(prompt(9)).maxTokens(1).run().stats().reusedPromptTokens());
        }
        assertThrows(IOException.class, () -> model.newSession().load(folder.resolve("absent")));
    }

    @Test
    void whatCannotBeSavedLeavesTheFileAsItWas() throws IOException {
        Path file = save(model, SessionOptions.DEFAULT, 4);
        byte[] before = Files.readAllBytes(file);
        ToyLanguageModel toy = new ToyLanguageModel(ToyModels.VOCABULARY, 200, ToyLanguageModel.Law.counting());
        toy.refuseToWrite();
        try (Session session = ToyModels.of(toy).newSession()) {
            assertThrows(UnsupportedOperationException.class, () -> session.save(file));
        }
        assertArrayEquals(before, Files.readAllBytes(file));
        try (Session session = model.newSession();
                Stream<Path> left = Files.list(folder)) {
            assertThrows(IOException.class, () -> session.save(folder));
            assertEquals(List.of(file), left.toList());
            assertFalse(Files.exists(folder.resolve("text.session.partial")));
        }
    }

    @Test
    @Slow
    void aFullDiskIsOneExceptionAndNeitherTheFileNorTheSessionIsLost() throws Exception {
        Path file = save(model, SessionOptions.DEFAULT, 4);
        byte[] before = Files.readAllBytes(file);
        // A limit on the size of files fails writes as a full disk does.
        Process process = JavaProcess.start(
                List.of("sh", "-c", "trap '' XFSZ; ulimit -f 20; exec \"$@\"", "sh"),
                List.of("-XX:-UsePerfData"),
                SavesTooMuch.class,
                file);
        String output = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), output);
        assertTrue(output.contains(FileSystemException.class.getName()) && output.contains("text.session"), output);
        assertArrayEquals(before, Files.readAllBytes(file));
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(file), left.toList());
        }
    }

    /** Saves more than files may hold, and goes on. */
    static final class SavesTooMuch {
        private SavesTooMuch() {}

        public static void main(String[] arguments) throws IOException {
            load();
            try (Session session = model.newSession()) {
                session.logits(prompt(100));
                System.out.println(assertThrows(IOException.class, () -> session.save(Path.of(arguments[0]))));
                session.logits(prompt(101));
                assertEquals(101, session.tokens().length);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 23})
    @Slow
    void aKilledSaverLeavesTheFileOfBeforeOrTheNext(long millis) throws Exception {
        Path file = folder.resolve("text.session");
        Process process = JavaProcess.start(List.of(), List.of(), Saves.class, file);
        try (BufferedReader output = process.inputReader()) {
            assertTrue(output.lines().anyMatch(Saves.SAVED::equals));
            Thread.sleep(millis + new Random().nextInt(10));
            process.destroyForcibly().waitFor();
        }
        try (Session session = model.newSession()) {
            session.load(file);
            int length = session.tokens().length;
            assertTrue(length == 200 || length == 201, length + " tokens");
            assertArrayEquals(prompt(length), session.tokens());
            next(session, length);
            session.save(file); // in spite of what the killed process left
        }
    }

    /** Saves two texts in turn to one file, until it is killed. */
    static final class Saves {
        static final String SAVED = "saved";

        private Saves() {}

        public static void main(String[] arguments) throws IOException {
            Path file = Path.of(arguments[0]);
            load();
            try (Session session = model.newSession()) {
                for (int i = 0; i < 10_000; i++) {
                    session.logits(prompt(200 + i % 2));
                    session.save(file);
                    if (i == 0) {
                        System.out.println(SAVED);
                        System.out.flush();
                    }
                }
            }
        }
    }
}
