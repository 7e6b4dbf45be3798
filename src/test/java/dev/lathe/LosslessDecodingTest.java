package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.decode.Decoding;
import dev.lathe.decode.Draft;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.ToyLanguageModel;
import dev.lathe.decode.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Strategies that promise plain decoding's text keep the promise on the real model: tokens and log-probabilities. */
class LosslessDecodingTest {
    private static final int PROMPT_TOKENS = 24;
    private static final int GENERATED_TOKENS = 12;

    private static Model model;
    private static Model draft;
    private static Session session;

    @BeforeAll
    static void load() throws IOException {
        model = Model.load(Path.of("examples/models/lathe-java-f16.gguf"), new LoadOptions(1));
        draft = Model.load(Path.of("examples/models/lathe-java-draft-f16.gguf"), new LoadOptions(1));
        session = model.newSession();
    }

    @AfterAll
    static void close() {
        session.close();
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
            prompts.add(Arrays.copyOf(tokens, PROMPT_TOKENS));
        }
        return prompts;
    }

    private static List<Decoding> strategies() {
        Draft small = Draft.model(draft);
        Draft wrong = Draft.model(
                new ToyLanguageModel(model.vocabularySize(), model.contextLength(), ToyLanguageModel.Law.counting()));
        return List.of(
                Decoding.speculative(small),
                Decoding.speculative(wrong).draftLength(2),
                Decoding.speculative(Draft.ngram(1, 3).orElse(small)).draftLength(6),
                Decoding.speculative(small).adaptiveDraftLength(8),
                Decoding.recursiveSpeculative(small).branching(3, 2, 1).verification(Verification.SAMPLER_MATCH),
                Decoding.recursiveSpeculative(small).beam(4, 3).verification(Verification.SAMPLER_MATCH),
                Decoding.recursiveSpeculative(wrong).branching(2, 2).verification(Verification.SAMPLER_MATCH),
                Decoding.auto(Draft.ngram(1, 3), small),
                Decoding.auto(Draft.firstLayers(3)));
    }

    /** Each prompt is continued by three of the strategies in turn. */
    @ParameterizedTest
    @CsvSource({"0, 200", "0.8, 50"})
    void textsAreThoseOfPlainDecoding(float temperature, int promptCount) throws IOException {
        Sampler sampler = Sampler.temperature(temperature).topP(0.9f).seed(11);
        List<Decoding> strategies = strategies();
        List<int[]> prompts = prompts(promptCount);
        for (int i = 0; i < prompts.size(); i++) {
            GenerationResult plain = run(Decoding.autoregressive(), sampler, prompts.get(i));
            for (int j = 3 * i; j < 3 * i + 3; j++) {
                Decoding strategy = strategies.get(j % strategies.size());
                GenerationResult result = run(strategy, sampler, prompts.get(i));
                assertEquals(plain.tokens(), result.tokens(), strategy.toString());
                assertEquals(plain.finishReason(), result.finishReason());
            }
        }
    }

    private static GenerationResult run(Decoding strategy, Sampler sampler, int[] prompt) {
        return session.generate(prompt)
                .decoding(strategy)
                .sampler(sampler)
                .maxTokens(GENERATED_TOKENS)
                .logProbabilities(1)
                .run();
    }
}
