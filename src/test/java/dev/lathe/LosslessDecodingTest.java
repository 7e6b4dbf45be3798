package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.compress.Calibration;
import dev.lathe.compress.Recipe;
import dev.lathe.compress.prune.Prune;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.decode.ChangedModel;
import dev.lathe.decode.Decoding;
import dev.lathe.decode.Draft;
import dev.lathe.decode.EvaluatedText;
import dev.lathe.decode.FinishReason;
import dev.lathe.decode.GenerationLoop;
import dev.lathe.decode.GenerationOptions;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.Token;
import dev.lathe.decode.speculative.Verification;
import dev.lathe.gguf.GgufFile;
import dev.lathe.model.CacheType;
import dev.lathe.model.SkippedParts;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Strategies that promise plain decoding's text keep the promise on real models: tokens, log-probabilities and, to the
 * bit, the logits after the last token, from the keys and values that drafts and verification left behind.
 */
@Slow
class LosslessDecodingTest {
    private static final Path LATHE_JAVA = Path.of("examples/models/lathe-java-f16.gguf");
    private static final Path LATHE_JAVA_DRAFT = Path.of("examples/models/lathe-java-draft-f16.gguf");

    /** What a strategy made of a prompt. */
    private record Text(List<Token> tokens, FinishReason finishReason, float[] nextLogits) {}

    /** A model's texts, one prompt after the other in one state: strategies share the prompt's keys and values. */
    private static final class Writer implements AutoCloseable {
        private final Model model;
        private final EvaluatedText text;

        Writer(Model model, int capacity) {
            this.model = model;
            text = new EvaluatedText(model.languageModel().newState(capacity, CacheType.F32), 64);
        }

        Text write(int[] prompt, Decoding decoding, Sampler sampler, int maxTokens) {
            GenerationOptions options = GenerationOptions.DEFAULT
                    .decoding(decoding)
                    .sampler(sampler)
                    .maxTokens(maxTokens);
            options = sampler.isGreedy() ? options : options.logProbabilities(0); // slow: 4096 logarithms a token
            List<Token> tokens = new ArrayList<>();
            try (GenerationLoop loop = new GenerationLoop(
                    model.languageModel(), text, prompt, options, new SessionText(model, prompt), System::nanoTime)) {
                for (var token = loop.next(); token.isPresent(); token = loop.next()) {
                    tokens.add(token.get());
                }
                float[] next = text.evaluate(text.tokens()).row(0);
                return new Text(tokens, loop.finishReason().orElseThrow(), next);
            }
        }

        @Override
        public void close() {
            text.state().close();
        }
    }

    /** Code that the models have not seen: Lathe's own. */
    private static String java() throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.walk(Path.of("src/main/java/dev/lathe/decode"))) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                text.append(Files.readString(file));
            }
        }
        return text.toString();
    }

    /** Beginnings of so many tokens from all over a text. */
    private static List<int[]> prompts(Model model, String source, int count, int length) {
        List<int[]> prompts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int from = source.indexOf('\n', (int) ((long) i * (source.length() - 2000) / count)) + 1;
            prompts.add(Arrays.copyOf(model.tokenizer().encode(source.substring(from, from + 400)), length));
        }
        return prompts;
    }

    /** Every lossless strategy with a good draft, and every kind of step with drafts that are no help. */
    private static List<Decoding> strategies(Model model, Draft good, Model small, boolean greedy) {
        List<Decoding> strategies = new ArrayList<>(List.of(
                Decoding.speculative(good),
                Decoding.speculative(good).adaptiveDraftLength(8),
                Decoding.speculative(Draft.ngram()),
                Decoding.speculative(Draft.ngram(1, 3).orElse(good)).draftLength(6),
                Decoding.recursiveSpeculative(good).branching(3, 2, 1).verification(Verification.SAMPLER_MATCH),
                Decoding.recursiveSpeculative(good).beam(4, 3).verification(Verification.SAMPLER_MATCH),
                Decoding.speculative(Draft.firstLayers(3)),
                Decoding.speculative(Draft.skipping(SkippedParts.layers(2, 3))).draftLength(2),
                Decoding.recursiveSpeculative(Draft.firstLayers(2))
                        .branching(2, 2)
                        .verification(Verification.SAMPLER_MATCH),
                Decoding.auto(Draft.ngram(1, 3), good),
                Decoding.auto(Draft.firstLayers(3))));
        if (greedy) {
            strategies.add(Decoding.recursiveSpeculative(good).branching(2, 1, 1));
            strategies.add(Decoding.recursiveSpeculative(good).beam(2, 3));
            strategies.add(Decoding.recursiveSpeculative(good).budget(6));
            strategies.add(Decoding.recursiveSpeculative(Draft.firstLayers(3)).budget(4));
            strategies.add(Decoding.specInfer(good, 2, 2));
        }
        Draft shuffled = Draft.model(ChangedModel.shuffled(small));
        Draft adversarial = Draft.model(ChangedModel.adversarial(small));
        strategies.add(Decoding.speculative(shuffled).draftLength(3));
        strategies.add(
                Decoding.recursiveSpeculative(adversarial).branching(2, 2).verification(Verification.SAMPLER_MATCH));
        strategies.add(Decoding.recursiveSpeculative(shuffled).beam(3, 2).verification(Verification.SAMPLER_MATCH));
        strategies.add(Decoding.recursiveSpeculative(adversarial).budget(5).verification(Verification.SAMPLER_MATCH));
        strategies.add(Decoding.recursiveSpeculative(Draft.skipping(SkippedParts.layers(0, 1, 2)))
                .beam(2, 2)
                .verification(Verification.SAMPLER_MATCH));
        strategies.add(Decoding.speculative(adversarial).adaptiveDraftLength(4));
        strategies.add(Decoding.auto(shuffled, adversarial));
        strategies.add(
                Decoding.speculative(Draft.ngram(1, 2).orElse(adversarial)).draftLength(2));
        return strategies;
    }

    /** Each prompt is continued by so many of the strategies in turn. */
    private static void assertSame(
            Writer writer, List<int[]> prompts, List<Decoding> strategies, int each, Sampler sampler, int maxTokens) {
        int next = 0;
        for (int[] prompt : prompts) {
            Text plain = writer.write(prompt, Decoding.autoregressive(), sampler, maxTokens);
            for (int i = 0; i < each; i++) {
                Decoding strategy = strategies.get(next++ % strategies.size());
                Text text = writer.write(prompt, strategy, sampler, maxTokens);
                assertEquals(plain.tokens, text.tokens, strategy.toString());
                assertEquals(plain.finishReason, text.finishReason, strategy.toString());
                assertArrayEquals(plain.nextLogits, text.nextLogits, strategy.toString());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 100, 6, 10", "0.8, 40, 8, 4"})
    void textsOfLatheJavaAreThoseOfPlainDecoding(float temperature, int promptCount, int maxTokens, int each)
            throws IOException {
        Sampler sampler = Sampler.temperature(temperature).topP(0.9f).seed(11);
        try (Model model = Model.load(LATHE_JAVA, new LoadOptions(1));
                Model small = Model.load(LATHE_JAVA_DRAFT, new LoadOptions(1));
                Writer writer = new Writer(model, 64)) {
            List<int[]> prompts = prompts(model, java(), promptCount, 24);
            List<Decoding> strategies = strategies(model, Draft.model(small), small, sampler.isGreedy());
            assertSame(writer, prompts, strategies, Math.min(each, strategies.size()), sampler, maxTokens);
        }
    }

    /** Of a model with quantized weights, and a draft of its own making. */
    @Test
    void textsOfAQuantizedModelWithAShapedDraftAreThoseOfPlainDecoding(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("q4.gguf");
        try (CompressedModel quantized = Model.compress(LATHE_JAVA, Recipe.of(Quantize.to(TensorType.Q4_0)))) {
            quantized.save(file);
        }
        Recipe recipe = Recipe.of(Prune.feedForward(0.5).withoutCompensation())
                .calibratedOn(
                        Calibration.text(Path.of("README.md")).sequences(1).tokensEach(16));
        try (Model model = Model.load(file, new LoadOptions(1));
                ShapedDraft draft = model.draft(recipe);
                Writer writer = new Writer(model, 64)) {
            List<int[]> prompts = prompts(model, java(), 30, 12);
            assertSame(writer, prompts, strategies(model, draft, draft.model(), true), 1, Sampler.greedy(), 6);
        }
    }

    /** Of a real chat model with quantized weights, and a draft of its own making. */
    @Test
    void textsOfSmolLmWithAShapedDraftAreThoseOfPlainDecoding() throws IOException {
        Path file = ReferenceData.require("smollm2-135m-instruct-q4_1.gguf");
        Calibration texts = Calibration.text(ReferenceData.require("text/english-calibration.txt"))
                .sequences(1)
                .tokensEach(16);
        Recipe recipe = Recipe.of(Prune.layers(20).withoutCompensation(), Quantize.to(TensorType.Q4_0))
                .calibratedOn(texts);
        try (Model model = Model.load(file, new LoadOptions(1));
                ShapedDraft draft = model.draft(recipe);
                Writer writer = new Writer(model, 64)) {
            List<int[]> prompts = prompts(model, Files.readString(ReferenceData.require("text/english.txt")), 80, 4);
            List<Decoding> strategies = strategies(model, draft, draft.model(), true);
            assertSame(writer, prompts, strategies, 1, Sampler.greedy(), 4);
        }
    }

    @Test
    void aModelShapesItsOwnDraft() throws IOException {
        Recipe recipe = Recipe.of(Quantize.to(TensorType.Q8_0));
        try (Model model = Model.load(LATHE_JAVA_DRAFT, new LoadOptions(1));
                ShapedDraft draft = model.draft(recipe);
                Session session = model.newSession()) {
            Generation plain =
                    session.generate("public static int max(int a, int b) {\n").maxTokens(40);
            GenerationResult drafted =
                    plain.decoding(Decoding.speculative(draft)).run();
            assertEquals(plain.run().tokens(), drafted.tokens());
            assertTrue(drafted.stats().decoding().acceptanceRate() > 0.8);
            assertEquals(1, draft.report().steps().size());
            assertEquals(
                    "shaped model",
                    drafted.stats().decoding().drafting().orElseThrow().draft());
        }
    }

    @Test
    void onlyAModelOfAFileShapesADraft() throws IOException {
        Recipe recipe = Recipe.of(Quantize.to(TensorType.Q4_0));
        try (GgufFile file = GgufFile.open(LATHE_JAVA_DRAFT);
                Model model = Model.load(file, new LoadOptions(1))) {
            String message = assertThrows(IllegalStateException.class, () -> model.draft(recipe))
                    .getMessage();
            assertTrue(message.contains("not loaded from a file"), message);
        }
    }

    @Test
    void aDraftOfAnotherTokenizerIsRefusedAtOnce() throws IOException {
        try (Model model = Model.load(LATHE_JAVA, new LoadOptions(1));
                Model stories = Model.load(ReferenceData.require("stories260k.gguf"), new LoadOptions(1));
                Session session = model.newSession()) {
            Generation generation =
                    session.generate("int x").decoding(Decoding.auto(Draft.ngram(), Draft.model(stories)));
            String message = assertThrows(IllegalArgumentException.class, generation::stream)
                    .getMessage();
            assertTrue(message.contains("512 tokens, the model's 4096"), message);
        }
    }

    /** Samples side by side, rows of one tree, are what each is alone: whatever holds the keys and values. */
    @ParameterizedTest
    @EnumSource(CacheType.class)
    void samplesSideBySideAreWhatEachIsAlone(CacheType cacheType) throws IOException {
        try (Model model = Model.load(LATHE_JAVA);
                Session session = model.newSession(
                        SessionOptions.DEFAULT.cacheType(cacheType).contextLength(120))) {
            Generation generation = session.generate("public static int max(int a, int b) {\n")
                    .sampler(Sampler.temperature(0.9f).topP(0.95f).seed(4))
                    .stop("}")
                    .logProbabilities(1)
                    .maxTokens(24);
            for (GenerationResult sample : generation.samples(6).results()) {
                GenerationResult alone = generation
                        .sampler(generation
                                .options()
                                .sampler()
                                .seed(sample.stats().seed()))
                        .run();
                assertEquals(alone.tokens(), sample.tokens());
                assertEquals(alone.finishReason(), sample.finishReason());
            }
        }
    }
}
