package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.decode.Decoding;
import dev.lathe.decode.Draft;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.speculative.Verification;
import dev.lathe.measure.Perplexity;
import dev.lathe.measure.Windows;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LayeredState;
import dev.lathe.model.TokenBatch;
import dev.lathe.retrieval.DatastoreException;
import dev.lathe.retrieval.Neighbor;
import dev.lathe.retrieval.NeighborOptions;
import dev.lathe.retrieval.NextTokenOptions;
import dev.lathe.retrieval.NextTokenStore;
import dev.lathe.retrieval.Passage;
import dev.lathe.retrieval.Passages;
import dev.lathe.serve.CacheStatistics;
import dev.lathe.serve.EngineOptions;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Next tokens of earlier texts in a model's distribution, with a real small model. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RetrievalTest {
    private static final Path FILE = Path.of("examples/models/lathe-java-draft-f16.gguf");
    private static final NeighborOptions OPTIONS = new NeighborOptions(8, 0.4, 0.05, 0.5);

    private Path folder;
    private Model model;
    private NextTokenStore store;
    private Model mixed;
    private int[] seen;
    private int[] unseen;

    @BeforeAll
    void fill(@TempDir Path temporary) throws Exception {
        folder = temporary;
        model = Model.load(FILE, new LoadOptions(2));
        store = model.nextTokens(folder.resolve("store"));
        seen = tokens("src/main/java/dev/lathe/Session.java", 1500);
        unseen = tokens("src/main/java/dev/lathe/decode/Sampler.java", 300);
        assertEquals(seen.length - 1, store.add(seen));
        mixed = model.mixing(store, OPTIONS);
    }

    @AfterAll
    void close() throws Exception {
        store.close();
        model.close();
    }

    private int[] tokens(String file, int count) throws Exception {
        return Arrays.copyOf(model.tokenizer().encodePrompt(Files.readString(Path.of(file))), count);
    }

    private static FloatMatrix logits(Model of, int... tokens) {
        try (Session session = of.newSession()) {
            return session.logits(tokens);
        }
    }

    @Test
    void theMixtureIsTheSumOfTwoDistributions() {
        int[] text = Arrays.copyOf(unseen, 60);
        FloatMatrix plain = logits(model, text);
        FloatMatrix mixture = logits(mixed, text);
        int alone = 0;
        try (LayeredState state = store.model().newState(text.length, SessionOptions.DEFAULT.cacheType())) {
            state.append(TokenBatch.noLogits(text));
            state.deepen(state.layerCount());
            for (int row = 0; row < text.length; row++) {
                List<Neighbor> found = store.datastore().search(state.hidden(row), OPTIONS.count()).stream()
                        .filter(neighbor -> neighbor.score() >= OPTIONS.leastSimilarity())
                        .toList();
                if (found.isEmpty()) {
                    assertArrayEquals(plain.row(row), mixture.row(row));
                    alone++;
                    continue;
                }
                double[] expected = softmax(plain.row(row));
                double total = 0;
                for (Neighbor neighbor : found) {
                    total += Math.exp(neighbor.score() / OPTIONS.temperature());
                }
                for (int token = 0; token < expected.length; token++) {
                    expected[token] *= 1 - OPTIONS.weight();
                }
                for (Neighbor neighbor : found) {
                    expected[neighbor.label()] +=
                            OPTIONS.weight() * Math.exp(neighbor.score() / OPTIONS.temperature()) / total;
                }
                assertArrayEquals(expected, softmax(mixture.row(row)), 1e-6);
            }
        }
        assertTrue(alone > 0 && alone < text.length / 2, alone + " of " + text.length + " rows without neighbors");
    }

    private static double[] softmax(float[] logits) {
        double[] weights = new double[logits.length];
        double sum = dev.lathe.tensor.Softmax.weigh(logits, 0, logits.length, 1, weights);
        return Arrays.stream(weights).map(weight -> weight / sum).toArray();
    }

    @Test
    void withoutWeightTheModelIsTheSameToTheBit() {
        Model none = model.mixing(store, OPTIONS.weight(0));
        assertArrayEquals(logits(model, unseen).data(), logits(none, unseen).data());
    }

    @Test
    void aTextInTheStoreIsPredictedFarBetter() {
        Windows windows = Windows.of(512).limit(2);
        double plain = Perplexity.of(model.languageModel(), seen, windows).value();
        double known = Perplexity.of(mixed.languageModel(), seen, windows).value();
        assertTrue(known < plain / 2, plain + " without, " + known + " with the store");
    }

    @Test
    void everyExactStrategyWritesTheTextOfPlainDecoding() throws Exception {
        try (Model other = Model.load(FILE, LoadOptions.DEFAULT.threadsOf(model))) {
            Draft draft = Draft.model(other);
            List<Decoding> strategies = List.of(
                    Decoding.speculative(draft),
                    Decoding.speculative(Draft.ngram()),
                    Decoding.speculative(Draft.firstLayers(2)),
                    Decoding.recursiveSpeculative(draft).branching(3, 2, 1).verification(Verification.SAMPLER_MATCH),
                    Decoding.recursiveSpeculative(Draft.firstLayers(1))
                            .branching(2, 2)
                            .verification(Verification.SAMPLER_MATCH),
                    Decoding.auto(Draft.ngram(1, 3), draft));
            for (Sampler sampler :
                    List.of(Sampler.greedy(), Sampler.temperature(0.9f).seed(3))) {
                int[] prompt = Arrays.copyOf(seen, 40);
                String plain = write(mixed, prompt, Decoding.autoregressive(), sampler);
                assertNotEquals(write(model, prompt, Decoding.autoregressive(), sampler), plain);
                for (Decoding strategy : strategies) {
                    assertEquals(plain, write(mixed, prompt, strategy, sampler), strategy.toString());
                }
            }
        }
    }

    private static String write(Model of, int[] prompt, Decoding decoding, Sampler sampler) {
        try (Session session = of.newSession()) {
            return session.generate(prompt)
                    .decoding(decoding)
                    .sampler(sampler)
                    .maxTokens(40)
                    .text();
        }
    }

    @Test
    void anEngineAnswersAsASessionDoes() {
        List<String> expected = new ArrayList<>();
        List<Answer> answers = new ArrayList<>();
        try (Engine engine = mixed.engine()) {
            for (int i = 0; i < 4; i++) {
                int[] prompt = Arrays.copyOfRange(seen, 50 * i, 50 * i + 30);
                expected.add(write(mixed, prompt, Decoding.autoregressive(), Sampler.greedy()));
                answers.add(engine.generate(prompt).maxTokens(40).submit());
            }
            assertEquals(expected, answers.stream().map(a -> a.result().text()).toList());
        }
    }

    @Test
    void statesKeepTheirPromise() {
        float[] expected = lastRow(Arrays.copyOf(unseen, 30));
        try (InferenceState state = mixed.newState(64, CacheType.F32)) {
            state.forward(TokenBatch.noLogits(Arrays.copyOf(unseen, 20)));
            InferenceState.Snapshot snapshot = state.snapshot();
            assertThrows(
                    CancellationException.class,
                    () -> state.forward(TokenBatch.allLogits(1, 2, 3), new Countdown(2)::isOver));
            assertEquals(20, state.length());
            try (InferenceState fork = state.fork()) {
                assertArrayEquals(expected, next(fork));
            }
            TokenBatch tree = TokenBatch.tree(new int[] {5, unseen[20], 7}, new int[] {-1, -1, 1});
            state.forward(tree);
            FloatMatrix grown = state.forward(tree.grow(new int[] {unseen[21]}, new int[] {1}));
            assertArrayEquals(lastRow(Arrays.copyOf(unseen, 22)), grown.row(0));
            state.keep(1, 3);
            state.rewind(21);
            state.rewind(20);
            assertArrayEquals(expected, next(state));
            state.restore(snapshot);
            assertArrayEquals(expected, next(state));
        }
    }

    @Test
    void aMixedTextIsSentAndGoesOnElsewhere() throws Exception {
        int[] prompt = Arrays.copyOf(seen, 100);
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        SessionOptions options = SessionOptions.DEFAULT.promptBatchSize(40);
        try (Session sender = mixed.newSession(options);
                Session receiver = mixed.newSession()) {
            sender.generate(prompt).exportPrompt(Channels.newChannel(sent));
            receiver.importPrompt(Channels.newChannel(new ByteArrayInputStream(sent.toByteArray())));
            GenerationResult result = receiver.generate(prompt).maxTokens(40).run();
            assertEquals(write(mixed, prompt, Decoding.autoregressive(), Sampler.greedy()), result.text());
            assertTrue(result.stats().reusedPromptTokens() >= 99);
        }
    }

    @Test
    void mixedTextsSleepWhereMemoryIsShort() {
        EngineOptions options = EngineOptions.DEFAULT.texts(4).idleTexts(1).sleepFolder(folder);
        long bytesOfAText;
        try (Engine engine = mixed.engine(options.cacheBytes(Long.MAX_VALUE / 2))) {
            engine.generate(Arrays.copyOf(seen, 30)).maxTokens(80).submit().result();
            bytesOfAText = engine.statistics().cache().bytes();
        }
        List<String> expected = new ArrayList<>();
        List<Answer> answers = new ArrayList<>();
        try (Engine engine =
                mixed.engine(options.cacheBytes(3 * bytesOfAText))) { // their prompts fit, their texts do not
            for (int i = 0; i < 4; i++) {
                answers.add(engine.generate(Arrays.copyOfRange(seen, 50 * i, 50 * i + 30))
                        .maxTokens(80)
                        .submit());
            }
            for (int i = 0; i < 4; i++) {
                int[] prompt = Arrays.copyOfRange(seen, 50 * i, 50 * i + 30);
                try (Session session = mixed.newSession()) {
                    expected.add(session.generate(prompt).maxTokens(80).text());
                }
            }
            assertEquals(expected, answers.stream().map(a -> a.result().text()).toList());
            CacheStatistics cache = engine.statistics().cache();
            assertTrue(cache.writtenBytes() > bytesOfAText / 4, cache.toString());
        }
    }

    private static final class Countdown {
        private int left;

        Countdown(int from) {
            left = from;
        }

        boolean isOver() {
            return left-- == 0;
        }
    }

    private float[] next(InferenceState state) {
        return state.forward(TokenBatch.lastLogits(Arrays.copyOfRange(unseen, 20, 30)))
                .row(0);
    }

    private float[] lastRow(int... tokens) {
        try (InferenceState state = mixed.newState(64, CacheType.F32)) {
            return state.forward(TokenBatch.lastLogits(tokens)).row(0);
        }
    }

    @Test
    void aStoreBelongsToTheModelThatFilledIt() throws Exception {
        Path file = folder.resolve("other");
        Path large = Path.of("examples/models/lathe-java-f16.gguf");
        NextTokenOptions options = NextTokenOptions.DEFAULT.type(TensorType.F32).deduplicates(true);
        try (NextTokenStore first = model.nextTokens(file, options)) {
            assertEquals(29, first.add(Arrays.copyOf(seen, 30)));
            assertEquals(0, first.add(Arrays.copyOf(seen, 30)));
            try (Model other = Model.load(large, LoadOptions.DEFAULT.threadsOf(model))) {
                assertThrows(IllegalArgumentException.class, () -> other.mixing(first, OPTIONS));
            }
        }
        try (Model other = Model.load(large, LoadOptions.DEFAULT.threadsOf(model))) {
            assertThrows(DatastoreException.class, () -> other.nextTokens(file, options));
        }
        try (Model again = Model.load(FILE);
                NextTokenStore opened = again.nextTokens(file, options)) {
            assertEquals(29, opened.datastore().size());
        }
    }

    @Test
    void passagesAreFoundByMeaningAndSurviveTheProcess() throws Exception {
        Path embedding = ReferenceData.require("embedding/all-minilm-l6-v2-q8_0.gguf");
        Path file = folder.resolve("passages");
        String opening = "The library opens at nine in the morning.";
        try (Model embedder = Model.load(embedding, new LoadOptions(2))) {
            try (Passages passages = embedder.passages(file)) {
                passages.add(
                        List.of("Cats sleep most of the day.", opening, "A list is sorted with Collections.sort."));
                passages.add(List.of(opening));
            }
            try (Passages passages = embedder.passages(file)) {
                assertEquals(3, passages.datastore().size());
                List<Passage> found = passages.find("When can I borrow books?", 3);
                assertEquals(opening, found.getFirst().text());
                assertEquals(
                        embedder.embed(List.of("When can I borrow books?", opening))
                                .cosine(0, 1),
                        found.getFirst().score(),
                        1e-6);
                assertTrue(passages.ask("When can I borrow books?", 1).content().contains("[1] " + opening));
            }
            assertThrows(
                    DatastoreException.class,
                    () -> embedder.passages(
                            file, EmbeddingOptions.DEFAULT.prompt("other: "), EmbeddingOptions.DEFAULT));
        }
    }
}
