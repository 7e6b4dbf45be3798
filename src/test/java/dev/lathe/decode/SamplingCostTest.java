package dev.lathe.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.decode.sampling.Candidates;
import dev.lathe.tensor.FloatMatrix;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * How many exact exponentials the choice of a token takes: of a large vocabulary they take longer than a small model.
 */
class SamplingCostTest {
    private static final int VOCABULARY = 50_000;
    private static final int TOKENS = 5;

    /** Counts the exact exponentials. */
    private static final class CountingCandidates extends Candidates {
        private int exponentials;

        @Override
        protected double exponential(double x) {
            exponentials++;
            return super.exponential(x);
        }

        @Override
        protected double weigh(double temperature) {
            exponentials += tokens().length;
            return super.weigh(temperature);
        }
    }

    /** Samples a few tokens; tells of the last one what was computed and kept. */
    private static CountingCandidates sample(Sampler sampler) {
        Random random = new Random(1);
        float[] row = new float[VOCABULARY];
        for (int token = 0; token < VOCABULARY; token++) {
            row[token] = 3 * (float) random.nextGaussian();
        }
        FloatMatrix logits = new FloatMatrix(row, 1, VOCABULARY);
        CountingCandidates candidates = new CountingCandidates();
        for (int token = 0; token < TOKENS; token++) {
            sampler.sample(logits, 0, random.nextDouble(), new int[0], candidates);
        }
        return candidates;
    }

    @Test
    void temperatureAndMinPTakeNone() {
        assertEquals(0, sample(Sampler.temperature(0.8f)).exponentials);
        assertEquals(0, sample(Sampler.temperature(0.8f).minP(0.05f)).exponentials);
        assertEquals(0, sample(Sampler.temperature(0.8f).topK(40)).exponentials);
    }

    @Test
    void topPTakesThoseOfTheTokensThatItKeeps() {
        CountingCandidates candidates = sample(Sampler.temperature(0.8f).topP(0.5f));
        int kept = candidates.tokens().length;
        assertTrue(kept < VOCABULARY / 100, kept + " tokens");
        assertEquals(TOKENS * kept, candidates.exponentials);
    }
}
