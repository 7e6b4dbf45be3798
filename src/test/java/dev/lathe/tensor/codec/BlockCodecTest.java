package dev.lathe.tensor.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlockCodecTest {
    static EnumSet<TensorType> encodable() {
        return EnumSet.copyOf(Codecs.encodable());
    }

    @Test
    void everyTypeOfWeightsHasACodec() {
        EnumSet<TensorType> without = EnumSet.complementOf(EnumSet.copyOf(BlockCodec.types()));
        EnumSet<TensorType> expected = EnumSet.of(
                TensorType.Q8_1, TensorType.I8, TensorType.I16, TensorType.I32, TensorType.I64, TensorType.F64);
        assertEquals(expected, without);
        Exception refused = assertThrows(IllegalArgumentException.class, () -> BlockCodec.of(TensorType.I32));
        assertTrue(refused.getMessage().contains("I32") && refused.getMessage().contains("Q4_K"), refused::getMessage);
    }

    /** Elements and bytes of a block, from the formats' description. */
    @ParameterizedTest
    @CsvSource({
        "F32, 1, 4",
        "F16, 1, 2",
        "BF16, 1, 2",
        "Q4_0, 32, 18",
        "Q4_1, 32, 20",
        "Q5_0, 32, 22",
        "Q5_1, 32, 24",
        "Q8_0, 32, 34",
        "Q2_K, 256, 84",
        "Q3_K, 256, 110",
        "Q4_K, 256, 144",
        "Q5_K, 256, 176",
        "Q6_K, 256, 210",
        "IQ4_NL, 32, 18",
        "IQ4_XS, 256, 136",
        "TQ1_0, 256, 54",
        "TQ2_0, 256, 66",
        "MXFP4, 32, 17"
    })
    void rowsTakeTheBytesOfTheirBlocks(TensorType type, int elements, int bytes) {
        assertEquals(elements, type.blockSize());
        int columns = 3 * elements;
        byte[] encoded = MatrixCodec.encode(type, new float[2 * columns], 2, columns, null, Workers.single());
        assertEquals(2 * 3 * bytes, encoded.length);
    }

    @Test
    void everyTypeThatIsEncodedHasItsBytesTested() {
        assertEquals(18, encodable().size(), "a new format needs a line above");
    }

    @Test
    void someTypesAreDecodedOnly() {
        BlockCodec codec = BlockCodec.of(TensorType.IQ3_S);
        assertFalse(codec.encodes());
        Exception refused = assertThrows(
                UnsupportedOperationException.class,
                () -> codec.encode(new float[256], 0, null, 0, new byte[110], 0, 256));
        assertTrue(
                refused.getMessage().contains("IQ3_S") && refused.getMessage().contains("Q3_K"));
    }

    @ParameterizedTest
    @MethodSource("encodable")
    void zerosStayZeros(TensorType type) {
        float[] zeros = new float[type.blockSize()];
        zeros[zeros.length / 2] = -0f;
        float[] ones = new float[type.blockSize()];
        Arrays.fill(ones, 1);
        for (float[] importances : new float[][] {null, zeros, ones}) {
            for (float decoded : Errors.decoded(type, zeros, 0, zeros.length, importances)) {
                assertTrue(decoded == 0, () -> "decoded " + decoded);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("encodable")
    void importancesOfZeroEverywhereCountAsTheSame(TensorType type) {
        float[] values = new Elements(Elements.Kind.NORMAL, 7).of(type.blockSize());
        assertArrayEquals(
                Errors.decoded(type, values, 0, values.length, null),
                Errors.decoded(type, values, 0, values.length, new float[values.length]));
    }

    @ParameterizedTest
    @MethodSource("encodable")
    void whatIsNotFiniteIsRefused(TensorType type) {
        BlockCodec codec = BlockCodec.of(type);
        int size = type.blockSize();
        for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            float[] values = new float[3 * size];
            values[2 * size] = wrong;
            byte[] target = new byte[2 * type.blockBytes()];
            Exception refused = assertThrows(
                    IllegalArgumentException.class, () -> codec.encode(values, size, null, 0, target, 0, 2 * size));
            assertTrue(refused.getMessage().contains("element " + 2 * size + " is " + wrong), refused::getMessage);
            codec.encode(values, 0, null, 0, target, 0, 2 * size);
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, -1, -Float.MIN_VALUE})
    void importancesAreFiniteAndNotNegative(float wrong) {
        float[] importances = new float[64];
        importances[40] = wrong;
        BlockCodec codec = BlockCodec.of(TensorType.Q4_0);
        Exception refused = assertThrows(
                IllegalArgumentException.class,
                () -> codec.encode(new float[32], 0, importances, 32, new byte[18], 0, 32));
        assertTrue(refused.getMessage().contains("importance 40 is " + wrong), refused::getMessage);
    }

    @ParameterizedTest
    @MethodSource("encodable")
    void countsAreWholeBlocksWithinTheArrays(TensorType type) {
        BlockCodec codec = BlockCodec.of(type);
        int size = type.blockSize();
        float[] values = new float[size];
        byte[] block = new byte[type.blockBytes()];
        if (size > 1) {
            assertThrows(IllegalArgumentException.class, () -> codec.decode(block, 0, values, 0, size - 1));
            assertThrows(IllegalArgumentException.class, () -> codec.encode(values, 0, null, 0, block, 0, size - 1));
        }
        assertThrows(IllegalArgumentException.class, () -> codec.decode(block, 0, values, 0, -size));
        assertThrows(IndexOutOfBoundsException.class, () -> codec.decode(block, 0, values, 0, 2 * size));
        assertThrows(IndexOutOfBoundsException.class, () -> codec.decode(block, 1, values, 0, size));
        assertThrows(IndexOutOfBoundsException.class, () -> codec.decode(block, 0, values, 1, size));
        assertThrows(IndexOutOfBoundsException.class, () -> codec.encode(values, 1, null, 0, block, 0, size));
        assertThrows(IndexOutOfBoundsException.class, () -> codec.encode(values, 0, values, 1, block, 0, size));
        assertThrows(IndexOutOfBoundsException.class, () -> codec.encode(values, 0, null, 0, block, 1, size));
    }

    @Test
    void scalesBeyondTheirRangeStayAtItsEnd() {
        float[] values = new float[32];
        Arrays.fill(values, 0, 16, 3e38f);
        Arrays.fill(values, 16, 32, -3e38f);
        float[] q8 = Errors.decoded(TensorType.Q8_0, values, 0, 32, null);
        assertEquals(127 * 65504f, q8[0]);
        assertEquals(-127 * 65504f, q8[31]);
        float[] q4 = Errors.decoded(TensorType.Q4_0, values, 0, 32, null);
        assertEquals(8 * 65504f, q4[0]);
        assertEquals(-7 * 65504f, q4[31]);
        float[] affine = Errors.decoded(TensorType.Q4_1, values, 0, 32, null);
        assertEquals(14 * 65504f, affine[0]);
        assertEquals(-65504f, affine[31]);
        assertEquals(65504f, Errors.decoded(TensorType.F16, values, 0, 32, null)[0]);
        values[0] = Float.MAX_VALUE;
        assertEquals(Float.intBitsToFloat(0x7f7f0000), Errors.decoded(TensorType.BF16, values, 0, 32, null)[0]);
        assertEquals(0x1.8p127f, Errors.decoded(TensorType.MXFP4, values, 0, 32, null)[0]);
    }

    @Test
    void unitsBeyondTheirRangeStayAtItsEnd() {
        float[] values = new float[256];
        Arrays.fill(values, 0, 128, 3e38f);
        Arrays.fill(values, 128, 256, -3e38f);
        assertBeyond(31 * 126 * 65504f, Errors.decoded(TensorType.Q6_K, values, 0, 256, null));
        assertBeyond(3 * 30 * 65504f, Errors.decoded(TensorType.Q3_K, values, 0, 256, null));
        assertBeyond(113 * 30 * 65504f, Errors.decoded(TensorType.IQ4_XS, values, 0, 256, null));
        float[] affine = Errors.decoded(TensorType.Q4_K, values, 0, 256, null);
        assertTrue(affine[0] >= 15 * 62 * 65504f, () -> "decoded " + affine[0]);
        assertTrue(affine[255] <= -62 * 65504f, () -> "decoded " + affine[255]);
    }

    private static void assertBeyond(float magnitude, float[] decoded) {
        assertTrue(decoded[0] >= magnitude, () -> "decoded " + decoded[0]);
        assertTrue(decoded[255] <= -magnitude, () -> "decoded " + decoded[255]);
    }

    /** What is lost of a normal row, relative to the row; a search that became worse shows here. */
    @ParameterizedTest
    @CsvSource({
        "Q2_K, 0.2600, 0.0840",
        "Q3_K, 0.14351, 0.07410",
        "Q4_K, 0.06925, 0.02300",
        "Q5_K, 0.03450, 0.01330",
        "Q6_K, 0.016785, 0.008380",
        "IQ4_NL, 0.07353, 0.03380",
        "IQ4_XS, 0.07400, 0.03460"
    })
    void searchesStayAsGoodAsTheyAre(TensorType type, double plain, double weighted) {
        float[] values = new Elements(Elements.Kind.NORMAL, 3).of(16384);
        float[] importances = Elements.importances(16384, 5);
        for (float[] weights : new float[][] {null, importances}) {
            double error = Errors.rootMeanSquare(type, values, 0, values.length, weights);
            double row = Errors.rootMeanSquare(new float[values.length], values, 0, weights);
            double bound = weights == null ? plain : weighted;
            assertTrue(error / row <= bound, () -> error / row + " above " + bound);
        }
    }

    @Test
    void moreBitsLoseLess() {
        float[] values = new Elements(Elements.Kind.NORMAL, 3).of(4096);
        double before = Double.POSITIVE_INFINITY;
        for (TensorType type : new TensorType[] {
            TensorType.Q2_K,
            TensorType.Q3_K,
            TensorType.IQ4_XS,
            TensorType.Q4_K,
            TensorType.Q5_K,
            TensorType.Q6_K,
            TensorType.Q8_0
        }) {
            double error = Errors.rootMeanSquare(type, values, 0, values.length, null);
            assertTrue(error < before, type + ": " + error + " after " + before);
            before = error;
        }
    }

    @Test
    void segmentsDecodeAsArraysDo() {
        float[] values = new Elements(Elements.Kind.NORMAL, 5).of(64);
        byte[] blocks = new byte[36];
        BlockCodec codec = BlockCodec.of(TensorType.Q4_0);
        codec.encode(values, 0, null, 0, blocks, 0, 64);
        float[] expected = new float[32];
        float[] decoded = new float[32];
        codec.decode(blocks, 18, expected, 0, 32);
        codec.decode(MemorySegment.ofArray(blocks), 18, decoded, 0, 32);
        assertArrayEquals(expected, decoded);
    }
}
