package dev.lathe.tensor.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ErrorFunctionTest {
    /** x/2 (1 + erf(x / sqrt(2))) by the power series of erf, and by the continued fraction of its complement. */
    private static double series(double x) {
        double z = Math.abs(x) * Math.sqrt(0.5);
        double complement;
        if (z < 2) {
            double term = z;
            double sum = z;
            for (int n = 1; n < 40; n++) {
                term *= -z * z / n;
                sum += term / (2 * n + 1);
            }
            complement = 1 - 2 / Math.sqrt(Math.PI) * sum;
        } else {
            double fraction = z;
            for (int n = 60; n > 0; n--) {
                fraction = z + 0.5 * n / fraction;
            }
            complement = Math.exp(-z * z) / (fraction * Math.sqrt(Math.PI));
        }
        return 0.5 * x * (x < 0 ? complement : 2 - complement);
    }

    @Test
    void geluIsThatOfTheSeries() {
        for (double x = -40; x <= 40; x += 1e-3) {
            double[] value = {x};
            ErrorFunction.gelu(value, 1);
            assertTrue(Math.abs(series(x) - value[0]) <= 1e-8 * Math.abs(x), "gelu(" + x + ") is " + value[0]);
        }
    }

    @Test
    void endsAreExact() {
        double[] values = {0, -0.0, 7, -7, 1e30, -1e30, Double.NaN, Double.POSITIVE_INFINITY};
        double[] expected = {0, -0.0, 7, -0.0, 1e30, -0.0, Double.NaN, Double.POSITIVE_INFINITY};
        ErrorFunction.gelu(values, values.length);
        for (int i = 0; i < values.length; i++) {
            assertEquals(expected[i], values[i], 0.0, "number " + i);
        }
    }

    /** More than a block, in place, beside what must stay. */
    @Test
    void aGateMayBeItsOwnOutput() {
        float[] values = new float[700];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i - 300) / 50f;
        }
        float[] result = values.clone();
        ErrorFunction.geluGate(result, 10, result, 10, result, 10, 600);
        for (int i = 0; i < values.length; i++) {
            double expected = i < 10 || i >= 610 ? values[i] : series(values[i]) * values[i];
            assertEquals(expected, result[i], 1e-6 * (1 + Math.abs(expected)));
        }
    }
}
