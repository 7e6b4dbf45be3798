package dev.lathe.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.tensor.FloatMatrix;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class SamplerTest {
    private static FloatMatrix row(float... logits) {
        return new FloatMatrix(logits, 1, logits.length);
    }

    private static int greedy(Sampler sampler, float... logits) {
        return sampler.sample(row(logits), 0, 0.5);
    }

    @Test
    void ofEqualLogitsTheLowerTokenIsChosen() {
        assertEquals(1, greedy(Sampler.greedy(), 0, 2, 2, 1));
        assertEquals(0, greedy(Sampler.greedy(), -0f, 0f));
        assertEquals(0, greedy(Sampler.greedy().topK(1), -0f, 0f));
        Distribution law = Sampler.temperature(1).topK(2).distribution(row(0, 3, 3, 3), 0);
        assertEquals(List.of(1, 2), List.of(law.token(0), law.token(1)));
    }

    @Test
    void temperatureZeroIsGreedyAndTypicalCanDropTheMostProbableToken() {
        float[] law = {(float) Math.log(0.4), (float) Math.log(0.2), (float) Math.log(0.2), (float) Math.log(0.2)};
        assertEquals(0, greedy(Sampler.temperature(0), law));
        assertEquals(1, greedy(Sampler.temperature(0).typical(0.3f), law));
    }

    @Test
    void biasesComeBeforePenalties() {
        Sampler sampler = Sampler.temperature(1).logitBias(0, 3).repetitionPenalty(2);
        assertEquals(0.5, sampler.distribution(row(-1, 1), 0, 0).probability(0), 1e-9);
    }

    @Test
    void anImpossibleTokenIsNeverChosen() {
        Sampler sampler = Sampler.greedy().logitBias(1, Float.NEGATIVE_INFINITY);
        assertEquals(2, greedy(sampler, 0, 9, 1));
        Sampler random = Sampler.temperature(5).logitBias(1, Float.NEGATIVE_INFINITY);
        assertEquals(0, random.distribution(row(0, 9, 1), 0).probability(1));
    }

    @Test
    void unusableLogitsAreRefused() {
        float inf = Float.POSITIVE_INFINITY;
        for (Sampler sampler : List.of(
                Sampler.greedy(), Sampler.temperature(1), Sampler.greedy().topK(2))) {
            for (float[] logits : new float[][] {{0, Float.NaN}, {Float.NaN, 0}, {1, inf}, {inf, 1}, {-inf, -inf}}) {
                assertThrows(ArithmeticException.class, () -> greedy(sampler, logits));
            }
            assertEquals(1, greedy(sampler, -inf, -5, -inf));
        }
    }

    @Test
    void logitsAreNotChanged() {
        float[] logits = {1, 2, 3};
        Sampler.temperature(1).logitBias(0, 7).repetitionPenalty(3).topK(2).distribution(row(logits), 0, 1, 2);
        assertEquals("[1.0, 2.0, 3.0]", java.util.Arrays.toString(logits));
    }

    @Test
    void outOfRangeOptionsAreRefusedAtOnce() {
        Sampler sampler = Sampler.temperature(1);
        float nan = Float.NaN;
        for (Executable call : List.<Executable>of(
                () -> Sampler.temperature(-0.1f),
                () -> Sampler.temperature(nan),
                () -> Sampler.temperature(Float.POSITIVE_INFINITY),
                () -> sampler.topK(0),
                () -> sampler.topP(0),
                () -> sampler.topP(1.01f),
                () -> sampler.topP(nan),
                () -> sampler.minP(-0.1f),
                () -> sampler.minP(1.1f),
                () -> sampler.typical(0),
                () -> sampler.typical(nan),
                () -> sampler.repetitionPenalty(0),
                () -> sampler.frequencyPenalty(nan),
                () -> sampler.presencePenalty(Float.NEGATIVE_INFINITY),
                () -> sampler.penaltyWindow(0),
                () -> sampler.logitBias(-1, 1),
                () -> sampler.logitBias(0, Float.POSITIVE_INFINITY),
                () -> sampler.logitBias(0, nan),
                () -> sampler.logitBias(9, 1).check(9),
                () -> sampler.penaltyWindow(64).check(9))) {
            String message = assertThrows(IllegalArgumentException.class, call).getMessage();
            assertTrue(message.length() > 15, message);
        }
        sampler.logitBias(8, 1).penaltyWindow(10).presencePenalty(1).check(9);
    }

    @Test
    void drawsFollowTheLaw() {
        float[] logits = {1.5f, 0.2f, -0.7f, 1.5f, 0, -3};
        for (Sampler sampler : List.of(
                Sampler.temperature(1),
                Sampler.temperature(0.6f),
                Sampler.temperature(1.4f).topK(4),
                Sampler.temperature(1).topP(0.85f),
                Sampler.temperature(1).minP(0.2f),
                Sampler.temperature(1).typical(0.7f),
                Sampler.temperature(1).repetitionPenalty(1.5f).presencePenalty(0.3f))) {
            Distribution law = sampler.distribution(row(logits), 0, 3, 4);
            int draws = 40_000;
            int[] counts = new int[logits.length];
            Uniforms uniforms = new Uniforms(11);
            for (int i = 0; i < draws; i++) {
                counts[sampler.sample(row(logits), 0, uniforms.at(i), 3, 4)]++;
            }
            double chiSquare = 0;
            for (int token = 0; token < logits.length; token++) {
                double expected = draws * law.probability(token);
                if (expected == 0) {
                    assertEquals(0, counts[token], sampler + " cannot give token " + token);
                } else {
                    chiSquare += (counts[token] - expected) * (counts[token] - expected) / expected;
                }
            }
            // 99.99% quantile of 5 degrees of freedom
            assertTrue(chiSquare < 25.75, sampler + ": chi-square " + chiSquare);
        }
    }

    @Test
    void aDrawAtTheEndOfTheSumIsTheLastPossibleToken() {
        Distribution law = new Distribution(new int[] {2, 5}, new double[] {0.5, 0.4999999});
        assertEquals(5, law.draw(Math.nextDown(1.0)));
        assertEquals(2, law.draw(0));
    }
}
