package dev.lathe.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CoverageTest {
    /** The share of all subsets of k samples that hold a correct one. */
    @Property
    void passAtIsTheMeanOverAllSubsets(
            @ForAll @IntRange(min = 1, max = 9) int samples, @ForAll @IntRange(max = 9) int some, @ForAll long seed) {
        int correct = Math.min(some, samples);
        int k = 1 + Math.floorMod(seed, samples);
        int subsets = 0;
        int solved = 0;
        for (int subset = 0; subset < 1 << samples; subset++) {
            if (Integer.bitCount(subset) == k) {
                subsets++;
                solved += (subset & (1 << correct) - 1) != 0 ? 1 : 0;
            }
        }
        assertEquals((double) solved / subsets, Coverage.passAt(k, samples, correct), 1e-12);
    }

    @Test
    void itIsUnbiased() {
        Random random = new Random(5);
        double probability = 0.15;
        double sum = 0;
        for (int run = 0; run < 20_000; run++) {
            int correct = 0;
            for (int i = 0; i < 12; i++) {
                correct += random.nextDouble() < probability ? 1 : 0;
            }
            sum += Coverage.passAt(5, 12, correct);
        }
        assertEquals(1 - Math.pow(1 - probability, 5), sum / 20_000, 0.006);
    }

    @Test
    void coverageIsTheMeanOverProblemsAndGrows() {
        Coverage coverage = Coverage.of(20, 0, 3, 20);
        assertEquals((0 + 3 / 20.0 + 1) / 3, coverage.at(1), 1e-12);
        assertEquals(2 / 3.0, coverage.at(20), 1e-12);
        for (int k = 2; k <= 20; k++) {
            assertTrue(coverage.at(k) >= coverage.at(k - 1));
        }
    }

    @Test
    void aCurveIsFoundAgain() {
        CoverageCurve curve = new CoverageCurve(-2.3, -0.45);
        int[] counts = {1, 2, 3, 5, 9, 20, 50, 120, 400};
        double[] exact = java.util.Arrays.stream(counts).mapToDouble(curve::at).toArray();
        CoverageCurve found = CoverageCurve.fit(counts, exact);
        assertEquals(curve.a(), found.a(), 1e-9);
        assertEquals(curve.b(), found.b(), 1e-9);
        double[] noisy = exact.clone();
        Random random = new Random(1);
        for (int i = 0; i < noisy.length; i++) {
            noisy[i] += 0.01 * (random.nextDouble() - 0.5);
        }
        CoverageCurve fitted = CoverageCurve.fit(counts, noisy);
        for (CoverageCurve other : new CoverageCurve[] {
            curve, new CoverageCurve(fitted.a() + 0.01, fitted.b()), new CoverageCurve(fitted.a(), fitted.b() + 0.01)
        }) {
            assertTrue(error(fitted, counts, noisy) <= error(other, counts, noisy) + 1e-12);
        }
    }

    private static double error(CoverageCurve curve, int[] counts, double[] coverage) {
        double sum = 0;
        for (int i = 0; i < counts.length; i++) {
            sum += Math.pow(curve.at(counts[i]) - coverage[i], 2);
        }
        return sum;
    }

    @Test
    void fitsProblemsOfMixedDifficulty() {
        int[] correct = new int[60];
        for (int i = 0; i < correct.length; i++) {
            correct[i] = (int) (200 * Math.pow(10, -3.5 * i / 60));
        }
        Coverage coverage = Coverage.of(200, correct);
        CoverageCurve curve = coverage.fit();
        for (int k : new int[] {1, 5, 20, 100, 200}) {
            assertEquals(coverage.at(k), curve.at(k), 0.05, "k = " + k);
        }
    }

    @Test
    void refusesWhatHasNoEstimate() {
        assertThrows(IllegalArgumentException.class, () -> Coverage.passAt(6, 5, 2));
        assertThrows(IllegalArgumentException.class, () -> Coverage.passAt(0, 5, 2));
        assertThrows(IllegalArgumentException.class, () -> Coverage.of(5, 6));
        assertThrows(IllegalArgumentException.class, () -> Coverage.of(5));
        assertThrows(ArithmeticException.class, () -> Coverage.of(5, 0, 0).fit());
    }
}
