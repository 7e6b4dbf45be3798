package dev.lathe.compress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.compress.ImportanceMatrix.Entry;
import dev.lathe.gguf.GgufException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files in src/test/resources/imatrix were written by llama-imatrix from examples/models/lathe-java-draft-f16.gguf. */
class ImportanceMatrixTest {
    private static final Path WRITTEN = Path.of("src/test/resources/imatrix/lathe-java-draft.gguf");
    private static final Path WRITTEN_IN_THE_OLDER_FORMAT = Path.of("src/test/resources/imatrix/lathe-java-draft.dat");

    @TempDir
    Path folder;

    @Test
    void readsWhatLlamaCppWrites() throws IOException {
        ImportanceMatrix matrix = ImportanceMatrix.read(WRITTEN);
        assertEquals(List.of("cal.txt"), matrix.datasets());
        assertEquals(4, matrix.chunkCount());
        assertEquals(128, matrix.chunkSize());
        assertEquals(21, matrix.tensorNames().size()); // seven for each of three layers
        Entry entry = matrix.find("blk.2.ffn_down.weight").orElseThrow();
        assertArrayEquals(new float[] {512}, entry.counts());
        assertEquals(384, entry.columns());
        assertArrayEquals(
                matrix.find("blk.0.attn_q.weight").orElseThrow().sums(),
                matrix.find("blk.0.attn_k.weight").orElseThrow().sums());
        assertTrue(matrix.find("token_embd.weight").isEmpty());
    }

    @Test
    void theOlderFormatSaysTheSame() throws IOException {
        ImportanceMatrix matrix = ImportanceMatrix.read(WRITTEN);
        ImportanceMatrix older = ImportanceMatrix.read(WRITTEN_IN_THE_OLDER_FORMAT);
        assertEquals(matrix.datasets(), older.datasets());
        assertEquals(matrix.chunkCount(), older.chunkCount());
        assertEquals(matrix.tensorNames(), older.tensorNames());
        for (String name : matrix.tensorNames()) {
            float[] expected = matrix.find(name).orElseThrow().importances(0);
            float[] importances = older.find(name).orElseThrow().importances(0);
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], importances[i], 1e-6f * expected[i], name);
            }
        }
    }

    @Test
    void writesTheBytesThatLlamaCppWrites() throws IOException {
        Path copy = folder.resolve("copy.gguf");
        ImportanceMatrix.read(WRITTEN).write(copy);
        assertArrayEquals(Files.readAllBytes(WRITTEN), Files.readAllBytes(copy));
    }

    @Test
    void expertsHaveMatricesOfTheirOwn() throws IOException {
        Entry experts = new Entry(new float[] {4, 8, 0, 0, 3, 6}, new float[] {4, 0, 3});
        ImportanceMatrix matrix = new ImportanceMatrix(List.of("a", "b"), 7, 64, Map.of("experts", experts));
        Path file = folder.resolve("experts.gguf");
        matrix.write(file);
        ImportanceMatrix read = ImportanceMatrix.read(file);
        assertEquals(List.of("a", "b"), read.datasets());
        Entry entry = read.find("experts").orElseThrow();
        assertArrayEquals(new float[] {1, 2}, entry.importances(0));
        assertArrayEquals(new float[] {1, 1}, entry.importances(1));
        assertArrayEquals(new float[] {1, 2}, entry.importances(2));
    }

    @Test
    void numbersAreSuchAsSquaresAndCountsGive() {
        assertThrows(IllegalArgumentException.class, () -> new Entry(new float[3], new float[2]));
        assertThrows(IllegalArgumentException.class, () -> new Entry(new float[0], new float[1]));
        assertThrows(IllegalArgumentException.class, () -> new Entry(new float[] {-1}, new float[1]));
        assertThrows(IllegalArgumentException.class, () -> new Entry(new float[1], new float[] {Float.NaN}));
    }

    @Test
    void otherFilesAreRefused() throws IOException {
        Path model = Path.of("examples/models/lathe-java-draft-f16.gguf");
        Exception refused = assertThrows(IllegalArgumentException.class, () -> ImportanceMatrix.read(model));
        assertTrue(refused.getMessage().contains("lathe-java-draft-f16.gguf"), refused::getMessage);
        assertTrue(refused.getMessage().contains("expected imatrix"), refused::getMessage);
    }

    @Test
    void damagedFilesAreRefusedWhereverTheyEnd() throws IOException {
        byte[] older = Files.readAllBytes(WRITTEN_IN_THE_OLDER_FORMAT);
        Path file = folder.resolve("damaged");
        for (int length = 0; length < older.length - 4 - "cal.txt".length() - 4; length += length < 100 ? 1 : 601) {
            Files.write(file, Arrays.copyOf(older, length));
            Exception refused = assertThrows(IllegalArgumentException.class, () -> ImportanceMatrix.read(file));
            assertTrue(refused.getMessage().contains("damaged"), refused::getMessage);
        }
        for (int wrong : new int[] {-1, 0, Integer.MAX_VALUE}) {
            byte[] bytes = older.clone();
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(0, wrong);
            Files.write(file, bytes);
            assertThrows(IllegalArgumentException.class, () -> ImportanceMatrix.read(file));
        }
        byte[] gguf = Files.readAllBytes(WRITTEN);
        Files.write(file, Arrays.copyOf(gguf, gguf.length / 2));
        assertThrows(GgufException.class, () -> ImportanceMatrix.read(file));
    }

    @Test
    void aFileOfAnySizeThatIsNoneIsRefusedWithoutReadingIt() throws IOException {
        Path file = folder.resolve("huge.dat");
        try (RandomAccessFile huge = new RandomAccessFile(file.toFile(), "rw")) {
            huge.setLength(3L << 30);
        }
        assertThrows(IllegalArgumentException.class, () -> ImportanceMatrix.read(file));
        // One entry "a" that has all the rest of the file.
        ByteBuffer start = ByteBuffer.allocate(17).order(ByteOrder.LITTLE_ENDIAN);
        start.putInt(1).putInt(1).put((byte) 'a').putInt(1).putInt((3 << 28) - 32);
        try (RandomAccessFile huge = new RandomAccessFile(file.toFile(), "rw")) {
            huge.write(start.array());
        }
        String message = assertThrows(IllegalArgumentException.class, () -> ImportanceMatrix.read(file))
                .getMessage();
        assertTrue(message.contains("expected 1 to 536870903") || message.contains("of heap"), message);
    }
}
