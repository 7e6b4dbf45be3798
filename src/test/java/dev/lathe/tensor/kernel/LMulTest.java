package dev.lathe.tensor.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@OnEveryKernelSet
class LMulTest {
    private static final float[] SPECIAL = {
        0f,
        -0f,
        Float.MIN_VALUE,
        -Float.MIN_NORMAL,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN,
        1f,
        -1f,
        0x1.fffffep-1f
    };

    /** The paper's definition on fractions, where their sum stays below 1: 1 + x + y + 2^-l. */
    @ParameterizedTest
    @CsvSource({
        "3, 1.25, 1.5, 1.875",
        "3, 1, 1, 1.125",
        "4, 1.0625, 1, 1.1875",
        "5, 1.5, 1.25, 1.8125",
        "7, -3, 0.5, -1.5625",
        "3, 1.5, 1.5, 2.25",
        "3, -1.875, -1.875, 3.75"
    })
    void productsByHand(int bits, float x, float y, float expected) {
        assertEquals(expected, new LMul(bits).multiply(x, y));
    }

    @Property
    void commutesAndKeepsTheSignRule(@ForAll @IntRange(min = 1, max = 16) int bits, @ForAll float x, @ForAll float y) {
        LMul lMul = new LMul(bits);
        float product = lMul.multiply(x, y);
        assertEquals(product, lMul.multiply(y, x));
        assertEquals(-product, lMul.multiply(-x, y));
        assertTrue(Float.isFinite(product));
    }

    /** Powers of two have no fractions to add: what is left of the approximation is its constant. */
    @Property
    void powersOfTwoAreExactButForTheConstant(
            @ForAll @IntRange(min = 1, max = 16) int bits,
            @ForAll @IntRange(min = -60, max = 60) int x,
            @ForAll @IntRange(min = -60, max = 60) int y) {
        int l = bits <= 3 ? bits : bits == 4 ? 3 : 4;
        float exact = Math.scalb(1f, x + y);
        assertEquals(exact * (1 + Math.scalb(1f, -l)), new LMul(bits).multiply(Math.scalb(1f, x), Math.scalb(1f, y)));
    }

    @Property
    void isMonotone(
            @ForAll @IntRange(min = 1, max = 16) int bits,
            @ForAll @IntRange(min = 0, max = LMul.INFINITY) int x,
            @ForAll @IntRange(min = 0, max = LMul.INFINITY) int y,
            @ForAll @IntRange(min = 0, max = LMul.INFINITY) int z) {
        LMul lMul = new LMul(bits);
        float factor = Float.intBitsToFloat(Math.min(z, LMul.INFINITY - 1));
        float low = Float.intBitsToFloat(Math.min(Math.min(x, y), LMul.INFINITY - 1));
        float high = Float.intBitsToFloat(Math.min(Math.max(x, y), LMul.INFINITY - 1));
        assertTrue(lMul.multiply(low, factor) <= lMul.multiply(high, factor));
    }

    @Property
    void roundingIsToTheNearestAndDoneOnce(@ForAll @IntRange(min = 1, max = 16) int bits, @ForAll float number) {
        LMul lMul = new LMul(bits);
        float rounded = lMul.round(number);
        assertEquals(rounded, lMul.round(rounded));
        if (Math.abs(number) >= Float.MIN_NORMAL && Math.abs(number) < 0x1p127f) {
            assertEquals(number, rounded, Math.ulp(number) * (1 << 22 - bits));
        }
    }

    @Test
    void whatIsNotFiniteMultipliesAsUsualAndTheRestSaturates() {
        LMul lMul = new LMul(4);
        assertEquals(Float.NaN, lMul.multiply(Float.NaN, 2));
        assertEquals(Float.NaN, lMul.multiply(0, Float.POSITIVE_INFINITY));
        assertEquals(Float.NEGATIVE_INFINITY, lMul.multiply(-2, Float.POSITIVE_INFINITY));
        assertEquals(0x1.fp127f, lMul.multiply(0x1p100f, 0x1p100f));
        assertEquals(0x1.fp127f, lMul.multiply(Float.MAX_VALUE, 1));
        assertEquals(0f, lMul.multiply(0x1p-100f, 0x1p-100f));
        assertEquals(0f, lMul.multiply(Float.MIN_VALUE, 1e30f));
        assertThrows(IllegalArgumentException.class, () -> new LMul(0));
        assertThrows(IllegalArgumentException.class, () -> new LMul(17));
    }

    @Property(tries = 400)
    void sumsHaveTheBitsOfPlainJava(
            @ForAll @IntRange(min = 1, max = 16) int bits,
            @ForAll @IntRange(min = 0, max = 40) int count,
            @ForAll @IntRange(min = 0, max = 70) int width,
            @ForAll long seed) {
        Random random = new Random(seed);
        boolean special = random.nextInt(4) == 0;
        float[] x = random(random, 3 + count, special);
        float[] rows = random(random, 5 + count * (width + 1), special);
        float[] expected = random(random, 2 + width, false);
        float[] actual = expected.clone();
        float[] naive = expected.clone();
        LMul lMul = new LMul(bits);
        KernelChoice.scalar().lMul().add(lMul, x, 3, count, rows, 5, width + 1, width, expected, 2);
        KernelChoice.best().lMul().add(lMul, x, 3, count, rows, 5, width + 1, width, actual, 2);
        assertArrayEquals(expected, actual);
        for (int k = 0; k < count; k++) {
            for (int j = 0; j < width; j++) {
                naive[2 + j] += lMul.multiply(x[3 + k], rows[5 + k * (width + 1) + j]);
            }
        }
        assertArrayEquals(naive, actual);
    }

    private static float[] random(Random random, int length, boolean special) {
        float[] numbers = new float[length];
        for (int i = 0; i < length; i++) {
            numbers[i] = special && random.nextInt(6) == 0
                    ? SPECIAL[random.nextInt(SPECIAL.length)]
                    : (float) (random.nextGaussian() * Math.pow(2, random.nextInt(-8, 9)));
        }
        return numbers;
    }
}
