package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.decode.Decoding;
import dev.lathe.decode.Draft;
import dev.lathe.decode.FinishReason;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.Token;
import dev.lathe.decode.exit.Exit;
import dev.lathe.serve.EngineOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * On a real model, a busy engine's answers are those of a quiet session with another number of threads: tokens and
 * log-probabilities, to the bit, whoever slept or was cancelled. {@code -Dlathe.bits} says how many requests, {@code
 * -Dlathe.bits.model} of which model.
 */
@Slow
class EngineBitsTest {
    private static final int REQUESTS = Integer.getInteger("lathe.bits", 24);
    private static final Path MODEL =
            Path.of(System.getProperty("lathe.bits.model", "examples/models/lathe-java-f16.gguf"));

    private static List<Decoding> decodings(Draft draft) {
        return List.of(
                Decoding.autoregressive(),
                Decoding.speculative(Draft.ngram()),
                Decoding.speculative(draft),
                Decoding.auto(Draft.ngram()),
                Decoding.recursiveSpeculative(Draft.ngram().orElse(draft)).branching(2, 1),
                Decoding.earlyExit(Exit.confidence(0.9)));
    }

    private static Request request(Engine engine, List<Decoding> decodings, int number) {
        Sampler sampler = number % 3 == 0
                ? Sampler.greedy()
                : Sampler.temperature(0.8f).topP(0.9f).seed(number);
        return engine.generate("public static int max".repeat(1 + number % 4) + "(int a" + number % 7)
                .decoding(decodings.get(number % decodings.size()))
                .sampler(sampler)
                .maxTokens(8 + number % 20)
                .priority(number % 3 - 1)
                .logProbabilities(1);
    }

    /** Bytes of keys and values that one of these texts takes. */
    private static long bytesOfAText(Model model) {
        try (Engine engine = model.engine(EngineOptions.DEFAULT.idleTexts(1).cacheBytes(Long.MAX_VALUE / 2))) {
            request(engine, List.of(Decoding.autoregressive()), 3).submit().result();
            return engine.statistics().cache().bytes();
        }
    }

    @Test
    void aBusyEngineAnswersAsAQuietSession() throws IOException {
        try (Model model = Model.load(MODEL, new LoadOptions(2));
                Model quiet = Model.load(MODEL, new LoadOptions(1))) {
            Draft draft = Draft.firstLayers(Math.max(1, model.layerCount() / 4));
            List<Decoding> decodings = decodings(draft);
            EngineOptions options = EngineOptions.DEFAULT
                    .texts(12)
                    .longestPass(Duration.ofMillis(1))
                    .idleTexts(4)
                    .cacheBytes(4 * bytesOfAText(model));
            try (Engine engine = model.engine(options)) {
                List<Request> requests = new ArrayList<>();
                List<Answer> answers = new ArrayList<>();
                for (int i = 0; i < REQUESTS; i++) {
                    requests.add(request(engine, decodings, i));
                    Answer[] own = {null};
                    int cancelAt = i % 11 == 5 ? i % 7 : -1;
                    synchronized (own) {
                        own[0] = requests.getLast()
                                .onToken(token -> {
                                    if (token.index() == cancelAt) {
                                        synchronized (own) {
                                            own[0].cancel();
                                        }
                                    }
                                })
                                .submit();
                    }
                    answers.add(own[0]);
                }
                for (int i = 0; i < REQUESTS; i++) {
                    GenerationResult answer = answers.get(i).result();
                    try (Session session = quiet.newSession()) {
                        List<Token> alone = session.generate(
                                        requests.get(i).prompt().tokens())
                                .options(requests.get(i).options())
                                .run()
                                .tokens();
                        int read = answer.tokens().size();
                        if (answer.finishReason() == FinishReason.CANCELLED) {
                            assertEquals(
                                    alone.subList(0, read - 1), answer.tokens().subList(0, read - 1), "request " + i);
                        } else {
                            assertEquals(alone, answer.tokens(), "request " + i);
                        }
                    }
                }
                assertTrue(
                        engine.statistics().cache().slept() > 0,
                        engine.statistics().toString());
                System.getLogger("dev.lathe.test")
                        .log(System.Logger.Level.INFO, engine.statistics().toString());
            }
        }
    }
}
