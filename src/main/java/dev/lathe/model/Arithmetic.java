package dev.lathe.model;

/**
 * How a decoder multiplies. The exact arithmetic is the default; the others are cheaper in circuits of their own, not on a
 * processor that can multiply, and are there to measure what they cost in quality. Immutable.
 *
 * @param linearBits mantissa bits of L-Mul in linear layers, 1 to 16; 0 where they multiply exactly
 * @param attentionBits mantissa bits of L-Mul in the two products of attention, 1 to 16; 0 where they multiply exactly
 * @param ternaryAdditions whether layers of type TQ1_0 and TQ2_0 are computed with additions only, on activations of 8
 *     bits with one scale a token
 * @see dev.lathe.tensor.LMulLinear
 * @see dev.lathe.tensor.TernaryLinear
 */
public record Arithmetic(int linearBits, int attentionBits, boolean ternaryAdditions) {
    /** Every product is exact, but for rounding. */
    public static final Arithmetic EXACT = new Arithmetic(0, 0, false);

    private static final int MAX_BITS = 16;

    /** Checks each component. */
    public Arithmetic {
        requireBits("linearBits", linearBits);
        requireBits("attentionBits", attentionBits);
        if (linearBits > 0 && ternaryAdditions) {
            throw new IllegalArgumentException(
                    "linear layers can use L-Mul or ternary additions, not both: leave one of them out");
        }
    }

    private static void requireBits(String name, int bits) {
        if (bits < 0 || bits > MAX_BITS) {
            throw new IllegalArgumentException(
                    name + " is " + bits + ": expected 1 to " + MAX_BITS + " mantissa bits, or 0 for exact products");
        }
    }

    /** With approximate products in linear layers. */
    public Arithmetic lMulInLinearLayers(int mantissaBits) {
        return new Arithmetic(mantissaBits, attentionBits, ternaryAdditions);
    }

    /** With approximate products of queries with keys and of attention's weights with values. */
    public Arithmetic lMulInAttention(int mantissaBits) {
        return new Arithmetic(linearBits, mantissaBits, ternaryAdditions);
    }

    /** With ternary layers computed by additions. */
    public Arithmetic addingTernaryLayers() {
        return new Arithmetic(linearBits, attentionBits, true);
    }
}
