package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.chat.Reply;
import dev.lathe.decode.FinishReason;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.Token;
import dev.lathe.decode.ToyLanguageModel;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SamplesTest {
    private static final Model MODEL = ToyModels.of(ToyLanguageModel.Law.hashed(3, 2, 8));
    private static final Sampler SAMPLER = Sampler.temperature(1).seed(11);

    @Test
    void samplesAreIndependentRepeatableAndShareThePrompt() {
        try (Session session = MODEL.newSession()) {
            Generation generation =
                    session.generate("once upon a time").sampler(SAMPLER).maxTokens(12);
            Samples samples = generation.samples(6);
            assertEquals(
                    6,
                    new HashSet<>(samples.results().stream()
                                    .map(GenerationResult::text)
                                    .toList())
                            .size());
            for (GenerationResult result : samples.results().subList(1, 6)) {
                assertEquals(15, result.stats().reusedPromptTokens(), "all of the prompt but its last token");
                assertTrue(result.tokens().size() <= 12);
            }
            Samples fewer = generation.samples(3);
            for (int i = 0; i < 3; i++) {
                GenerationResult expected = samples.results().get(i);
                assertEquals(expected.tokens(), fewer.results().get(i).tokens());
                Sampler own = SAMPLER.seed(expected.stats().seed());
                assertEquals(
                        expected.tokens(),
                        generation.sampler(own).logProbabilities(0).run().tokens());
            }
        }
    }

    /** Samples run side by side; each is the same alone, however and whenever it ends. */
    @ParameterizedTest
    @CsvSource({"200,12", "200,60", "60,12", "25,12", "17,5", "60,1", "40,1000"})
    void samplesAreWhatTheyAreAlone(int contextLength, int maxTokens) {
        Model model = ToyModels.of(ToyModels.metadata().build(), contextLength, ToyLanguageModel.Law.hashed(3, 2, 8));
        try (Session session = model.newSession()) {
            session.generate("once upon").maxTokens(3).run(); // the prompt shares a beginning with the text held
            Generation generation = session.generate("once upon a time")
                    .sampler(SAMPLER.repetitionPenalty(1.1f))
                    .maxTokens(maxTokens)
                    .stop("e", "kx")
                    .logProbabilities(2);
            Samples samples = generation.samples(9);
            assertEquals(
                    "once upon a time",
                    model.tokenizer().decode(session.tokens()).substring(0, 16));
            Set<FinishReason> reasons = new HashSet<>();
            Set<Integer> lengths = new HashSet<>();
            for (GenerationResult sample : samples.results()) {
                GenerationResult alone = generation
                        .sampler(SAMPLER.repetitionPenalty(1.1f)
                                .seed(sample.stats().seed()))
                        .run();
                assertEquals(alone.tokens(), sample.tokens());
                assertEquals(alone.text(), sample.text());
                assertEquals(alone.finishReason(), sample.finishReason());
                assertEquals(alone.stats().decoding(), sample.stats().decoding());
                assertTrue(
                        sample.stats().decodeTime().toNanos() >= 0,
                        sample.stats().toString());
                reasons.add(sample.finishReason());
                lengths.add(sample.tokens().size());
            }
            if (maxTokens == 12) {
                assertTrue(reasons.contains(FinishReason.STOP_STRING), reasons.toString());
                assertTrue(lengths.size() > 2, lengths.toString());
            }
        }
    }

    @Test
    void firstTokensFollowTheLaw() {
        double[][] law = new double[ToyModels.VOCABULARY][ToyModels.VOCABULARY];
        for (double[] row : law) {
            row[0] = 0.5;
            row[1] = 0.3;
            row[2] = 0.2;
        }
        try (Session session = ToyModels.of(ToyLanguageModel.Law.bigram(law)).newSession()) {
            int[] counts = new int[3];
            session.generate("x")
                    .sampler(SAMPLER)
                    .maxTokens(1)
                    .samples(5000)
                    .results()
                    .forEach(result -> counts[result.tokens().getFirst().id()]++);
            double chiSquare = 0;
            for (int token = 0; token < 3; token++) {
                double expected = 5000 * law[0][token];
                chiSquare += (counts[token] - expected) * (counts[token] - expected) / expected;
            }
            assertTrue(chiSquare < 18.4, "99.99 % quantile of 2 degrees of freedom: " + chiSquare);
        }
    }

    @Test
    void choosesTheMostProbableAndTheBest() {
        Samples samples = new Samples(List.of(result("a", -1, -3), result("bb", -1.5), result("c", -1.5)));
        assertEquals("bb", samples.mostProbable().text());
        assertEquals("a", samples.best(result -> result.tokens().size()).text());
        assertSame(samples.results().getFirst(), samples.best(result -> 0));
        assertThrows(IllegalArgumentException.class, () -> samples.best(result -> Double.NaN));
    }

    @Test
    void votesByAnswerAndBreaksTiesByTheFirst() {
        Samples samples = new Samples(
                List.of(result("7", -1), result("none", -1), result("8", -1), result("8 ", -1), result("7", -1)));
        Samples.Vote<Integer> vote = samples.majority(SamplesTest::number).orElseThrow();
        assertEquals(new Samples.Vote<>(7, 2, 4), vote);
        assertEquals(Optional.empty(), samples.majority(result -> Optional.empty()));
        assertEquals(0.4, samples.passAt(1, result -> result.text().equals("7")), 1e-12);
        assertEquals(1, samples.passAt(5, result -> result.text().equals("none")), 1e-12);
        assertEquals(0.4, samples.passAt(2, result -> result.text().equals("none")), 1e-12);
    }

    private static Optional<Integer> number(GenerationResult result) {
        return result.text().matches("\\d+ ?")
                ? Optional.of(Integer.valueOf(result.text().strip()))
                : Optional.empty();
    }

    private static GenerationResult result(String text, double... logProbabilities) {
        List<Token> tokens = java.util.Arrays.stream(logProbabilities)
                .mapToObj(value -> new Token(0, "", 0, java.util.OptionalDouble.of(value), List.of()))
                .toList();
        return new GenerationResult(text, tokens, FinishReason.MAX_TOKENS, null, new Reply(text, "", List.of()));
    }

    @Test
    void aConversationTakesNoNoteOfSamples() {
        try (Session session = MODEL.newSession()) {
            Chat chat = session.newChat();
            chat.ask("hello").sampler(SAMPLER).maxTokens(3).samples(2);
            assertEquals(List.of(), chat.messages());
        }
    }

    @Test
    void refusesSamplesThatWouldAllBeTheSame() {
        try (Session session = MODEL.newSession()) {
            assertThrows(
                    IllegalArgumentException.class, () -> session.generate("a").samples(3));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> session.generate("a").sampler(SAMPLER).samples(0));
            assertThrows(IllegalArgumentException.class, () -> new Samples(List.of()));
            GenerationResult result = session.generate("a").maxTokens(2).run();
            assertThrows(IllegalArgumentException.class, () -> Samples.meanLogProbability(result));
        }
    }

    /** Every token of every sample is evaluated once, far beyond the context that all of them would need in one text. */
    @Test
    void samplesCostARowATokenAndThePromptOnce() {
        ToyLanguageModel toy = new ToyLanguageModel(ToyModels.VOCABULARY, 400, ToyLanguageModel.Law.hashed(3, 2, 8));
        Model model = ToyModels.of(toy);
        try (Session session = model.newSession()) {
            Samples samples = session.generate("once upon a time")
                    .sampler(SAMPLER.logitBias(ToyModels.END, Float.NEGATIVE_INFINITY))
                    .maxTokens(256)
                    .samples(8);
            samples.results()
                    .forEach(sample -> assertEquals(256, sample.tokens().size()));
            assertEquals(16 + 8 * 255, toy.rows(), "the prompt, and all tokens but the last of each sample");
        }
    }
}
