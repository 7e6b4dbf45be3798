package dev.lathe.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.ReferenceData;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufFileTest {
    @TempDir
    private Path folder;

    @Test
    void opensEveryReferenceFile() throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.walk(ReferenceData.require("."))) {
            files = found.filter(path -> path.toString().endsWith(".gguf"))
                    .filter(path -> !path.toString().contains("hostile"))
                    .toList();
        }
        assertFalse(files.isEmpty());
        for (Path path : files) {
            try (GgufFile file = GgufFile.open(path)) {
                assertEquals(Files.size(path), file.byteCount());
                Metadata metadata = file.metadata();
                if (!metadata.contains("tokenizer.ggml.tokens")) {
                    continue; // no model, such as an adapter
                }
                int vocabularySize = metadata.strings("tokenizer.ggml.tokens").size();
                String architecture = metadata.string("general.architecture");
                boolean onlyVocabulary = path.getFileName().toString().startsWith("ggml-vocab");
                assertEquals(onlyVocabulary, file.tensors().isEmpty(), path.toString());
                if (!onlyVocabulary) {
                    TensorInfo embedding = file.tensor("token_embd.weight").orElseThrow();
                    assertEquals(metadata.integer(architecture + ".embedding_length"), embedding.dimension(0));
                    assertEquals(vocabularySize, embedding.dimension(1));
                    assertEquals(1, embedding.dimension(2));
                    checkFirstAndLastBytes(file);
                }
            }
        }
    }

    /** Norm weights are numbers near 1: they show that the offsets are right. */
    private static void checkFirstAndLastBytes(GgufFile file) throws IOException {
        for (TensorInfo tensor : file.tensors()) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment bytes = file.map(tensor, arena);
                assertEquals(tensor.byteCount(), bytes.byteSize());
                assertTrue(bytes.isReadOnly());
                if (tensor.type() == TensorType.F32) {
                    float last = bytes.get(ValueLayout.JAVA_FLOAT_UNALIGNED, bytes.byteSize() - Float.BYTES);
                    assertTrue(Math.abs(last) < 100, tensor.name() + " ends with " + last);
                }
            }
        }
    }

    @Test
    void refusesAModelCutAnywhere() throws IOException {
        byte[] model = Files.readAllBytes(ReferenceData.require("stories260k.gguf"));
        for (int part = 0; part < 64; part++) {
            int length = (int) (model.length * (long) part / 64);
            Path cut = Files.write(folder.resolve("cut.gguf"), Arrays.copyOf(model, length));
            GgufException thrown = assertThrows(GgufException.class, () -> GgufFile.open(cut), "cut at " + length);
            assertTrue(thrown.getMessage().startsWith(cut.toString()), thrown.getMessage());
            assertTrue(thrown.getMessage().contains("cut off"), thrown.getMessage());
            assertTrue(thrown.byteOffset() >= 0);
        }
        assertNothingStaysOpen("cut.gguf");
    }

    @Test
    void mapsAnyRangeOfATensorAndReleasesItWithTheArena() throws IOException {
        byte[] content = new byte[100_000];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (i * 31 >> 4);
        }
        Path path = folder.resolve("range.gguf");
        GgufWriter.to(path)
                .tensor("before", TensorType.I8, List.of(7L), channel -> channel.write(ByteBuffer.allocate(7)))
                .tensor("t", TensorType.I8, List.of(1000L, 100L), GgufWriter.Content.of(MemorySegment.ofArray(content)))
                .write();
        try (GgufFile file = GgufFile.open(path)) {
            TensorInfo tensor = file.tensor("t").orElseThrow();
            for (int[] range : new int[][] {{0, 1}, {1, 4096}, {4095, 4097}, {99_999, 1}, {100_000, 0}, {5000, 0}}) {
                MemorySegment released;
                try (Arena arena = Arena.ofConfined()) {
                    released = file.map(tensor, range[0], range[1], arena);
                    assertArrayEquals(
                            Arrays.copyOfRange(content, range[0], range[0] + range[1]),
                            released.toArray(ValueLayout.JAVA_BYTE));
                }
                assertFalse(released.scope().isAlive());
                assertEquals(0, mappings("range.gguf"));
            }
            try (Arena arena = Arena.ofConfined()) {
                assertThrows(IndexOutOfBoundsException.class, () -> file.map(tensor, 99_999, 2, arena));
                assertThrows(IndexOutOfBoundsException.class, () -> file.map(tensor, -1, 1, arena));
                assertThrows(IndexOutOfBoundsException.class, () -> file.map(tensor, 0, -1, arena));
                TensorInfo other = new TensorInfo("t", TensorType.F32, List.of(1L), 0, 0);
                assertThrows(IllegalArgumentException.class, () -> file.map(other, arena));
            }
        }
    }

    @Test
    void keepsMappingsValidAfterItIsClosed() throws IOException {
        Path path = folder.resolve("closed.gguf");
        byte[] content = {1, 2, 3, 4};
        GgufWriter.to(path)
                .tensor("t", TensorType.I8, List.of(4L), GgufWriter.Content.of(MemorySegment.ofArray(content)))
                .write();
        try (Arena arena = Arena.ofConfined()) {
            GgufFile file = GgufFile.open(path);
            TensorInfo tensor = file.tensors().getFirst();
            MemorySegment mapped = file.map(tensor, arena);
            file.close();
            assertArrayEquals(content, mapped.toArray(ValueLayout.JAVA_BYTE));
            assertThrows(IOException.class, () -> file.map(tensor, arena));
        }
        assertNothingStaysOpen("closed.gguf");
    }

    @Test
    void tellsIoFailuresFromBadContent() throws IOException {
        assertThrows(NoSuchFileException.class, () -> GgufFile.open(folder.resolve("absent.gguf")));
        FileSystemException thrown = assertThrows(FileSystemException.class, () -> GgufFile.open(folder));
        assertEquals("not a regular file", thrown.getReason());
        Path empty = Files.createFile(folder.resolve("empty.gguf"));
        assertThrows(GgufException.class, () -> GgufFile.open(empty));
    }

    @Test
    void opensNothingLargerThanItsHeaderBound() throws IOException {
        Path sparse = folder.resolve("sparse.gguf");
        Files.write(
                sparse,
                GgufBytes.start(3, 0, 1)
                        .array("k", MetadataType.STRING, 1L << 30)
                        .toArray());
        try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
            file.setLength(1L << 36);
        }
        GgufException thrown = assertThrows(GgufException.class, () -> GgufFile.open(sparse));
        assertTrue(thrown.getMessage().contains("k reaches beyond the first 67108864 bytes"), thrown.getMessage());
        assertNothingStaysOpen("sparse.gguf");
    }

    @Test
    void joinsASplitSet() throws IOException {
        Path first = writePart(0, 3, 3, 0);
        writePart(1, 3, 3, 1);
        writePart(2, 3, 3, 2);
        try (GgufFile file = GgufFile.open(first);
                Arena arena = Arena.ofConfined()) {
            assertEquals(
                    List.of("t0", "t1", "t2"),
                    file.tensors().stream().map(TensorInfo::name).toList());
            for (int i = 0; i < 3; i++) {
                TensorInfo tensor = file.tensor("t" + i).orElseThrow();
                assertEquals(i, tensor.fileIndex());
                assertEquals(i, file.map(tensor, arena).get(ValueLayout.JAVA_BYTE, 0));
            }
            assertEquals(List.of("name0"), List.copyOf(file.metadata().keys()));
            assertEquals(3 * Files.size(first), file.byteCount());
        }
        assertNothingStaysOpen(".gguf");
    }

    @Test
    void refusesASplitSetThatIsIncompleteOrMixed() throws IOException {
        Path first = writePart(0, 2, 2, 0);
        assertThrows(NoSuchFileException.class, () -> GgufFile.open(first));

        Path second = writePart(1, 2, 2, 1);
        refuses(second, second, "metadata split.no is 1, expected 0; open the first file");

        writePart(1, 3, 2, 1, second);
        refuses(first, second, "metadata split.count is 3, expected 2");

        writePart(0, 2, 2, 1, second);
        refuses(first, second, "metadata split.no is 0, expected 1");

        writePart(1, 2, 2, 0, second);
        refuses(first, second, "tensor t0 is in two files");

        writePart(1, 2, 2, 1, second);
        writePart(0, 2, 5, 0, first);
        refuses(first, first, "metadata split.tensors.count is 5, expected 2");

        Path renamed = Files.move(first, folder.resolve("model.gguf"));
        refuses(renamed, renamed, "name must end with -00001-of-00002.gguf");

        Files.write(second, new byte[100]);
        Path again = writePart(0, 2, 2, 0);
        refuses(again, second, "magic is 0x00000000");
        assertNothingStaysOpen(".gguf");
    }

    private static void refuses(Path opened, Path blamed, String message) {
        GgufException thrown = assertThrows(GgufException.class, () -> GgufFile.open(opened));
        assertTrue(thrown.getMessage().contains(message), thrown.getMessage());
        assertTrue(thrown.getMessage().startsWith(blamed.toString()), thrown.getMessage());
    }

    private Path writePart(int index, int count, int tensorCount, int tensor) throws IOException {
        Path path = folder.resolve("m-%05d-of-%05d.gguf".formatted(index + 1, count));
        writePart(index, count, tensorCount, tensor, path);
        return path;
    }

    /** One tensor {@code tN} of one byte N. */
    private static void writePart(int index, int count, int tensorCount, int tensor, Path path) throws IOException {
        Metadata metadata = Metadata.builder()
                .put("split.no", new MetadataValue.IntegerValue(MetadataType.UINT16, index))
                .put("split.count", new MetadataValue.IntegerValue(MetadataType.UINT16, count))
                .put("split.tensors.count", new MetadataValue.IntegerValue(MetadataType.INT32, tensorCount))
                .bool("name" + index, true)
                .build();
        MemorySegment content = MemorySegment.ofArray(new byte[] {(byte) tensor});
        GgufWriter.to(path)
                .metadata(metadata)
                .tensor("t" + tensor, TensorType.I8, List.of(1L), GgufWriter.Content.of(content))
                .write();
    }

    private static void assertNothingStaysOpen(String name) throws IOException {
        Path descriptors = Path.of("/proc/self/fd");
        Assumptions.assumeTrue(Files.isDirectory(descriptors), "skipped: open files are counted on Linux only");
        try (Stream<Path> all = Files.list(descriptors)) {
            assertEquals(0, all.filter(descriptor -> leadsTo(descriptor, name)).count(), "open files of " + name);
        }
        assertEquals(0, mappings(name));
    }

    private static boolean leadsTo(Path descriptor, String name) {
        try {
            return Files.readSymbolicLink(descriptor).toString().endsWith(name);
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    private static long mappings(String name) throws IOException {
        Path maps = Path.of("/proc/self/maps");
        return Files.isReadable(maps)
                ? Files.readAllLines(maps).stream()
                        .filter(line -> line.endsWith(name))
                        .count()
                : 0;
    }
}
