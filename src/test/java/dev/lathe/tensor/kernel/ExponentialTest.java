package dev.lathe.tensor.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.OnEveryKernelSet;
import org.junit.jupiter.api.Test;

@OnEveryKernelSet
class ExponentialTest {
    /** Distance in units of the last place of the exact result; StrictMath's own error is 1e-9 of that. */
    private static double errorInUlps(float x) {
        double exact = StrictMath.exp(x);
        float computed = Exponential.exp(x);
        float rounded = (float) exact;
        if (Float.isInfinite(computed) || Float.isInfinite(rounded)) {
            return computed == rounded ? 0 : Double.POSITIVE_INFINITY;
        }
        return Math.abs(computed - exact) / Math.ulp(rounded);
    }

    @Test
    void staysWithinOneUlpOverTheWholeRange() {
        double worst = 0;
        int last = Float.floatToRawIntBits(110f);
        for (int bits = 0; bits < last; bits += 397) { // every 397th float, both signs
            float x = Float.intBitsToFloat(bits);
            worst = Math.max(worst, Math.max(errorInUlps(x), errorInUlps(-x)));
        }
        assertTrue(worst <= 1, "worst error " + worst + " ulp");
    }

    @Test
    void staysWithinOneUlpWhereResultsAreSubnormalOrNearlyInfinite() {
        double worst = 0;
        for (float x = -104.5f; x < -87; x = Math.nextUp(x)) {
            worst = Math.max(worst, errorInUlps(x));
            x += 1e-4f;
        }
        for (float x = 88; x < 89.5f; x = Math.nextUp(x)) {
            worst = Math.max(worst, errorInUlps(x));
        }
        assertTrue(worst <= 1, "worst error " + worst + " ulp");
    }

    @Test
    void meetsTheEdges() {
        assertEquals(1f, Exponential.exp(0f));
        assertEquals(1f, Exponential.exp(-0f));
        assertEquals(0f, Exponential.exp(Float.NEGATIVE_INFINITY));
        assertEquals(0f, Exponential.exp(-104.1f));
        assertEquals(Float.MIN_VALUE, Exponential.exp(-103.2f));
        assertEquals(Float.POSITIVE_INFINITY, Exponential.exp(88.8f));
        assertEquals(Float.POSITIVE_INFINITY, Exponential.exp(Float.POSITIVE_INFINITY));
        assertTrue(Float.isNaN(Exponential.exp(Float.NaN)));
    }

    @Test
    void theBendAboveTheTangentHasItsDigitsNearZero() {
        double worst = 0;
        for (float x = -1e-6f; x > -40; x *= 1.0003f) {
            double exact = StrictMath.expm1(x) - x;
            double nearZero = x > -1e-3 ? x * (double) x / 2 * (1 + x / 3) : exact; // where float64 loses digits too
            worst = Math.max(worst, Math.abs(Exponential.aboveTangent(x) - nearZero) / nearZero);
        }
        assertTrue(worst < 2e-6, "worst relative error " + worst);
        assertEquals(0f, Exponential.aboveTangent(0f));
    }

    @Test
    void gatesStayWithinAFewUlpsOfTheirDefinitions() {
        double worstSilu = 0;
        double worstGelu = 0;
        for (float x = -30f; x < 30f; x += 1e-4f) {
            double silu = x / (1 + StrictMath.exp(-(double) x));
            double u = Math.sqrt(2 / Math.PI) * (x + 0.044715 * (double) x * x * x);
            double gelu = x / (1 + StrictMath.exp(-2 * u));
            worstSilu = Math.max(worstSilu, Math.abs(Exponential.silu(x) - silu) / Math.ulp((float) silu));
            if (Math.abs(gelu) > 1e-30) {
                // The exponent 2u is rounded to a float: its relative error grows with |2u|.
                double allowed = 4 + 3 * Math.abs(2 * u);
                worstGelu =
                        Math.max(worstGelu, Math.abs(Exponential.gelu(x) - gelu) / Math.ulp((float) gelu) / allowed);
            }
        }
        assertTrue(worstSilu <= 3, "silu: " + worstSilu + " ulp");
        assertTrue(worstGelu <= 1, "gelu: " + worstGelu + " of the allowed error");
    }
}
