package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.decode.Decoding;
import dev.lathe.decode.Draft;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.ToyLanguageModel;
import dev.lathe.decode.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Strategies that promise plain decoding's text keep the promise on the real model: tokens and log-probabilities. */
class LosslessDecodingTest {
    private static final int PROMPT_TOKENS = 24;
    private static final int GENERATED_TOKENS = 8;

    private static Model model;
    private static Model draft;

    @BeforeAll
    static void load() throws IOException {
        model = Model.load(Path.of("examples/models/lathe-java-f16.gguf"));
        draft = Model.load(Path.of("examples/models/lathe-java-draft-f16.gguf"));
    }

    @AfterAll
    static void close() {
        model.close();
        draft.close();
    }

    /** Beginnings of 24 tokens from all over a text. */
    private static List<int[]> prompts(int count) throws IOException {
        Path text = ReferenceData.require("text/java.txt");
        String source = Files.readString(text);
        List<int[]> prompts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int from = source.indexOf('\n', (int) ((long) i * (source.length() - 2000) / count)) + 1;
            int[] tokens = model.tokenizer().encode(source.substring(from, from + 400));
            prompts.add(java.util.Arrays.copyOf(tokens, PROMPT_TOKENS));
        }
        return prompts;
    }

    private static List<Decoding> greedyStrategies() {
        Draft small = Draft.model(draft);
        Draft wrong = Draft.model(
                new ToyLanguageModel(model.vocabularySize(), model.contextLength(), ToyLanguageModel.Law.counting()));
        return List.of(
                Decoding.speculative(small),
                Decoding.speculative(Draft.ngram(1, 3).orElse(small)).draftLength(6),
                Decoding.recursiveSpeculative(small).branching(3, 2, 1),
                Decoding.recursiveSpeculative(small).beam(4, 3),
                Decoding.specInfer(small, 3, 2, 1),
                Decoding.speculative(wrong).draftLength(2),
                Decoding.recursiveSpeculative(wrong).branching(2, 2));
    }

    @Test
    void greedyTextsAreThoseOfPlainDecoding() throws IOException {
        compare(greedyStrategies(), Sampler.greedy(), 200);
    }

    @Test
    void sampledTextsVerifiedByMatchAreThoseOfPlainDecoding() throws IOException {
        Draft small = Draft.model(draft);
        List<Decoding> strategies = List.of(
                Decoding.speculative(small),
                Decoding.speculative(Draft.ngram(1, 3)),
                Decoding.recursiveSpeculative(small).branching(3, 2, 1).verification(Verification.SAMPLER_MATCH),
                Decoding.recursiveSpeculative(small).beam(4, 3).verification(Verification.SAMPLER_MATCH));
        compare(strategies, Sampler.temperature(0.8f).topP(0.9f).seed(11), 40);
    }

    private static void compare(List<Decoding> strategies, Sampler sampler, int promptCount) throws IOException {
        List<int[]> prompts = prompts(promptCount);
        for (int[] prompt : prompts) {
            GenerationResult plain = run(Decoding.autoregressive(), sampler, prompt);
            for (Decoding strategy : strategies) {
                GenerationResult result = run(strategy, sampler, prompt);
                assertEquals(plain.tokens(), result.tokens(), strategy.toString());
                assertEquals(plain.finishReason(), result.finishReason());
            }
        }
        assertTrue(prompts.size() >= promptCount);
    }

    private static GenerationResult run(Decoding strategy, Sampler sampler, int[] prompt) {
        try (Session session = model.newSession()) {
            return session.generate(prompt)
                    .decoding(strategy)
                    .sampler(sampler)
                    .maxTokens(GENERATED_TOKENS)
                    .logProbabilities(1)
                    .run();
        }
    }
}
