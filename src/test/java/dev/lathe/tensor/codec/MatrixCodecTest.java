package dev.lathe.tensor.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatrixCodecTest {
    @ParameterizedTest
    @CsvSource({"0, 32", "1, 0", "1, 32", "7, 64", "1025, 96", "3, 70400"})
    void rowsAreEncodedAloneWhateverTheWorkers(int rows, int columns) {
        TensorType type = TensorType.Q5_1;
        float[] values = new Elements(Elements.Kind.HEAVY_TAILED, rows).of(rows * columns);
        float[] importances = Elements.importances(columns, columns);
        int rowBytes = (int) type.byteCount(columns);
        byte[] expected = new byte[rows * rowBytes];
        float[] expectedValues = new float[values.length];
        for (int row = 0; row < rows; row++) {
            BlockCodec codec = BlockCodec.of(type);
            codec.encode(values, row * columns, importances, 0, expected, row * rowBytes, columns);
            codec.decode(expected, row * rowBytes, expectedValues, row * columns, columns);
        }
        for (int threads = 1; threads <= 3; threads += 2) {
            try (Workers workers = Workers.of(threads)) {
                byte[] encoded = MatrixCodec.encode(type, values, rows, columns, importances, workers);
                assertArrayEquals(expected, encoded);
                assertArrayEquals(expectedValues, MatrixCodec.decode(type, encoded, rows, columns, workers));
                float[] consumed = new float[values.length];
                MatrixCodec.decode(
                        type,
                        MemorySegment.ofArray(encoded),
                        rows,
                        columns,
                        workers,
                        (row, decoded) -> System.arraycopy(decoded, 0, consumed, row * columns, columns));
                assertArrayEquals(expectedValues, consumed);
            }
        }
    }

    @Test
    void sizesFitTogether() {
        Workers workers = Workers.single();
        float[] values = new float[64];
        Exception blocks = assertThrows(
                IllegalArgumentException.class,
                () -> MatrixCodec.encode(TensorType.Q4_K, values, 1, 64, null, workers));
        assertTrue(
                blocks.getMessage().contains("[1 x 64]") && blocks.getMessage().contains("256"));
        assertThrows(
                IllegalArgumentException.class,
                () -> MatrixCodec.encode(TensorType.Q4_0, values, 3, 32, null, workers));
        assertThrows(
                IllegalArgumentException.class,
                () -> MatrixCodec.encode(TensorType.Q4_0, values, 2, 32, new float[64], workers));
        assertThrows(
                IllegalArgumentException.class,
                () -> MatrixCodec.decode(TensorType.Q4_0, new byte[35], 2, 32, workers));
        assertThrows(
                IllegalArgumentException.class,
                () -> MatrixCodec.decode(
                        TensorType.Q4_0, MemorySegment.ofArray(new byte[37]), 2, 32, workers, (_, _) -> {}));
        assertEquals(36, MatrixCodec.encode(TensorType.Q4_0, values, 2, 32, null, workers).length);
    }
}
