package dev.lathe.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.ReferenceData;
import dev.lathe.gguf.GgufWriter.Content;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SplitWriterTest {
    private static final Metadata METADATA = Metadata.builder()
            .string("name", "a model")
            .uint32("general.alignment", 64)
            .build();

    @TempDir
    private Path folder;

    /** Tensors t0, t1, ...: tensor i has {@code 10 * i + 1} bytes i. */
    private GgufWriter writer(int tensors) {
        GgufWriter writer = GgufWriter.to(folder.resolve("model.gguf")).metadata(METADATA);
        for (int i = 0; i < tensors; i++) {
            byte[] bytes = new byte[10 * i + 1];
            Arrays.fill(bytes, (byte) i);
            writer.tensor(
                    "t" + i, TensorType.I8, List.of((long) bytes.length), Content.of(MemorySegment.ofArray(bytes)));
        }
        return writer;
    }

    private static void assertReadsBack(Path first, int tensors) throws IOException {
        try (GgufFile file = GgufFile.open(first);
                Arena arena = Arena.ofConfined()) {
            assertEquals(METADATA, file.metadata());
            assertEquals(tensors, file.tensors().size());
            for (int i = 0; i < tensors; i++) {
                MemorySegment bytes = file.map(file.tensors().get(i), arena);
                assertEquals("t" + i, file.tensors().get(i).name());
                assertEquals(10 * i + 1, bytes.byteSize());
                assertEquals(i, bytes.get(java.lang.foreign.ValueLayout.JAVA_BYTE, bytes.byteSize() - 1));
            }
        }
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void splitsByTensorsAndNamesTheFilesAsReadersExpect() throws IOException {
        List<Path> files = writer(5).maxTensorsPerFile(2).write();
        List<String> expected =
                List.of("model-00001-of-00003.gguf", "model-00002-of-00003.gguf", "model-00003-of-00003.gguf");
        assertEquals(expected, names());
        assertEquals(
                expected,
                files.stream().map(file -> file.getFileName().toString()).toList());
        assertReadsBack(files.getFirst(), 5);
    }

    @Test
    void keysAreOfTheTypesThatReadersExpect() throws IOException {
        writer(3).maxTensorsPerFile(2).write();
        Path second = folder.resolve("model-00002-of-00002.gguf");
        try (var channel = java.nio.channels.FileChannel.open(second)) {
            Metadata keys = HeaderReader.read(channel, Files.size(second), 1).metadata();
            assertEquals(
                    List.of("general.alignment", "split.no", "split.count", "split.tensors.count"),
                    List.copyOf(keys.keys()));
            assertEquals(
                    MetadataType.UINT16, keys.find("split.no").orElseThrow().type());
            assertEquals(
                    MetadataType.UINT16, keys.find("split.count").orElseThrow().type());
            assertEquals(
                    MetadataType.INT32,
                    keys.find("split.tensors.count").orElseThrow().type());
            assertEquals(1, keys.integer("split.no"));
            assertEquals(2, keys.integer("split.count"));
            assertEquals(3, keys.integer("split.tensors.count"));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {448, 449, 512, 700, 1024, 4096, 100_000})
    void noFileIsLargerThanAskedAndAllTogetherAreTheModel(long maxBytes) throws IOException {
        List<Path> files = writer(25).maxBytesPerFile(maxBytes).write();
        for (Path file : files) {
            assertTrue(Files.size(file) <= maxBytes, file + " has " + Files.size(file));
        }
        assertEquals(files.size(), names().size());
        assertEquals(maxBytes == 100_000, names().equals(List.of("model.gguf")));
        assertReadsBack(files.getFirst(), 25);
    }

    @ParameterizedTest
    @CsvSource({"100, the metadata alone makes a file of", "320, tensor t", "-1, expected at least 1"})
    void refusesFilesTooSmallForTheirContent(long maxBytes, String message) throws IOException {
        IllegalArgumentException thrown = assertThrows(
                IllegalArgumentException.class,
                () -> writer(25).maxBytesPerFile(maxBytes).write());
        assertTrue(thrown.getMessage().contains(message), thrown.getMessage());
        assertThrows(IllegalArgumentException.class, () -> writer(1).maxTensorsPerFile(0));
        assertEquals(List.of(), names());
    }

    @Test
    void afterAFailureEverythingIsAsItWas() throws IOException {
        Path second = Files.writeString(folder.resolve("model-00002-of-00003.gguf"), "old");
        Content failing = channel -> {
            throw new IOException("broken");
        };
        GgufWriter broken = writer(4).maxTensorsPerFile(2).tensor("last", TensorType.I8, List.of(1L), failing);
        assertThrows(IOException.class, broken::write);
        assertEquals(List.of(second.getFileName().toString()), names());

        Path third = Files.createDirectory(folder.resolve("model-00003-of-00003.gguf"));
        assertThrows(IOException.class, () -> writer(6).maxTensorsPerFile(2).write());
        assertEquals(List.of("model-00002-of-00003.gguf", "model-00003-of-00003.gguf"), names());
        assertEquals("old", Files.readString(second));

        Files.delete(third);
        List<Path> files = writer(6).maxTensorsPerFile(2).write();
        assertEquals(3, names().size());
        assertReadsBack(files.getFirst(), 6);
    }

    @Test
    void aRealModelComesBackWhole() throws IOException {
        Path original = ReferenceData.require("stories260k.gguf");
        try (GgufFile from = GgufFile.open(original)) {
            GgufWriter writer = GgufWriter.to(folder.resolve("stories")).metadata(from.metadata());
            for (TensorInfo tensor : from.tensors()) {
                writer.tensor(tensor.name(), tensor.type(), tensor.dimensions(), Content.of(from, tensor));
            }
            List<Path> files = writer.maxBytesPerFile(200_000).write();
            assertFalse(files.size() < 5);
            assertEquals("stories-00001-of-%05d.gguf".formatted(files.size()), names().getFirst());
            try (GgufFile to = GgufFile.open(files.getFirst());
                    Arena arena = Arena.ofConfined()) {
                assertEquals(from.metadata(), to.metadata());
                for (TensorInfo tensor : from.tensors()) {
                    TensorInfo copy = to.tensor(tensor.name()).orElseThrow();
                    assertEquals(-1, from.map(tensor, arena).mismatch(to.map(copy, arena)), tensor.name());
                }
            }
        }
    }
}
