package dev.lathe.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.ReferenceData;
import dev.lathe.gguf.GgufWriter.Content;
import dev.lathe.gguf.MetadataValue.ArrayValue;
import dev.lathe.gguf.MetadataValue.NestedArray;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class GgufWriterTest {
    private static final byte[] FOUR_BYTES = {1, 2, 3, 4};
    private static final Content FOUR = Content.of(MemorySegment.ofArray(FOUR_BYTES));

    @TempDir
    private Path folder;

    @Test
    void writesTheBytesOfTheSpecification() throws IOException {
        Path path = folder.resolve("small.gguf");
        GgufWriter.to(path)
                .metadata(Metadata.builder().string("k", "v").build())
                .tensor("a", TensorType.F32, List.of(1L), FOUR)
                .tensor("b", TensorType.I8, List.of(2L, 2L), FOUR)
                .write();
        byte[] expected = GgufBytes.start(3, 2, 1)
                .key("k", MetadataType.STRING)
                .string("v")
                .tensor("a", TensorType.F32.id(), 0, 1)
                .tensor("b", TensorType.I8.id(), 32, 2, 2)
                .pad()
                .raw(FOUR_BYTES)
                .pad()
                .raw(FOUR_BYTES)
                .pad()
                .toArray();
        assertArrayEquals(expected, Files.readAllBytes(path));
    }

    @Test
    void copiesARealModelToTheSameTensorsAndMetadata() throws IOException {
        Path copy = folder.resolve("copy.gguf");
        Path original = ReferenceData.require("stories260k.gguf");
        try (GgufFile from = GgufFile.open(original)) {
            GgufWriter writer = GgufWriter.to(copy).metadata(from.metadata());
            for (TensorInfo tensor : from.tensors()) {
                writer.tensor(tensor.name(), tensor.type(), tensor.dimensions(), Content.of(from, tensor));
            }
            writer.write();
            try (GgufFile to = GgufFile.open(copy);
                    Arena arena = Arena.ofConfined()) {
                assertEquals(from.metadata(), to.metadata());
                assertEquals(from.tensors(), to.tensors());
                for (TensorInfo tensor : from.tensors()) {
                    assertEquals(-1, from.map(tensor, arena).mismatch(to.map(tensor, arena)), tensor.name());
                }
            }
        }
    }

    @Test
    void replacesAFileThatIsBeingRead() throws IOException {
        Path path = folder.resolve("model.gguf");
        GgufWriter.to(path).tensor("t", TensorType.I8, List.of(4L), FOUR).write();
        try (GgufFile old = GgufFile.open(path)) {
            TensorInfo tensor = old.tensors().getFirst();
            GgufWriter.to(path)
                    .tensor("first", TensorType.I8, List.of(4L), FOUR)
                    .tensor("t", TensorType.I8, List.of(4L), Content.of(old, tensor))
                    .write();
            try (GgufFile written = GgufFile.open(path)) {
                assertEquals(2, written.tensors().size());
            }
            try (Arena arena = Arena.ofConfined()) {
                assertEquals(-1, old.map(tensor, arena).mismatch(MemorySegment.ofArray(FOUR_BYTES)));
            }
        }
        assertEquals(List.of("model.gguf"), filesInFolder());
    }

    @Test
    void leavesTheOldFileWhereWritingFails() throws IOException {
        Path path = Files.writeString(folder.resolve("model.gguf"), "old");
        IOException broken = new IOException("broken");
        Content failing = channel -> {
            channel.write(ByteBuffer.wrap(FOUR_BYTES));
            throw broken;
        };
        GgufWriter writer = GgufWriter.to(path)
                .tensor("good", TensorType.I8, List.of(4L), FOUR)
                .tensor("bad", TensorType.I8, List.of(8L), failing);
        assertSame(broken, assertThrows(IOException.class, writer::write));
        assertEquals("old", Files.readString(path));
        assertEquals(List.of("model.gguf"), filesInFolder());

        Path directory = Files.createDirectory(folder.resolve("full"));
        Files.createFile(directory.resolve("file"));
        assertThrows(IOException.class, () -> GgufWriter.to(directory).write());
        assertEquals(List.of("full", "model.gguf"), filesInFolder());
        assertThrows(
                IOException.class,
                () -> GgufWriter.to(folder.resolve("absent/model.gguf")).write());
    }

    @Test
    void refusesAContentOfAnotherSize() throws IOException {
        for (long expected : new long[] {3, 5}) {
            Path path = folder.resolve("model.gguf");
            GgufWriter writer = GgufWriter.to(path).tensor("t", TensorType.I8, List.of(expected), FOUR);
            IllegalStateException thrown = assertThrows(IllegalStateException.class, writer::write);
            assertTrue(thrown.getMessage().contains("4 bytes, expected " + expected), thrown.getMessage());
            assertTrue(thrown.getMessage().startsWith("tensor t"), thrown.getMessage());
            assertEquals(List.of(), filesInFolder());
        }
    }

    @Test
    void refusesTensorsThatNoReaderTakes() {
        GgufWriter writer = GgufWriter.to(folder.resolve("model.gguf")).tensor("t", TensorType.I8, List.of(4L), FOUR);
        refuses(() -> writer.tensor("t", TensorType.I8, List.of(4L), FOUR), "tensor t was added before");
        refuses(() -> writer.tensor("", TensorType.I8, List.of(4L), FOUR), "empty name");
        refuses(() -> writer.tensor("n".repeat(64), TensorType.I8, List.of(4L), FOUR), "more than 63 bytes");
        refuses(() -> writer.tensor("u", TensorType.Q4_0, List.of(33L), FOUR), "multiple of 32");
        refuses(() -> writer.tensor("u", TensorType.I8, List.of(0L), FOUR), "dimension of 0");
        refuses(() -> writer.tensor("u", TensorType.I8, List.of(), FOUR), "0 dimensions");
    }

    @Test
    void refusesHeadersThatNoReaderTakes() throws IOException {
        ArrayValue deep = PrimitiveArray.of(1);
        for (int i = 0; i < Header.MAX_ARRAY_DEPTH; i++) {
            deep = new NestedArray(List.of(deep));
        }
        Metadata nested = Metadata.builder().put("deep", deep).build();
        refuses(() -> write(nested), "metadata deep nests arrays more than 8 deep");
        Metadata large = Metadata.builder()
                .floats("large", new float[Header.MAX_BYTES / 4])
                .build();
        refuses(() -> write(large), "a header has at most 67108864");
        Metadata unaligned = Metadata.builder().uint32("general.alignment", 48).build();
        assertThrows(GgufException.class, () -> write(unaligned));
        assertEquals(List.of(), filesInFolder());
    }

    private void write(Metadata metadata) throws IOException {
        GgufWriter.to(folder.resolve("model.gguf")).metadata(metadata).write();
    }

    private static void refuses(Executable action, String message) {
        IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, action);
        assertTrue(thrown.getMessage().contains(message), thrown.getMessage());
    }

    private List<String> filesInFolder() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
