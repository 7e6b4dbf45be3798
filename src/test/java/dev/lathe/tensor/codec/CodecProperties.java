package dev.lathe.tensor.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.tensor.TensorType;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Laws of all types that are encoded. */
class CodecProperties {
    private static final float HALF_ROUNDING = 0x1p-11f;
    private static final float LEAST_HALF = 0x1p-24f;

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
        float greatest = greatest(values);
        for (float decoded : Errors.decoded(type, values, 0, values.length, importances)) {
            // elements of little importance may be far from what they were, but not farther than all are from each other
            assertTrue(Math.abs(decoded) <= 4 * greatest + LEAST_HALF, () -> decoded + " of at most " + greatest);
        }
    }

    @Property(tries = 600)
    void importancesNeverMakeTheErrorThatTheyWeighLarger(
            @ForAll("types") TensorType type, @ForAll("moderate") Elements elements, @ForAll int seed) {
        float[] values = elements.of(type.blockSize());
        float[] importances = Elements.importances(values.length, seed);
        float[] plain = Errors.decoded(type, values, 0, values.length, null);
        double plainError = Errors.rootMeanSquare(plain, values, 0, importances);
        double error = Errors.rootMeanSquare(type, values, 0, values.length, importances);
        assertTrue(error <= plainError, () -> error + " with importances, " + plainError + " without");
    }

    @Property(tries = 600)
    void powersOfTwoPassThrough(
            @ForAll("types") TensorType type,
            @ForAll("moderate") Elements elements,
            @ForAll @IntRange(min = 1, max = 2) int power) {
        float[] values = elements.of(type.blockSize());
        float[] scaled = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            values[i] *= 64; // where 16 bits round all scales alike
        }
        float[] expected = Errors.decoded(type, values, 0, values.length, null);
        for (int i = 0; i < values.length; i++) {
            scaled[i] = Math.scalb(values[i], power);
            expected[i] = Math.scalb(expected[i], power);
        }
        float[] decoded = Errors.decoded(type, scaled, 0, values.length, null);
        for (int i = 0; i < values.length; i++) { // but minima so small that 16 bits round them otherwise
            assertEquals(expected[i], decoded[i], 1e-3f * greatest(scaled), "element " + i);
        }
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
            assertErrors(TensorType.Q4_0, values, greatest / 8 + 8 * rounding(greatest / 8));
            assertErrors(TensorType.Q5_0, values, greatest / 16 + 16 * rounding(greatest / 16));
            float minimum = rounding(Math.abs(low));
            assertErrors(TensorType.Q4_1, values, range / 15 + 15 * rounding(range / 7.5f) + minimum);
            assertErrors(TensorType.Q5_1, values, range / 31 + 31 * rounding(range / 15.5f) + minimum);
        }
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
