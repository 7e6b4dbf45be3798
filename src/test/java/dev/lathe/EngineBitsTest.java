package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.decode.Decoding;
import dev.lathe.decode.Draft;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.exit.Exit;
import dev.lathe.serve.EngineOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** On a real model, a busy engine's answers are those of a quiet session: tokens and log-probabilities, to the bit. */
@Slow
class EngineBitsTest {
    @Test
    void aBusyEngineAnswersAsAQuietSession() throws IOException {
        EngineOptions options = EngineOptions.DEFAULT
                .texts(12)
                .longestPass(Duration.ofMillis(1))
                .idleTexts(4);
        try (Model model = Model.load(Path.of("examples/models/lathe-java-f16.gguf"), new LoadOptions(2));
                Model draft = Model.load(Path.of("examples/models/lathe-java-draft-f16.gguf"), new LoadOptions(1));
                Engine engine = model.engine(options)) {
            List<Decoding> decodings = List.of(
                    Decoding.autoregressive(),
                    Decoding.speculative(Draft.ngram()),
                    Decoding.speculative(Draft.model(draft)),
                    Decoding.auto(Draft.ngram()),
                    Decoding.earlyExit(Exit.confidence(0.9)));
            List<Request> requests = new ArrayList<>();
            List<Answer> answers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                Sampler sampler = i % 3 == 0
                        ? Sampler.greedy()
                        : Sampler.temperature(0.8f).seed(i);
                requests.add(engine.generate("public static int max".repeat(1 + i % 4) + "(int a" + i)
                        .decoding(decodings.get(i % decodings.size()))
                        .sampler(sampler)
                        .maxTokens(8 + i)
                        .logProbabilities(1));
                answers.add(requests.getLast().submit());
            }
            for (int i = 0; i < answers.size(); i++) {
                try (Session session = model.newSession()) {
                    Request request = requests.get(i);
                    GenerationResult alone = session.generate(request.prompt().tokens())
                            .options(request.options())
                            .run();
                    assertEquals(alone.tokens(), answers.get(i).result().tokens(), "request " + i);
                }
            }
        }
    }
}
