package dev.lathe.tensor.kernel;

/**
 * L-Mul: an approximate product of floats that adds exponents and mantissas and multiplies nothing.
 *
 * <p>Operands are rounded to m mantissa bits, half to even. With fractions x and y the product's is 1 + x + y + 2^-l
 * instead of 1 + x + y + xy; l is m up to 3, 3 for 4, else 4. Computed as the paper's integer form, one addition of the bit
 * patterns, so that a sum of fractions beyond 1 carries into the exponent. A subnormal operand counts as zero, as does a
 * product below the smallest normal number; one beyond the largest is the largest. What is not finite multiplies as
 * usual.
 *
 * <p>Luo and Sun, "Addition is All You Need for Energy-efficient Language Models", 2024, arXiv 2410.00907, section 2.
 *
 * @param mantissaBits m, from 1 to 16
 */
public record LMul(int mantissaBits) {
    public static final int MAGNITUDE = 0x7fffffff;
    public static final int SMALLEST = 0x00800000;
    public static final int INFINITY = 0x7f800000;
    private static final int FRACTION_BITS = 23;
    private static final int ONE = 127 << FRACTION_BITS;

    /** Checks the width. */
    public LMul {
        if (mantissaBits < 1 || mantissaBits > 16) {
            throw new IllegalArgumentException("L-Mul with " + mantissaBits + " mantissa bits: expected 1 to 16");
        }
    }

    /** Bits that rounding clears. */
    public int shift() {
        return FRACTION_BITS - mantissaBits;
    }

    /** The largest finite number of so many bits. */
    public int largest() {
        return INFINITY - (1 << shift());
    }

    /** What is subtracted from the sum of two bit patterns: the bias of one exponent, less 2^-l. */
    public int bias() {
        int l = mantissaBits <= 3 ? mantissaBits : mantissaBits == 4 ? 3 : 4;
        return ONE - (1 << FRACTION_BITS - l);
    }

    /** The number rounded to the mantissa bits; subnormal numbers become zero, none becomes infinite. */
    public float round(float number) {
        int bits = Float.floatToRawIntBits(number);
        int magnitude = bits & MAGNITUDE;
        if (magnitude >= INFINITY) {
            return number;
        }
        int rounded = magnitude + (1 << shift() - 1) - 1 + (magnitude >>> shift() & 1) >>> shift() << shift();
        rounded = magnitude < SMALLEST ? 0 : Math.min(rounded, largest());
        return Float.intBitsToFloat(rounded | bits & ~MAGNITUDE);
    }

    /** The approximate product of two numbers, which are rounded first. */
    public float multiply(float x, float y) {
        float roundedX = round(x);
        float roundedY = round(y);
        int xBits = Float.floatToRawIntBits(roundedX);
        int yBits = Float.floatToRawIntBits(roundedY);
        int magnitudeX = xBits & MAGNITUDE;
        int magnitudeY = yBits & MAGNITUDE;
        if (magnitudeX == 0 || magnitudeX >= INFINITY || magnitudeY == 0 || magnitudeY >= INFINITY) {
            return roundedX * roundedY;
        }
        int scale = magnitudeX - bias();
        int sum = scale + Math.min(magnitudeY, largest() - Math.max(0, scale));
        return Float.intBitsToFloat((sum < SMALLEST ? 0 : sum) | (xBits ^ yBits) & ~MAGNITUDE);
    }
}
