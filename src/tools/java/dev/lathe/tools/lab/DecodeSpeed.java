package dev.lathe.tools.lab;

import dev.lathe.Model;
import dev.lathe.figures.Stopwatch;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import java.time.Duration;

/** How fast a model decodes, whatever it would say: the fastest of some rounds of one-token passes. */
final class DecodeSpeed {
    private static final int TOKENS = 32;
    private static final Duration TIME = Duration.ofSeconds(1);

    private DecodeSpeed() {}

    /** Seconds of a token. */
    static double secondsPerToken(Model model) {
        try (InferenceState state = model.newState(TOKENS, CacheType.F32)) {
            Runnable round = () -> {
                state.rewind(0);
                for (int i = 0; i < TOKENS; i++) {
                    state.forward(TokenBatch.lastLogits(i % model.vocabularySize()));
                }
            };
            return Stopwatch.system().least(round, TIME, 3) / TOKENS;
        }
    }
}
