package dev.lathe.lab.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.lab.predict.RuntimeProfile.Run;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Scale;
import org.junit.jupiter.api.Test;

class PredictTest {
    private static final int[] PROMPTS = {1, 64, 128, 256};
    private static final int[] OUTPUTS = {1, 4, 16, 64};

    private static List<Run> runs(double perToken, double perPrompt, double constant, Random noise, double deviation) {
        List<Run> runs = new ArrayList<>();
        for (int prompt : PROMPTS) {
            for (int output : OUTPUTS) {
                double exact = constant + perPrompt * prompt + perToken * (output - 1);
                runs.add(new Run(prompt, output, Math.max(0, exact + deviation * noise.nextGaussian())));
            }
        }
        return runs;
    }

    @Property(tries = 100)
    void anExactLawIsRecoveredAndPredictsEverywhere(
            @ForAll @Scale(5) @DoubleRange(min = 1e-4, max = 1) double perToken,
            @ForAll @Scale(6) @DoubleRange(min = 1e-5, max = 0.1) double perPrompt,
            @ForAll long seed) {
        double pass = 0.01 + perToken; // whatever the prompt, it takes one
        List<Run> runs = runs(perToken, perPrompt, pass, new Random(seed), 0);
        RuntimeProfile profile = RuntimeProfile.fit(runs);

        assertEquals(perToken, profile.secondsPerToken().value(), 1e-9);
        assertEquals(pass + 500 * perPrompt + 99 * perToken, profile.seconds(500, 100), 1e-6);
        assertEquals(pass + 100 * perPrompt, profile.firstTokenSeconds(100), 1e-8);
        assertTrue(RuntimeProfile.crossValidate(runs).most() < 1e-6);
        Collections.shuffle(runs, new Random(seed));
        assertEquals(profile.seconds(77, 7), RuntimeProfile.fit(runs).seconds(77, 7), 1e-9);
    }

    @Test
    void noPromptIsPredictedToTakeLessThanAToken() {
        List<Run> runs = new ArrayList<>();
        for (int prompt : new int[] {64, 128}) {
            for (int output : new int[] {1, 11}) {
                runs.add(new Run(prompt, output, 0.001 * prompt + 0.1 * (output - 1)));
            }
        }
        RuntimeProfile profile = RuntimeProfile.fit(runs);
        assertEquals(0.1, profile.firstTokenSeconds(1), 1e-9);
        assertEquals(0.064, profile.firstTokenSeconds(64), 1e-9);
    }

    @Property(tries = 100)
    void timesGrowWithOutputs(@ForAll long seed) {
        RuntimeProfile profile = RuntimeProfile.fit(runs(0.01, 0.001, 0.01, new Random(seed), 0.3));
        for (int output = 2; output < 40; output++) {
            assertTrue(profile.seconds(100, output) >= profile.seconds(100, output - 1));
        }
        assertTrue(profile.firstTokenSeconds(100_000) >= 0);
    }

    @Test
    void whatOthersAddIsLeftOutByTheFastestRuns() {
        Random random = new Random(1);
        List<Run> runs = new ArrayList<>(runs(0.02, 0.001, 0.01, random, 0));
        for (int i = 0; i < 30; i++) {
            Run run = runs.get(random.nextInt(16));
            runs.add(new Run(run.promptTokens(), run.outputTokens(), run.seconds() + random.nextDouble()));
        }
        assertEquals(0.02, RuntimeProfile.fitFastest(runs).secondsPerToken().value(), 1e-9);
        assertEquals(0, RuntimeProfile.fitFastest(runs).errors(runs).least(), 1e-9);
    }

    @Test
    void theIntervalOfATokensTimeCoversInSimulation() {
        Random random = new Random(2);
        int covered = 0;
        for (int run = 0; run < 1000; run++) {
            RuntimeProfile profile = RuntimeProfile.fit(runs(0.02, 0.001, 0.5, random, 0.05));
            covered += profile.secondsPerToken().covers(0.02) ? 1 : 0;
        }
        assertEquals(0.95, covered / 1000.0, 0.025);
    }

    @Test
    void oneOutputLengthDoesNotTellPromptAndOutputApart() {
        assertThrows(
                IllegalArgumentException.class, () -> RuntimeProfile.fit(List.of(new Run(1, 5, 1), new Run(64, 5, 2))));
        assertThrows(IllegalArgumentException.class, () -> new Run(0, 1, 1));
    }

    @Property(tries = 50)
    void anExactLawOfPowersIsRecovered(
            @ForAll @DoubleRange(min = -2, max = 2) double exponent,
            @ForAll @DoubleRange(min = 0.1, max = 9) double scale) {
        List<PowerModel.Sample> samples = new ArrayList<>();
        Random random = new Random(4);
        for (int i = 0; i < 20; i++) {
            double rows = 1 + random.nextInt(1000);
            double bits = 1 + random.nextInt(16);
            double target = scale * Math.pow(rows, exponent) * bits;
            samples.add(new PowerModel.Sample(new double[] {rows, bits, 7}, target));
        }
        PowerModel model = PowerModel.fit(samples, 0);

        assertEquals(exponent, model.exponent(0), 1e-6);
        assertEquals(1, model.exponent(1), 1e-6);
        assertEquals(
                scale * Math.pow(50, exponent) * 3, model.predict(50, 3, 7), 1e-5 * scale * Math.pow(50, exponent));
        assertTrue(PowerModel.crossValidate(samples, 0, 5).most() < 1e-6);
        assertTrue(PowerModel.fit(samples, 1e9).predict(1e6, 16, 7) > 0);
    }

    @Test
    void featuresThatHaveNoLogarithmAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new PowerModel.Sample(new double[] {0}, 1));
        assertThrows(IllegalArgumentException.class, () -> new PowerModel.Sample(new double[] {1}, -1));
    }

    @Test
    void theSlowerLimitCounts() {
        Roofline roofline = new Roofline(100, 1000, 0.5);
        assertEquals(10.5, roofline.seconds(1000, 10));
        assertEquals(2.5, roofline.seconds(1, 2000));
        assertEquals(10, roofline.ridge());
        assertThrows(IllegalArgumentException.class, () -> new Roofline(0, 1, 0));
    }
}
