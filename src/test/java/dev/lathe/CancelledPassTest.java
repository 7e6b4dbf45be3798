package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.lathe.decode.FinishReason;
import dev.lathe.decode.InterceptedModel;
import dev.lathe.decode.Sampler;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** A generation that is cancelled while its prompt's pass is between two layers. */
class CancelledPassTest {
    private static final Path FILE = Path.of("examples/models/lathe-java-f16.gguf");

    /** Counts how often a pass asks whether it is to stop, and does something when it asks for the second time. */
    private static final class WatchedModel extends InterceptedModel {
        private Runnable betweenLayers = () -> {};
        private int asked; // by the last pass
        private int rows; // of the last pass

        WatchedModel(LanguageModel model) {
            super(model);
        }

        @Override
        protected FloatMatrix forward(InferenceState state, TokenBatch batch) {
            return forward(state, batch, () -> false);
        }

        @Override
        protected FloatMatrix forward(InferenceState state, TokenBatch batch, BooleanSupplier stop) {
            asked = 0;
            rows = batch.size();
            return state.forward(batch, () -> {
                if (++asked == 2) {
                    betweenLayers.run();
                }
                return stop.getAsBoolean();
            });
        }
    }

    private static Generation generation(Session session, int[] prompt) {
        return session.generate(prompt)
                .sampler(Sampler.temperature(1).seed(7))
                .maxTokens(5)
                .logProbabilities(2);
    }

    @Test
    void itStopsThereLosesNothingAndTheSessionGoesOnWithTheSameBits() throws IOException {
        try (Model loaded = Model.load(FILE)) {
            WatchedModel watched = new WatchedModel(loaded.languageModel());
            Model watchedModel = ToyModels.of(watched, loaded.tokenizer(), loaded.metadata());
            int[] prompt = Arrays.copyOf(loaded.tokenizer().encode(Files.readString(Path.of("pom.xml"))), 300);
            int[] beginning = Arrays.copyOf(prompt, 20);
            try (Session session = watchedModel.newSession();
                    Session fresh = loaded.newSession()) {
                session.generate(beginning).maxTokens(1).run();
                TokenStream stream = generation(session, prompt).stream();
                watched.betweenLayers = stream::cancel;
                assertFalse(stream.iterator().hasNext());
                assertEquals(Optional.of(FinishReason.CANCELLED), stream.finishReason());
                assertEquals(2, watched.asked, "no layer was computed after the first");
                assertEquals(280, watched.rows);
                assertArrayEquals(beginning, session.tokens(), "what was evaluated before is there");
                watched.betweenLayers = () -> {};
                assertEquals(
                        generation(fresh, prompt).run().tokens(),
                        generation(session, prompt).run().tokens());
                assertArrayEquals(fresh.tokens(), session.tokens());
            }
        }
    }
}
