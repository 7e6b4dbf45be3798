package dev.lathe.route;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class LogisticRegressionTest {
    private static double[][] features(Random random, int examples, int count) {
        return IntStream.range(0, examples)
                .mapToObj(i -> random.doubles(count, -3, 5).toArray())
                .toArray(double[][]::new);
    }

    private static double logistic(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    @Property(tries = 20)
    void shareOfSuccessesAreFitted(@ForAll long seed) {
        Random random = new Random(seed);
        double[][] features = features(random, 300, 2);
        double[] truth = new double[300];
        for (int i = 0; i < truth.length; i++) {
            truth[i] = logistic(0.7 - 1.5 * features[i][0] + 0.4 * features[i][1]);
        }
        LogisticRegression fitted = LogisticRegression.fit(features, truth, 1e-9);
        for (int i = 0; i < truth.length; i++) {
            assertEquals(truth[i], fitted.probability(features[i]), 1e-5);
        }
    }

    /** At the optimum the gradient is zero: probabilities add up to the successes, whatever the data. */
    @Property(tries = 50)
    void probabilitiesAddUpToTheSuccesses(@ForAll long seed) {
        Random random = new Random(seed);
        double[][] features = features(random, 40, 3);
        double[] successes = random.doubles(40).map(Math::round).toArray();
        double ridge = 0.01 + random.nextDouble();
        LogisticRegression fitted = LogisticRegression.fit(features, successes, ridge);
        double expected = 0;
        double sum = 0;
        for (int i = 0; i < successes.length; i++) {
            expected += successes[i];
            sum += fitted.probability(features[i]);
        }
        assertEquals(expected, sum, 1e-3);
        assertArrayEquals(
                fitted.weights(),
                LogisticRegression.fit(features, successes, ridge).weights());
    }

    @Test
    void dataThatCanBeToldApartHaveAFiniteFit() {
        double[][] features = {{0, 7}, {1, 7}, {2, 7}, {3, 7}};
        LogisticRegression fitted = LogisticRegression.fit(features, new double[] {0, 0, 1, 1}, 0.1);
        assertTrue(fitted.probability(0, 7) < 0.2);
        assertTrue(fitted.probability(3, 7) > 0.8);
        assertEquals(0.5, fitted.probability(1.5, 7), 1e-6);
        assertEquals(0, fitted.weights()[1], "a feature that never changes says nothing");
    }

    @Test
    void successesAlonePredictSuccess() {
        double[][] features = {{1}, {2}, {3}};
        assertTrue(LogisticRegression.fit(features, new double[] {1, 1, 1}, 1).probability(2) > 0.99);
    }

    @Test
    void badNumbersAreRefused() {
        double[][] one = {{1}};
        assertThrows(IllegalArgumentException.class, () -> LogisticRegression.fit(new double[0][], new double[0], 1));
        assertThrows(IllegalArgumentException.class, () -> LogisticRegression.fit(one, new double[] {2}, 1));
        assertThrows(IllegalArgumentException.class, () -> LogisticRegression.fit(one, new double[] {1}, 0));
        double[][] infinite = {{Double.NaN}};
        assertThrows(IllegalArgumentException.class, () -> LogisticRegression.fit(infinite, new double[] {1}, 1));
        LogisticRegression fitted = LogisticRegression.fit(one, new double[] {1}, 1);
        assertThrows(IllegalArgumentException.class, () -> fitted.probability(1, 2));
    }
}
