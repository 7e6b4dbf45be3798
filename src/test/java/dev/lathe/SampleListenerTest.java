package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.decode.Decoding;
import dev.lathe.decode.Draft;
import dev.lathe.decode.FinishReason;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.Token;
import dev.lathe.decode.ToyLanguageModel.Law;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Samples told while they are drawn, side by side and one after the other. */
class SampleListenerTest {
    private static Generation generation(Session session, boolean sideBySide) {
        return session.generate(3, 4)
                .sampler(Sampler.temperature(1).logitBias(ToyModels.END, -1000).seed(2))
                .decoding(sideBySide ? Decoding.autoregressive() : Decoding.speculative(Draft.ngram()))
                .maxTokens(20);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void eachTokenIsToldAndOneSampleCanBeEnded(boolean sideBySide) {
        try (Session session = ToyModels.of(Law.hashed(3, 2, 5)).newSession()) {
            Generation generation = generation(session, sideBySide);
            List<GenerationResult> all = generation.samples(40).results();
            Map<Integer, List<Token>> told = new TreeMap<>();
            List<GenerationResult> ends = new ArrayList<>();
            List<GenerationResult> results = generation
                    .samples(40, new SampleListener() {
                        @Override
                        public boolean token(int sample, Token token) {
                            told.computeIfAbsent(sample, number -> new ArrayList<>())
                                    .add(token);
                            return sample != 34 || token.index() < 6;
                        }

                        @Override
                        public boolean ended(int sample, GenerationResult result) {
                            ends.add(result);
                            return true;
                        }
                    })
                    .results();
            assertEquals(40, ends.size());
            for (int sample = 0; sample < 40; sample++) {
                GenerationResult result = results.get(sample);
                boolean isCut = sample == 34;
                assertEquals(told.get(sample), result.tokens());
                assertEquals(isCut ? 7 : 20, result.tokens().size());
                assertEquals(all.get(sample).tokens().subList(0, result.tokens().size()), result.tokens());
                assertEquals(isCut ? FinishReason.CANCELLED : FinishReason.MAX_TOKENS, result.finishReason());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theFirstThatWillDoEndsTheOthers(boolean sideBySide) {
        try (Session session = ToyModels.of(Law.hashed(3, 2, 5)).newSession()) {
            Generation generation = generation(session, sideBySide).stop("e");
            List<GenerationResult> told = new ArrayList<>();
            List<GenerationResult> results = generation
                    .samples(100, new SampleListener() {
                        @Override
                        public boolean ended(int sample, GenerationResult result) {
                            told.add(result);
                            return result.finishReason() != FinishReason.STOP_STRING;
                        }
                    })
                    .results();
            assertEquals(FinishReason.STOP_STRING, told.getLast().finishReason());
            assertEquals(
                    1,
                    told.stream()
                            .filter(result -> result.finishReason() == FinishReason.STOP_STRING)
                            .count());
            assertEquals(
                    sideBySide, results.stream().anyMatch(result -> result.finishReason() == FinishReason.CANCELLED));
            assertTrue(results.size() <= 32, "no more are begun: " + results.size());
            assertEquals(
                    generation.samples(1).results().getFirst().tokens(),
                    generation
                            .samples(1, SampleListener.NONE)
                            .results()
                            .getFirst()
                            .tokens());
        }
    }
}
