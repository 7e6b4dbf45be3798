package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.decode.FinishReason;
import dev.lathe.decode.Sampler;
import dev.lathe.model.CacheType;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.text.ChatMessage;
import dev.lathe.text.TestJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real files, from the path to the text; where the references are, against another engine's continuations. */
@Slow
class EndToEndTest {
    private static final String STORIES = "stories260k.gguf";
    private static final Path LATHE_JAVA = Path.of("examples/models/lathe-java-f16.gguf");
    private static final String SMOLLM = "smollm2-135m-instruct-q4_1.gguf";

    private record Reference(String text, int[] tokens, int[] greedy, double[] gaps) {
        static List<Reference> of(String name) {
            Object prompts = TestJson.map(TestJson.read(ReferenceData.require("reference/" + name + ".json")))
                    .get("prompts");
            return ((List<?>) prompts)
                    .stream()
                            .map(TestJson::map)
                            .map(prompt -> new Reference(
                                    (String) prompt.get("text"),
                                    Arrays.stream(numbers(prompt, "tokens"))
                                            .mapToInt(n -> (int) n)
                                            .toArray(),
                                    Arrays.stream(numbers(prompt, "greedy"))
                                            .mapToInt(n -> (int) n)
                                            .toArray(),
                                    numbers(prompt, "gaps")))
                            .toList();
        }

        private static double[] numbers(Map<String, Object> prompt, String key) {
            return ((List<?>) prompt.get(key))
                    .stream()
                            .mapToDouble(number -> ((Number) number).doubleValue())
                            .toArray();
        }
    }

    /** The same tokens up to the first step at which the reference's best two logits are nearly equal. */
    private static void assertContinues(Reference reference, double tolerance, GenerationResult result) {
        int sure = 0;
        while (sure < reference.gaps.length && reference.gaps[sure] >= tolerance) {
            sure++;
        }
        assertArrayEquals(
                Arrays.copyOf(reference.greedy, sure),
                Arrays.copyOf(result.tokenIds(), sure),
                () -> "after " + reference.text);
    }

    @Test
    void floatModelsContinueAsTheReference() throws IOException {
        for (String name : List.of("stories260k", "lathe-java/lathe-java-f16", "lathe-java/lathe-java-draft-f16")) {
            String referenceName = name.replaceAll(".*/|-f16", "");
            try (Model model = Model.load(ReferenceData.require(name + ".gguf"));
                    Session session = model.newSession()) {
                for (Reference reference : Reference.of(referenceName)) {
                    GenerationResult result =
                            session.generate(reference.text).maxTokens(64).run();
                    assertEquals(reference.tokens.length, result.stats().promptTokens());
                    assertArrayEquals(reference.tokens, Arrays.copyOf(session.tokens(), reference.tokens.length));
                    assertContinues(reference, 0.02, result);
                }
            }
        }
    }

    @Test
    void aQuantizedChatModelContinuesAsTheReference() throws IOException {
        try (Model model = Model.load(ReferenceData.require(SMOLLM));
                Session session = model.newSession(SessionOptions.DEFAULT.contextLength(256))) {
            for (Reference reference : Reference.of("smollm2-135m")) {
                assertContinues(
                        reference,
                        0.5,
                        session.generate(reference.tokens).maxTokens(64).run());
            }
        }
    }

    /** Feeds the reference's own tokens: at every step whose gap is clear, the same token must lead. */
    @Test
    void aQuantizedChatModelPredictsTheReferenceAtEveryClearStep() throws IOException {
        int clear = 0;
        try (Model model = Model.load(ReferenceData.require(SMOLLM));
                Session session = model.newSession(SessionOptions.DEFAULT.contextLength(256))) {
            for (Reference reference : Reference.of("smollm2-135m")) {
                int prompt = reference.tokens.length;
                int[] text = Arrays.copyOf(reference.tokens, prompt + reference.greedy.length);
                System.arraycopy(reference.greedy, 0, text, prompt, reference.greedy.length);
                FloatMatrix logits = session.logits(text);
                for (int step = 0; step < reference.greedy.length; step++) {
                    if (reference.gaps[step] >= 0.5) {
                        clear++;
                        int leading = Sampler.greedy().sample(logits, prompt + step - 1, 0);
                        assertEquals(reference.greedy[step], leading, "step " + step + " after " + reference.text);
                    }
                }
            }
        }
        assertTrue(clear > 100, clear + " steps have a clear gap");
    }

    @Test
    void chatLaysTheConversationOutAsTheReferenceAndEndsItsTurn() throws IOException {
        try (Model model = Model.load(ReferenceData.require(SMOLLM));
                Session session = model.newSession(SessionOptions.DEFAULT.contextLength(512))) {
            Reference reference = Reference.of("smollm2-135m").getFirst();
            String question = reference.text.replaceAll("(?s).*<\\|im_start\\|>user\n|<\\|im_end\\|>.*", "");
            Chat chat = session.newChat();
            GenerationResult answer = chat.ask(question).maxTokens(40).run();
            assertArrayEquals(reference.tokens, Arrays.copyOf(session.tokens(), reference.tokens.length));
            assertContinues(reference, 0.5, answer);

            GenerationResult second = chat.ask("Say yes.").maxTokens(200).run();
            assertTrue(second.stats().reusedPromptTokens() >= reference.tokens.length + 30);
            assertEquals(5, 1 + chat.messages().size());
            assertEquals(ChatMessage.user("Say yes."), chat.messages().get(2));
            if (second.finishReason() == FinishReason.END_OF_TEXT) {
                assertTrue(model.tokenizer()
                        .isEndOfGeneration(second.tokens().getLast().id()));
            }
        }
    }

    @Test
    void threadsBatchesAndReuseMakeNoDifference() throws IOException {
        Path file = LATHE_JAVA;
        Sampler sampler = Sampler.temperature(0.9f).topK(40).topP(0.95f).seed(7);
        String prompt = "/** Returns the larger number. */\npublic static int max(int a, int b) {\n";
        List<?> expected;
        try (Model model = Model.load(file, LoadOptions.DEFAULT.threads(1));
                Session session = model.newSession()) {
            expected = session.generate(prompt)
                    .sampler(sampler)
                    .maxTokens(50)
                    .run()
                    .tokens();
            assertNotEquals(
                    expected,
                    session.generate(prompt)
                            .sampler(sampler.seed(8))
                            .maxTokens(50)
                            .run()
                            .tokens());
        }
        try (Model model = Model.load(file, LoadOptions.DEFAULT.threads(2));
                Session session = model.newSession(SessionOptions.DEFAULT.promptBatchSize(2))) {
            session.generate("/** Returns the larger number. */\nint x")
                    .maxTokens(9)
                    .run();
            GenerationResult reused =
                    session.generate(prompt).sampler(sampler).maxTokens(50).run();
            assertTrue(reused.stats().reusedPromptTokens() > 3);
            assertEquals(expected, reused.tokens());
        }
    }

    @ParameterizedTest
    @CsvSource({"F16, 0.2", "Q8_0, 0.5", "Q4_0, 3"})
    void smallCachesTellTheSameStory(CacheType type, double clear) throws IOException {
        try (Model model = Model.load(ReferenceData.require(STORIES));
                Session session =
                        model.newSession(SessionOptions.DEFAULT.cacheType(type).contextLength(128))) {
            assertEquals(128, session.contextLength());
            assertContinues(
                    Reference.of("stories260k").getFirst(),
                    clear,
                    session.generate("Once upon a time").maxTokens(64).run());
        }
    }

    @Test
    void severalSessionsRunAtOnce() throws Exception {
        try (Model model = Model.load(LATHE_JAVA, LoadOptions.DEFAULT.threads(2));
                var threads = java.util.concurrent.Executors.newFixedThreadPool(3)) {
            List<java.util.concurrent.Callable<String>> tasks = List.of(
                    () -> tell(model, "class Dog {\n"),
                    () -> tell(model, "class Dog {\n"),
                    () -> tell(model, "class Dog {\n"));
            String expected = tell(model, "class Dog {\n");
            for (var told : threads.invokeAll(tasks)) {
                assertEquals(expected, told.get());
            }
        }
    }

    private static String tell(Model model, String prompt) {
        try (Session session = model.newSession()) {
            return session.generate(prompt).maxTokens(40).text();
        }
    }
}
