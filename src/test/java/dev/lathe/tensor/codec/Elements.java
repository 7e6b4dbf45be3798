package dev.lathe.tensor.codec;

import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Elements of many characters, from weights of models to what no model has. */
record Elements(Kind kind, int seed) {
    /** What elements are like. */
    enum Kind {
        NORMAL,
        UNIFORM,
        HEAVY_TAILED,
        WITH_OUTLIERS,
        MOSTLY_ZERO,
        CONSTANT,
        NEGATIVE,
        FAR_FROM_ZERO,
        SMALL_INTEGERS,
        DENORMAL,
        TINY_SCALES,
        HUGE,
        ANY_BITS
    }

    static Arbitrary<Elements> any() {
        return Combinators.combine(Arbitraries.of(Kind.values()), Arbitraries.integers())
                .as(Elements::new);
    }

    /** Such as scales of 16 bits hold without loss at either end. */
    static Arbitrary<Elements> moderate() {
        return Combinators.combine(
                        Arbitraries.of(Kind.values()).filter(kind -> kind.compareTo(Kind.SMALL_INTEGERS) <= 0),
                        Arbitraries.integers())
                .as(Elements::new);
    }

    float[] of(int count) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] elements = new float[count];
        float constant = (float) random.nextGaussian();
        for (int i = 0; i < count; i++) {
            double normal = random.nextGaussian();
            elements[i] = (float)
                    switch (kind) {
                        case NORMAL -> 0.02 * normal;
                        case UNIFORM -> random.nextDouble(-1, 1);
                        case HEAVY_TAILED -> 0.02 * normal / Math.sqrt(0.01 + random.nextDouble());
                        case WITH_OUTLIERS -> random.nextInt(64) == 0 ? 8 * normal : 0.02 * normal;
                        case MOSTLY_ZERO -> random.nextInt(40) == 0 ? normal : 0;
                        case CONSTANT -> constant;
                        case NEGATIVE -> -Math.abs(normal);
                        case FAR_FROM_ZERO -> 100 + normal;
                        case SMALL_INTEGERS -> random.nextInt(-8, 9);
                        case DENORMAL -> 0x1p-130 * normal;
                        case TINY_SCALES -> 0x1p-22 * normal;
                        case HUGE -> Math.clamp(0x1p125 * normal, -Float.MAX_VALUE, Float.MAX_VALUE);
                        case ANY_BITS -> anyFinite(random);
                    };
        }
        return elements;
    }

    private static float anyFinite(SplittableRandom random) {
        float number = Float.intBitsToFloat(random.nextInt());
        return Float.isFinite(number) ? number : Float.MAX_VALUE;
    }

    /** Importances of many magnitudes, some zero. */
    static float[] importances(int count, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int spread = random.nextInt(1, 30);
        boolean zeros = random.nextBoolean();
        float[] importances = new float[count];
        for (int i = 0; i < count; i++) {
            importances[i] =
                    zeros && random.nextInt(4) == 0 ? 0 : (float) StrictMath.exp(random.nextDouble(-spread, spread));
        }
        return importances;
    }
}
