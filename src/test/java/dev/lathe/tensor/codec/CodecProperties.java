package dev.lathe.tensor.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.tensor.TensorType;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Laws of all types that are encoded. */
class CodecProperties {
    private static final float HALF_ROUNDING = 0x1p-11f;
    private static final float LEAST_HALF = 0x1p-24f;
    private static final Set<TensorType> GROUPS_WITH_MINIMA =
            EnumSet.of(TensorType.Q2_K, TensorType.Q4_K, TensorType.Q5_K);

    @Provide
    Arbitrary<TensorType> types() {
        return Arbitraries.of(Codecs.encodable());
    }

    @Provide
    Arbitrary<TensorType> idempotentTypes() {
        return Arbitraries.of(
                TensorType.F32,
                TensorType.F16,
                TensorType.BF16,
                TensorType.Q4_0,
                TensorType.Q5_0,
                TensorType.Q8_0,
                TensorType.TQ1_0,
                TensorType.TQ2_0,
                TensorType.MXFP4);
    }

    @Provide
    Arbitrary<Elements> any() {
        return Elements.any();
    }

    @Provide
    Arbitrary<Elements> moderate() {
        return Elements.moderate();
    }

    @Property(tries = 600)
    void finiteStaysFinite(
            @ForAll("types") TensorType type, @ForAll("any") Elements elements, @ForAll boolean weighted) {
        float[] values = elements.of(type.blockSize());
        float[] importances = weighted ? Elements.importances(values.length, elements.seed()) : null;
        for (float decoded : Errors.decoded(type, values, 0, values.length, importances)) {
            assertTrue(Float.isFinite(decoded), () -> "decoded " + decoded);
        }
    }

    /**
     * Without importances, where every element counts. A scale of 16 bits is off by half of the least such number at least,
     * and an element by a multiple of that: in blocks of tiny elements this is all there is.
     */
    @Property(tries = 600)
    void nothingGrowsFarBeyondTheLargest(@ForAll("types") TensorType type, @ForAll("any") Elements elements) {
        float[] values = elements.of(type.blockSize());
        double bound = 1.5 * greatest(values) + greatestMultiple(type) * (LEAST_HALF / 2);
        for (float decoded : Errors.decoded(type, values, 0, values.length, null)) {
            assertTrue(Math.abs(decoded) <= bound, () -> decoded + " above " + bound);
        }
    }

    /** How many times the numbers of 16 bits of a block an element can be. */
    private static int greatestMultiple(TensorType type) {
        return switch (type) {
            case Q4_0 -> 8;
            case Q4_1 -> 15 + 1;
            case Q5_0 -> 16;
            case Q5_1 -> 31 + 1;
            case Q8_0, IQ4_NL -> 127;
            case IQ4_XS -> 32 * 127;
            case Q2_K -> 15 * (3 + 1);
            case Q3_K -> 32 * 4;
            case Q4_K -> 63 * (15 + 1);
            case Q5_K -> 63 * (31 + 1);
            case Q6_K -> 128 * 32;
            default -> 1;
        };
    }

    @Property(tries = 600)
    void importancesNeverMakeTheErrorThatTheyWeighLarger(
            @ForAll("types") TensorType type, @ForAll("any") Elements elements, @ForAll int seed) {
        float[] values = elements.of(type.blockSize());
        float[] importances = Elements.importances(values.length, seed);
        float[] plain = Errors.decoded(type, values, 0, values.length, null);
        double plainError = Errors.rootMeanSquare(plain, values, 0, importances);
        double error = Errors.rootMeanSquare(type, values, 0, values.length, importances);
        assertTrue(error <= plainError, () -> error + " with importances, " + plainError + " without");
    }

    /**
     * Wherever no number of 16 bits that is tried is so small that it has fewer digits: the largest element is in the
     * thousands. Minima of next to nothing, as groups of a single element other than zero have them, would be.
     */
    @Property(tries = 600)
    void powersOfTwoPassThrough(
            @ForAll("types") TensorType type,
            @ForAll("moderate") Elements elements,
            @ForAll @IntRange(min = 1, max = 2) int power) {
        Assume.that(!GROUPS_WITH_MINIMA.contains(type) || elements.kind() != Elements.Kind.MOSTLY_ZERO);
        float[] values = elements.of(type.blockSize());
        float greatest = greatest(values);
        float[] scaled = new float[values.length];
        for (int i = 0; i < values.length && greatest > 0; i++) {
            values[i] = (float) Math.scalb((double) values[i], 12 - Math.getExponent(greatest));
            scaled[i] = Math.scalb(values[i], power);
        }
        float[] expected = Errors.decoded(type, values, 0, values.length, null);
        for (int i = 0; i < values.length; i++) {
            expected[i] = Math.scalb(expected[i], power);
        }
        assertArrayEquals(expected, Errors.decoded(type, scaled, 0, values.length, null));
    }

    @Property(tries = 400)
    void encodingWhatWasDecodedChangesNothing(
            @ForAll("idempotentTypes") TensorType type, @ForAll("any") Elements elements) {
        float[] once = Errors.decoded(type, elements.of(type.blockSize()), 0, type.blockSize(), null);
        float[] twice = Errors.decoded(type, once, 0, once.length, null);
        for (int i = 0; i < once.length; i++) {
            assertTrue(once[i] == twice[i], "element " + i + ": " + once[i] + " became " + twice[i]);
        }
    }

    @Property(tries = 200)
    void errorsOfSimpleTypesAreBelowTheirSteps(@ForAll("any") Elements elements) {
        float[] values = elements.of(32);
        float greatest = Math.min(greatest(values), 65504);
        float low = Float.MAX_VALUE;
        float high = -Float.MAX_VALUE;
        for (float value : values) {
            low = Math.min(low, value);
            high = Math.max(high, value);
        }
        float range = high / 2 - low / 2; // half of it, which is finite
        if (greatest(values) <= 65504) {
            assertErrors(TensorType.Q8_0, values, greatest / 254 + 127 * rounding(greatest / 127));
            assertErrorsOfSigned(TensorType.Q4_0, values, 8);
            assertErrorsOfSigned(TensorType.Q5_0, values, 16);
            float minimum = rounding(Math.abs(low));
            assertErrors(TensorType.Q4_1, values, range / 15 + 15 * rounding(range / 7.5f) + minimum);
            assertErrors(TensorType.Q5_1, values, range / 31 + 31 * rounding(range / 15.5f) + minimum);
        }
    }

    /** Half a step, but a whole one at the end that has one integer less: opposite the largest magnitude. */
    private static void assertErrorsOfSigned(TensorType type, float[] values, int steps) {
        float extreme = 0;
        for (float value : values) {
            extreme = Math.abs(value) > Math.abs(extreme) ? value : extreme;
        }
        float step = Math.abs(extreme) / steps;
        float[] decoded = Errors.decoded(type, values, 0, values.length, null);
        for (int i = 0; i < values.length; i++) {
            boolean clipped = values[i] * Math.signum(extreme) < -(steps - 1) * step;
            float bound = (clipped ? step : step / 2) + steps * rounding(step);
            float error = Math.abs(values[i] - decoded[i]);
            assertTrue(error <= bound * 1.00001f, type + " element " + i + ": " + error + " above " + bound);
        }
    }

    /** The scale is rounded once more: by so much may an element change, and no more. */
    @Property(tries = 200)
    void encodingAffineBlocksAgainChangesThemByTheRoundingOfTheirScale(
            @ForAll("moderate") Elements elements, @ForAll boolean five) {
        TensorType type = five ? TensorType.Q5_1 : TensorType.Q4_1;
        float[] once = Errors.decoded(type, elements.of(32), 0, 32, null);
        float[] twice = Errors.decoded(type, once, 0, 32, null);
        float bound = 4 * greatest(once) * HALF_ROUNDING + 32 * LEAST_HALF;
        for (int i = 0; i < once.length; i++) {
            assertEquals(once[i], twice[i], bound, "element " + i);
        }
    }

    /** Of the powers near to the plain one, none has a smaller weighted error. */
    @Property(tries = 300)
    void weightedPowersOfMxfp4AreTheBestOfTheirNeighbours(@ForAll("moderate") Elements elements, @ForAll int seed) {
        float[] values = elements.of(32);
        float[] importances = Elements.importances(32, seed);
        byte[] block = new byte[17];
        BlockCodec.of(TensorType.MXFP4).encode(values, 0, null, 0, block, 0, 32);
        int plain = block[0] & 0xff;
        double least = Double.POSITIVE_INFINITY;
        for (int power = Math.max(0, plain - 2); power <= Math.min(254, plain + 1); power++) {
            block[0] = (byte) power;
            BlockGrid grid = BlockGrid.of(TensorType.MXFP4, block, 0);
            float[] nearest = new float[32];
            for (int i = 0; i < 32; i++) {
                nearest[i] = grid.nearest(i, values[i]);
            }
            least = Math.min(least, Errors.rootMeanSquare(nearest, values, 0, importances));
        }
        assertEquals(least, Errors.rootMeanSquare(TensorType.MXFP4, values, 0, 32, importances));
    }

    private static void assertErrors(TensorType type, float[] values, float bound) {
        float[] decoded = Errors.decoded(type, values, 0, values.length, null);
        for (int i = 0; i < values.length; i++) {
            float error = Math.abs(values[i] - decoded[i]);
            assertTrue(error <= bound * 1.00001f, type + " element " + i + ": " + error + " above " + bound);
        }
    }

    private static float rounding(float scale) {
        return Math.max(scale * HALF_ROUNDING, LEAST_HALF / 2);
    }

    @Property(tries = 100)
    void ternaryBlocksAreExact(@ForAll int seed, @ForAll boolean packedByThree) {
        TensorType type = packedByThree ? TensorType.TQ1_0 : TensorType.TQ2_0;
        float[] values = new Elements(Elements.Kind.SMALL_INTEGERS, seed).of(256);
        for (int i = 0; i < values.length; i++) {
            values[i] = 0.375f * Math.signum(values[i]);
        }
        assertArrayEquals(values, Errors.decoded(type, values, 0, values.length, null));
        float[] importances = Elements.importances(256, seed);
        assertEquals(0, Errors.rootMeanSquare(type, values, 0, values.length, importances));
    }

    @Property(tries = 200)
    void blocksAreIndependentAndNothingElseIsTouched(
            @ForAll("types") TensorType type,
            @ForAll("any") Elements elements,
            @ForAll @IntRange(max = 3) int blocks,
            @ForAll @IntRange(max = 5) int before) {
        int count = blocks * type.blockSize();
        int bytes = (int) type.byteCount(count);
        float[] values = elements.of(before + count + 3);
        byte[] encoded = new byte[before + bytes + 7];
        Arrays.fill(encoded, (byte) 0x5a);
        BlockCodec codec = BlockCodec.of(type);
        codec.encode(values, before, null, 0, encoded, before, count);
        float[] decoded = new float[before + count + 2];
        Arrays.fill(decoded, Float.NaN);
        codec.decode(encoded, before, decoded, before, count);
        for (int i = 0; i < encoded.length; i++) {
            assertTrue(i >= before && i < before + bytes || encoded[i] == 0x5a, "byte " + i + " was written");
        }
        for (int i = 0; i < decoded.length; i++) {
            assertEquals(i < before || i >= before + count, Float.isNaN(decoded[i]), "element " + i);
        }
        for (int block = 0; block < blocks; block++) {
            int from = before + block * type.blockSize();
            assertArrayEquals(
                    Errors.decoded(type, values, from, type.blockSize(), null),
                    Arrays.copyOfRange(decoded, from, from + type.blockSize()));
        }
    }

    private static float greatest(float[] values) {
        float greatest = 0;
        for (float value : values) {
            greatest = Math.max(greatest, Math.abs(value));
        }
        return greatest;
    }
}
