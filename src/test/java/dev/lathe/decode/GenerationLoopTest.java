package dev.lathe.decode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.model.CacheType;
import dev.lathe.model.ContextFullException;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.TokenBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class GenerationLoopTest {
    private static final int VOCABULARY = 12;
    private final ToyLanguageModel hashed = new ToyLanguageModel(VOCABULARY, 100, ToyLanguageModel.Law.hashed(4, 2, 5));
    private final ToyLanguageModel counting = new ToyLanguageModel(VOCABULARY, 100, ToyLanguageModel.Law.counting());
    private final GenerationOptions greedy = GenerationOptions.DEFAULT;
    private long nanos;

    private static EvaluatedText newText(LanguageModel model) {
        return new EvaluatedText(model.newState(model.contextLength(), CacheType.F32), 4);
    }

    private GenerationLoop loop(LanguageModel model, EvaluatedText text, GenerationOptions options, int... prompt) {
        return new GenerationLoop(model, text, prompt, options, ToyText.letters(VOCABULARY), () -> nanos);
    }

    private static List<Token> run(GenerationLoop loop) {
        List<Token> tokens = new ArrayList<>();
        for (Optional<Token> token = loop.next(); token.isPresent(); token = loop.next()) {
            tokens.add(token.get());
        }
        return tokens;
    }

    private static String text(List<Token> tokens) {
        return tokens.stream().map(Token::text).collect(Collectors.joining());
    }

    private static List<Integer> ids(List<Token> tokens) {
        return tokens.stream().map(Token::id).toList();
    }

    @Test
    void endsAtTheEndOfGenerationTokenWhichIsTheLastAndHasNoText() {
        EvaluatedText held = newText(counting);
        GenerationLoop loop = loop(counting, held, greedy, 0, 6);
        List<Token> tokens = run(loop);
        assertEquals(List.of(7, 8, 9, 10, 11), ids(tokens));
        assertEquals("hijk", text(tokens));
        assertEquals(Optional.of(FinishReason.END_OF_TEXT), loop.finishReason());
        assertArrayEquals(new int[] {0, 6, 7, 8, 9, 10, 11}, held.tokens());
        assertEquals(6, held.state().length());
    }

    @Test
    void stopStringsMayCrossTokensAndEndTheText() {
        GenerationLoop loop = loop(counting, newText(counting), greedy.stopStrings(List.of("def", "xy")), 0);
        List<Token> tokens = run(loop);
        assertEquals("bc", text(tokens));
        assertEquals(List.of(1, 2, 3, 4, 5), ids(tokens));
        assertEquals(Optional.of(FinishReason.STOP_STRING), loop.finishReason());
    }

    @Test
    void textThatMightHaveBecomeAStopIsReleasedWithTheLastToken() {
        GenerationLoop limited = loop(
                counting, newText(counting), greedy.stopStrings(List.of("defz")).maxTokens(4), 0);
        assertEquals(
                List.of("b", "c", "", "de"),
                run(limited).stream().map(Token::text).toList());
        GenerationLoop ended = loop(counting, newText(counting), greedy.stopStrings(List.of("kz")), 8);
        assertEquals(List.of("j", "", "k"), run(ended).stream().map(Token::text).toList());
    }

    @Test
    void endsWhenTheContextIsFull() {
        ToyLanguageModel small = new ToyLanguageModel(VOCABULARY, 6, ToyLanguageModel.Law.counting());
        for (Decoding decoding : List.of(Decoding.autoregressive(), new BlockDecoding(3, false, true))) {
            EvaluatedText held = newText(small);
            GenerationLoop loop = loop(small, held, greedy.decoding(decoding), 0, 1, 2);
            assertEquals(List.of(3, 4, 5, 6), ids(run(loop)));
            assertEquals(Optional.of(FinishReason.CONTEXT_FULL), loop.finishReason());
            assertEquals(6, held.state().length());
        }
        GenerationLoop full = loop(small, newText(small), greedy, 0, 1, 2, 3, 4, 5);
        assertEquals(List.of(6), ids(run(full)));
        assertThrows(ContextFullException.class, () -> loop(small, newText(small), greedy, 0, 1, 2, 3, 4, 5, 6));
    }

    @Test
    void everyStrategyStopsAtTheSameTokenAndLeavesTheSameState() {
        Sampler sampled =
                Sampler.temperature(1.1f).topP(0.95f).repetitionPenalty(1.2f).seed(3);
        for (Sampler sampler : List.of(Sampler.greedy(), sampled, sampled.seed(4), sampled.seed(5))) {
            for (GenerationOptions limits : List.of(
                    greedy.maxTokens(7), greedy.maxTokens(40), greedy.stopStrings(List.of("ab", "gh", "cc", "j")))) {
                GenerationOptions options = limits.sampler(sampler).logProbabilities(2);
                EvaluatedText plainText = newText(hashed);
                GenerationLoop plain = loop(hashed, plainText, options, 1, 2, 3);
                List<Token> expected = run(plain);
                int expectedLength = plainText.state().length();
                float[] expectedLogits = nextLogits(plainText);
                List<Decoding> strategies = new ArrayList<>(Strategies.exact(hashed));
                if (sampler.isGreedy()) {
                    strategies.addAll(Strategies.sameLaw(hashed));
                }
                for (Decoding decoding : strategies) {
                    EvaluatedText text = newText(hashed);
                    GenerationLoop loop = new GenerationLoop(
                            hashed,
                            text,
                            new int[] {1, 2, 3},
                            options.decoding(decoding),
                            ToyText.letters(VOCABULARY),
                            () -> nanos += 1000); // planners plan
                    assertEquals(expected, run(loop), decoding.toString());
                    assertEquals(plain.finishReason(), loop.finishReason());
                    assertArrayEquals(plainText.tokens(), text.tokens());
                    assertEquals(expectedLength, text.state().length());
                    assertArrayEquals(expectedLogits, nextLogits(text));
                }
            }
        }
    }

    private static float[] nextLogits(EvaluatedText text) {
        return text.state()
                .forward(TokenBatch.lastLogits(text.token(text.length() - 1)))
                .row(0);
    }

    @Test
    void surplusTokensOfABlockAreTakenBack() {
        EvaluatedText text = newText(counting);
        GenerationOptions options =
                greedy.decoding(new BlockDecoding(6, false, true)).maxTokens(4);
        GenerationLoop loop = loop(counting, text, options, 0);
        assertEquals(List.of(1, 2, 3, 4), ids(run(loop)));
        assertEquals(1, loop.statistics().decoding().steps());
        assertEquals(7, loop.statistics().decoding().tokens());
        assertEquals(4, text.state().length());
    }

    @Property(tries = 100)
    void closingEarlyLeavesThePromptAndWhatWasDelivered(
            @ForAll @IntRange(min = 0, max = 9) int delivered, @ForAll boolean blocks) {
        Decoding decoding = blocks ? new BlockDecoding(4, true, true) : Decoding.autoregressive();
        EvaluatedText text = newText(counting);
        GenerationLoop loop = loop(counting, text, greedy.decoding(decoding), 0);
        for (int i = 0; i < delivered; i++) {
            assertEquals(i + 1, loop.next().orElseThrow().id());
        }
        loop.close();
        assertEquals(Optional.empty(), loop.next());
        assertEquals(Optional.of(FinishReason.CANCELLED), loop.finishReason());
        assertEquals(delivered, loop.statistics().generatedTokens());
        assertEquals(delivered == 0 ? 0 : 1 + delivered, text.length());
        assertEquals(delivered, text.state().length());
    }

    @Test
    void cancelEndsItFromAnotherThread() throws InterruptedException {
        ToyLanguageModel endless = new ToyLanguageModel(VOCABULARY, 1_000_000, (path, row) -> row[1] = 1);
        GenerationLoop loop = loop(endless, newText(endless), greedy, 0);
        loop.next();
        Thread canceller = new Thread(loop::cancel);
        canceller.start();
        List<Token> rest = run(loop);
        canceller.join();
        assertTrue(rest.size() < 999_999);
        assertEquals(Optional.of(FinishReason.CANCELLED), loop.finishReason());
    }

    @Test
    void anInterruptedThreadStopsAndStaysInterrupted() {
        EvaluatedText text = newText(counting);
        PromptProgress interrupt = (done, all) -> Thread.currentThread().interrupt();
        GenerationLoop loop = loop(counting, text, greedy.onPromptProgress(interrupt), 0, 1, 2, 3, 4, 5, 6, 7, 8);
        assertEquals(Optional.empty(), loop.next());
        assertTrue(Thread.interrupted());
        assertEquals(Optional.of(FinishReason.CANCELLED), loop.finishReason());
        assertArrayEquals(new int[] {0, 1, 2, 3}, text.tokens());
        assertEquals(4, text.state().length());
    }

    @Test
    void theTimeLimitCountsFromThePromptAndEndsAfterAToken() {
        ToyLanguageModel slow = new ToyLanguageModel(VOCABULARY, 100, (path, row) -> {
            nanos += 1_000_000_000;
            row[path.length % 5] = 1;
        });
        GenerationOptions options = greedy.timeLimit(Duration.ofMillis(3500)).stopStrings(List.of("eq"));
        GenerationLoop loop = loop(slow, newText(slow), options, 0);
        List<Token> tokens = run(loop);
        assertEquals(4, tokens.size());
        assertEquals("bcde", text(tokens), "withheld text comes with the last token");
        assertEquals(Optional.of(FinishReason.TIME_LIMIT), loop.finishReason());
        GenerationStatistics statistics = loop.statistics();
        assertEquals(Optional.of(Duration.ofSeconds(1)), statistics.timeToFirstToken());
        assertEquals(Duration.ofSeconds(3), statistics.decodeTime());
        assertEquals(1.0, statistics.decodeTokensPerSecond(), 1e-9);
        assertEquals(1.0, statistics.promptTokensPerSecond(), 1e-9);
    }

    @Test
    void theTimeLimitEndsALongPrompt() {
        EvaluatedText text = newText(counting);
        GenerationOptions options =
                greedy.timeLimit(Duration.ofSeconds(5)).onPromptProgress((done, all) -> nanos += 3_000_000_000L);
        GenerationLoop loop = loop(counting, text, options, new int[40]);
        assertEquals(List.of(), run(loop));
        assertEquals(Optional.of(FinishReason.TIME_LIMIT), loop.finishReason());
        assertEquals(8, text.length());
        assertEquals(40, loop.statistics().promptTokens());
    }

    @Test
    void promptsAreEvaluatedInBatchesWithProgress() {
        List<String> progress = new ArrayList<>();
        GenerationOptions options = greedy.maxTokens(1).onPromptProgress((done, all) -> progress.add(done + "/" + all));
        run(loop(counting, newText(counting), options, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
        assertEquals(List.of("4/10", "8/10", "10/10"), progress);
        assertEquals(3, counting.passes());
    }

    @Property(tries = 100)
    void reusingAPrefixGivesTheSameTokens(
            @ForAll @IntRange(min = 1, max = 20) int first,
            @ForAll @IntRange(min = 1, max = 20) int second,
            @ForAll @IntRange(min = 0, max = 20) int shared,
            @ForAll long seed) {
        GenerationOptions options =
                greedy.sampler(Sampler.temperature(1).seed(seed)).maxTokens(5);
        int[] firstPrompt = new int[first];
        int[] secondPrompt = new int[second];
        Arrays.setAll(firstPrompt, i -> (int) (11 * new Uniforms(seed).at(i)));
        Arrays.setAll(secondPrompt, i -> i < Math.min(first, shared) ? firstPrompt[i] : i % 11);
        EvaluatedText text = newText(hashed);
        run(loop(hashed, text, options, firstPrompt));
        GenerationLoop reused = loop(hashed, text, options, secondPrompt);
        GenerationLoop fresh = loop(hashed, newText(hashed), options, secondPrompt);
        assertEquals(run(fresh), run(reused));
        int reusedTokens = reused.statistics().reusedPromptTokens();
        assertTrue(reusedTokens < second);
        assertTrue(reusedTokens >= Math.min(Math.min(first, shared), second - 1));
    }

    @Test
    void aConversationGoesOnWhereItEnded() {
        EvaluatedText text = newText(hashed);
        List<Token> tokens = run(loop(hashed, text, greedy.maxTokens(6), 1, 2, 3));
        int[] next = Arrays.copyOf(text.tokens(), text.length() + 2);
        GenerationLoop second = loop(hashed, text, greedy.maxTokens(2), next);
        run(second);
        assertEquals(3 + tokens.size() - 1, second.statistics().reusedPromptTokens());
    }

    @Test
    void logProbabilitiesAreThoseOfTheRawLogits() {
        double[][] law = {{0.5, 0.3, 0.2}, {0.1, 0.6, 0.3}, {0.25, 0.25, 0.5}};
        ToyLanguageModel model = new ToyLanguageModel(3, 20, ToyLanguageModel.Law.bigram(law));
        Sampler sampler = Sampler.temperature(0.3f).topK(2).repetitionPenalty(3).seed(1);
        GenerationLoop loop = new GenerationLoop(
                model,
                newText(model),
                new int[] {0},
                greedy.sampler(sampler).logProbabilities(5).maxTokens(8),
                new ToyText("a", "b", "c", "end"),
                () -> nanos);
        int previous = 0;
        List<Token> tokens = run(loop);
        assertEquals(8, tokens.size());
        for (Token token : tokens) {
            assertEquals(
                    Math.log(law[previous][token.id()]), token.logProbability().orElseThrow(), 1e-6);
            assertEquals(3, token.alternatives().size());
            double last = 0;
            for (TokenProbability alternative : token.alternatives()) {
                assertEquals(Math.log(law[previous][alternative.token()]), alternative.logProbability(), 1e-6);
                assertTrue(alternative.logProbability() <= last);
                last = alternative.logProbability();
            }
            previous = token.id();
        }
        assertEquals(
                List.of(),
                run(loop(hashed, newText(hashed), greedy.maxTokens(1).logProbabilities(0), 1))
                        .getFirst()
                        .alternatives());
        assertTrue(run(loop(hashed, newText(hashed), greedy.maxTokens(1), 1))
                .getFirst()
                .logProbability()
                .isEmpty());
    }

    @Test
    void withoutASeedTheSeedUsedIsTold() {
        GenerationOptions options = greedy.sampler(Sampler.temperature(2)).maxTokens(20);
        GenerationLoop first = loop(hashed, newText(hashed), options, 1);
        List<Token> tokens = run(first);
        GenerationLoop second = loop(hashed, newText(hashed), options, 1);
        assertFalse(tokens.equals(run(second))
                && first.statistics().seed() == second.statistics().seed());
        Sampler again = Sampler.temperature(2).seed(first.statistics().seed());
        assertEquals(tokens, run(loop(hashed, newText(hashed), options.sampler(again), 1)));
    }

    @Test
    void sampledTextFollowsTheModelsLaw() {
        double[][] law = {{0.5, 0.3, 0.2}, {0.1, 0.6, 0.3}, {0.25, 0.25, 0.5}};
        ToyLanguageModel model = new ToyLanguageModel(3, 20, ToyLanguageModel.Law.bigram(law));
        int runs = 20_000;
        int[][] counts = new int[3][3];
        for (int seed = 0; seed < runs; seed++) {
            GenerationLoop loop = new GenerationLoop(
                    model,
                    newText(model),
                    new int[] {0},
                    greedy.sampler(Sampler.temperature(1).seed(seed)).maxTokens(2),
                    new ToyText("a", "b", "c", "end"),
                    () -> nanos);
            List<Integer> ids = ids(run(loop));
            counts[ids.get(0)][ids.get(1)]++;
        }
        double chiSquare = 0;
        for (int first = 0; first < 3; first++) {
            for (int second = 0; second < 3; second++) {
                double expected = runs * law[0][first] * law[first][second];
                chiSquare += (counts[first][second] - expected) * (counts[first][second] - expected) / expected;
            }
        }
        assertTrue(chiSquare < 31.8, "99.99% quantile of 8 degrees of freedom: " + chiSquare);
    }

    @Test
    void aFailingPassEndsItAndLeavesWhatWasDelivered() {
        ToyLanguageModel failing = new ToyLanguageModel(VOCABULARY, 100, (path, row) -> {
            Arrays.fill(row, path.length < 4 ? 0 : Float.NaN);
        });
        EvaluatedText text = newText(failing);
        GenerationLoop loop = loop(failing, text, greedy, 1, 2);
        loop.next();
        loop.next();
        assertThrows(ArithmeticException.class, loop::next);
        assertEquals(Optional.empty(), loop.next());
        assertArrayEquals(new int[] {1, 2, 0, 0}, text.tokens());
        assertEquals(3, text.state().length());
    }

    @Test
    void aStrategyThatBreaksItsContractIsTold() {
        Decoding idle = new Decoding() {
            @Override
            public String name() {
                return "idle";
            }

            @Override
            public Run start(DecodingContext context) {
                return new Run() {
                    @Override
                    public void step() {}

                    @Override
                    public DecodingStatistics statistics() {
                        return DecodingStatistics.none("idle");
                    }
                };
            }
        };
        GenerationLoop loop = loop(counting, newText(counting), greedy.decoding(idle), 0);
        loop.next();
        assertTrue(assertThrows(IllegalStateException.class, loop::next)
                .getMessage()
                .contains("idle"));
    }

    @Test
    void wrongOptionsAreRefusedBeforeAnythingIsEvaluated() {
        assertThrows(IllegalArgumentException.class, () -> greedy.maxTokens(0));
        assertThrows(IllegalArgumentException.class, () -> greedy.stopStrings(List.of("a", "")));
        assertThrows(IllegalArgumentException.class, () -> greedy.timeLimit(Duration.ZERO));
        assertThrows(IllegalArgumentException.class, () -> greedy.logProbabilities(-1));
        assertThrows(IllegalArgumentException.class, () -> loop(counting, newText(counting), greedy));
        GenerationOptions bias = greedy.sampler(Sampler.greedy().logitBias(VOCABULARY, 1));
        assertThrows(IllegalArgumentException.class, () -> loop(counting, newText(counting), bias, 1));
        assertEquals(0, counting.passes());
    }

    @Test
    void restoringASnapshotGoesOnAsBefore() {
        EvaluatedText text = newText(hashed);
        run(loop(hashed, text, greedy.maxTokens(5), 1, 2, 3));
        int[] tokens = text.tokens();
        InferenceState.Snapshot snapshot = text.state().snapshot();
        List<Token> expected = run(loop(hashed, text, greedy.maxTokens(5), tokens));
        run(loop(hashed, text, greedy.maxTokens(5), 7, 7, 7));
        text.restore(snapshot, tokens);
        GenerationLoop again = loop(hashed, text, greedy.maxTokens(5), tokens);
        assertEquals(expected, run(again));
        assertEquals(tokens.length - 1, again.statistics().reusedPromptTokens());
    }
}
