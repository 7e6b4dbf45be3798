package dev.lathe.tensor.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.codec.ReferenceVectors.Vectors;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What ggml encoded decodes to the same bits; what this library encodes is the same or better. */
class ReferenceVectorsTest {
    private static final Set<TensorType> SAME_BYTES = EnumSet.of(
            TensorType.F16,
            TensorType.BF16,
            TensorType.Q4_0,
            TensorType.Q4_1,
            TensorType.Q5_0,
            TensorType.Q5_1,
            TensorType.Q8_0,
            TensorType.TQ1_0,
            TensorType.TQ2_0);
    private static final int MXFP4_ROW_OF_WRAPPED_EXPONENTS = 7;

    static Stream<Vectors> decoded() {
        return ReferenceVectors.all();
    }

    @ParameterizedTest
    @MethodSource
    void decoded(Vectors vectors) {
        float[] decoded = new float[ReferenceVectors.ROWS * ReferenceVectors.COLUMNS];
        BlockCodec.of(vectors.type()).decode(vectors.encoded(), 0, decoded, 0, decoded.length);
        for (int i = 0; i < decoded.length; i++) {
            int index = i;
            assertEquals(
                    Float.floatToRawIntBits(vectors.decoded()[i]),
                    Float.floatToRawIntBits(decoded[i]),
                    () -> "element " + index + ": " + vectors.decoded()[index] + " and " + decoded[index]);
        }
    }

    static Stream<Vectors> encodedToTheSameBytes() {
        return ReferenceVectors.all()
                .filter(vectors -> !vectors.weighted()
                        && (SAME_BYTES.contains(vectors.type()) || vectors.type() == TensorType.MXFP4));
    }

    @ParameterizedTest
    @MethodSource
    void encodedToTheSameBytes(Vectors vectors) {
        int rowBytes = (int) vectors.type().byteCount(ReferenceVectors.COLUMNS);
        for (int row = 0; row < ReferenceVectors.ROWS; row++) {
            if (vectors.type() == TensorType.MXFP4 && row == MXFP4_ROW_OF_WRAPPED_EXPONENTS) {
                continue;
            }
            byte[] encoded = new byte[rowBytes];
            float[] input = ReferenceVectors.input();
            BlockCodec.of(vectors.type())
                    .encode(input, row * ReferenceVectors.COLUMNS, null, 0, encoded, 0, ReferenceVectors.COLUMNS);
            byte[] expected = new byte[rowBytes];
            System.arraycopy(vectors.encoded(), row * rowBytes, expected, 0, rowBytes);
            assertArrayEquals(expected, encoded, "row " + row);
        }
    }

    static Stream<Vectors> encodedNoWorse() {
        return ReferenceVectors.all()
                .filter(vectors -> BlockCodec.of(vectors.type()).encodes());
    }

    @ParameterizedTest
    @MethodSource
    void encodedNoWorse(Vectors vectors) {
        float[] input = ReferenceVectors.input();
        float[] importances = vectors.weighted() ? ReferenceVectors.importances() : null;
        for (int row = 0; row < ReferenceVectors.ROWS; row++) {
            double error = Errors.rootMeanSquare(
                    vectors.type(), input, row * ReferenceVectors.COLUMNS, ReferenceVectors.COLUMNS, importances);
            Double ggml = vectors.weighted() ? vectors.weightedError()[row] : vectors.error()[row];
            if (ggml == null) { // not a number: elements this small become zeros
                assertTrue(error < 1e-37, "row " + row + ": " + error);
            } else { // the table has nine digits
                assertTrue(error <= ggml * (1 + 1e-8), "row " + row + ": " + error + ", ggml's " + ggml);
            }
        }
    }
}
