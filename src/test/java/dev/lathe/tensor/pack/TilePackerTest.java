package dev.lathe.tensor.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.ReferenceData;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.RandomWeights;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.kernel.TileLayout;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Packed weights have the values that ggml gives to the same bytes. */
class TilePackerTest {
    private static final int COLUMNS = 1024;
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    static Stream<TensorType> types() {
        return LinearLoader.supportedTypes().stream().filter(type -> type != TensorType.F32);
    }

    @Test
    void aScaleThatIsNoNumberIsRefused() {
        for (short scale : new short[] {0x7c00, (short) 0xfc00, 0x7e01}) {
            byte[] block = new byte[TensorType.Q8_0.blockBytes()];
            block[0] = (byte) scale;
            block[1] = (byte) (scale >> 8);
            MemorySegment bytes = MemorySegment.ofArray(block);
            String message = assertThrows(
                            IllegalArgumentException.class,
                            () -> RandomWeights.pack(TensorType.Q8_0, 1, 32, bytes, KernelChoice.best()))
                    .getMessage();
            assertTrue(message.contains("not a finite number"), message);
        }
    }

    @ParameterizedTest
    @MethodSource("types")
    void everyWeightHasItsValue(TensorType type) throws IOException {
        MemorySegment bytes = read(fileName(type) + ".bin");
        MemorySegment values = read(fileName(type) + ".f32");
        int rows = (int) (values.byteSize() / Float.BYTES / COLUMNS);
        Linear layer = RandomWeights.pack(type, rows, COLUMNS, bytes, KernelChoice.best());
        float[] row = new float[COLUMNS];
        for (int r = 0; r < rows; r++) {
            layer.readRow(r, row, 0);
            for (int column = 0; column < COLUMNS; column++) {
                float expected = values.get(FLOAT, 4L * (r * COLUMNS + column));
                float actual = row[column];
                assertEquals(expected + 0f, actual + 0f, () -> type + " value " + expected + ", got " + actual);
            }
        }
    }

    static Stream<TensorType> packedTypes() {
        return Stream.of(TensorType.values()).filter(type -> TileLayout.of(type).isPresent());
    }

    @ParameterizedTest
    @MethodSource("packedTypes")
    void aLayerTakesAboutTheBytesOfItsFile(TensorType type) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[(int) type.byteCount(64 * COLUMNS)]);
        double expansion = (double) RandomWeights.pack(type, 64, COLUMNS, bytes, KernelChoice.best())
                        .byteCount()
                / bytes.byteSize();
        double most = type == TensorType.TQ1_0 ? 1.23 : 1.08; // whose base of 3 becomes one of 4
        assertTrue(expansion >= 1 && expansion < most, () -> type + " takes " + expansion + " times its file's bytes");
    }

    private static MemorySegment read(String name) throws IOException {
        return MemorySegment.ofArray(Files.readAllBytes(ReferenceData.require("quant/" + name)));
    }

    /** As the folder spells them: K stays large. */
    private static String fileName(TensorType type) {
        return type.name().toLowerCase(Locale.ROOT).replace("_k", "_K");
    }
}
