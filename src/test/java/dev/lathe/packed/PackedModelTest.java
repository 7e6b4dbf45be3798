package dev.lathe.packed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.ReferenceData;
import dev.lathe.Slow;
import dev.lathe.compress.Calibration;
import dev.lathe.compress.CompressionProgress;
import dev.lathe.compress.Recipe;
import dev.lathe.compress.Transform;
import dev.lathe.compress.prune.Prune;
import dev.lathe.compress.prune.Sparsity;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.file.JavaProcess;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A model from its packed file computes the same bits, and whatever happens to the file, never others. */
@Slow
class PackedModelTest {
    private static final Path SOURCE = Path.of("examples/models/lathe-java-draft-f16.gguf");

    @TempDir
    private Path folder;

    private LoadOptions options() {
        return LoadOptions.DEFAULT.packed(folder.resolve("packed"));
    }

    private static float[] logits(Path file, LoadOptions options) throws IOException {
        try (Model model = Model.load(file, options)) {
            return logits(model);
        }
    }

    private static float[] logits(Model model) {
        try (InferenceState state = model.newState(8, CacheType.F16)) {
            return state.forward(TokenBatch.allLogits(3, 1, 4, 1, 5)).data().clone();
        }
    }

    private static Path packed(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            List<Path> packed =
                    files.filter(file -> file.toString().endsWith(".packed")).toList();
            assertEquals(1, packed.size(), packed.toString());
            return packed.getFirst();
        }
    }

    private Path packed() throws IOException {
        return packed(folder.resolve("packed"));
    }

    @ParameterizedTest
    @EnumSource(names = {"Q4_0", "Q4_K", "Q5_K", "Q6_K", "Q8_0", "BF16", "F32"})
    void aPackedModelHasTheBitsOfItsFile(TensorType type) throws IOException {
        Path file = folder.resolve("model.gguf");
        try (var made = Model.compress(
                Path.of("examples/models/lathe-java-f16.gguf"),
                Recipe.of(Quantize.to(type)),
                LoadOptions.DEFAULT,
                CompressionProgress.NONE)) {
            made.save(file);
        }
        float[] expected = logits(file, LoadOptions.DEFAULT);
        assertArrayEquals(expected, logits(file, options()), "when it is made");
        FileTime made = Files.getLastModifiedTime(packed());
        assertArrayEquals(expected, logits(file, options()), "when it is read");
        assertEquals(made, Files.getLastModifiedTime(packed()), "the second load must not pack");
    }

    /** Whole blocks, or some of every four weights, are absent. */
    @Test
    void sparseModelsArePackedTooAndReadUnderALimit() throws IOException {
        Path file = folder.resolve("model.gguf");
        for (Transform sparse : List.of(
                Prune.magnitude(Sparsity.of(2, 4)).compact(), Prune.blocks(0.3).withoutCompensation())) {
            try (var made = Model.compress(
                    SOURCE,
                    Recipe.of(sparse)
                            .calibratedOn(Calibration.text(Path.of("examples/models/corpus.txt"))
                                    .sequences(1)),
                    LoadOptions.DEFAULT,
                    CompressionProgress.NONE)) {
                made.save(file);
            }
            float[] expected = logits(file, LoadOptions.DEFAULT);
            assertArrayEquals(expected, logits(file, options()), "when it is made");
            long all;
            try (Model model = Model.load(file, options())) {
                assertArrayEquals(expected, logits(model), "when it is read");
                all = model.loadReport().weightBytes();
            }
            try (Model model = Model.load(file, options().weightMemory(all * 9 / 10))) {
                assertArrayEquals(expected, logits(model), "under a limit");
                assertTrue(model.weightStreaming().orElseThrow().streamedLayers() > 0);
            }
        }
    }

    @Test
    void aFolderAndLargeNumbersArePackedToo() throws IOException {
        Path llama = ReferenceData.require("hf").resolve("llama");
        assumeTrue(Files.isDirectory(llama), "no folder of a Llama model in the reference data");
        float[] expected = logits(llama, LoadOptions.DEFAULT);
        assertArrayEquals(expected, logits(llama, options()));
        assertArrayEquals(expected, logits(llama, options()));
    }

    @Test
    void theSameTensorsElsewhereShareTheFile() throws IOException {
        logits(SOURCE, options());
        FileTime made = Files.getLastModifiedTime(packed());
        Path copy = Files.copy(SOURCE, folder.resolve("copy.gguf"));
        logits(copy, options());
        assertEquals(made, Files.getLastModifiedTime(packed()));
    }

    @Test
    void aSourceThatIsReplacedInPlaceIsSeen() throws IOException {
        Path file = Files.copy(SOURCE, folder.resolve("model.gguf"));
        FileTime modified = Files.getLastModifiedTime(file);
        logits(file, options());
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.READ)) {
            ByteBuffer half = ByteBuffer.allocate(2);
            channel.read(half, channel.size() - 100_000);
            half.put(0, (byte) (half.get(0) ^ 1));
            channel.write(half.flip(), channel.size() - 100_000);
        }
        Files.setLastModifiedTime(file, modified);
        float[] expected = logits(file, LoadOptions.DEFAULT);
        assertArrayEquals(expected, logits(file, options()));
    }

    @Test
    void aFileOfAnyLengthIsMadeAnew() throws IOException {
        float[] expected = logits(SOURCE, options());
        Path file = packed();
        long whole = Files.size(file);
        Random random = new Random(1);
        long[] lengths = {0, 1, 4095, 4096, whole / 2, whole - 1, random.nextLong(whole)};
        for (long length : lengths) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(length);
            }
            assertArrayEquals(expected, logits(SOURCE, options()), "cut to " + length);
            assertEquals(whole, Files.size(file), "cut to " + length);
        }
    }

    @Test
    void aBitThatIsWrongAnywhereIsSeen() throws IOException {
        float[] expected = logits(SOURCE, options());
        Path file = packed();
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(2);
        for (int i = 0; i < 40; i++) {
            byte[] wrong = whole.clone();
            int at =
                    switch (i % 4) {
                        case 0 -> random.nextInt(PackedFile.HEADER_BYTES);
                        case 1 -> PackedTable.ALIGNMENT + random.nextInt(1_000_000);
                        case 2 -> whole.length - 1 - random.nextInt(PackedFile.TRAILER_BYTES);
                        default -> whole.length - 1 - random.nextInt(2_000);
                    };
            wrong[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, wrong);
            assertArrayEquals(expected, logits(SOURCE, options()), "byte " + at);
        }
        assertArrayEquals(whole, Files.readAllBytes(file), "what is made anew is the same");
    }

    @Test
    void anotherModelsFileInItsPlaceIsNotComputedWith() throws IOException {
        Path other = folder.resolve("other");
        logits(Path.of("examples/models/lathe-java-f16.gguf"), LoadOptions.DEFAULT.packed(other));
        float[] expected = logits(SOURCE, options());
        Files.copy(packed(other), packed(), StandardCopyOption.REPLACE_EXISTING);
        assertArrayEquals(expected, logits(SOURCE, options()));
    }

    @Test
    void aFileThatIsDeletedOrCutWhileTheModelRunsChangesNothing() throws IOException {
        logits(SOURCE, options());
        try (Model model = Model.load(SOURCE, options())) {
            float[] expected = logits(model);
            try (FileChannel channel = FileChannel.open(packed(), StandardOpenOption.WRITE)) {
                channel.truncate(100);
            }
            assertArrayEquals(expected, logits(model));
            Files.delete(packed());
            assertArrayEquals(expected, logits(model));
        }
    }

    @Test
    void aFolderThatCannotBeWrittenIsOneExceptionThatNamesIt() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        LoadOptions options = LoadOptions.DEFAULT.packed(file);
        IOException refused = assertThrows(IOException.class, () -> Model.load(SOURCE, options));
        assertTrue(refused.getMessage().contains(file.toString()), refused.getMessage());
    }

    @Test
    void aFileThatMayNotBeReadIsOneExceptionThatNamesIt() throws IOException {
        logits(SOURCE, options());
        Path file = packed();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
        assumeTrue(!Files.isReadable(file), "this user may read everything");
        IOException refused = assertThrows(IOException.class, () -> Model.load(SOURCE, options()));
        assertTrue(refused.getMessage().contains(file.toString()), refused.getMessage());
    }

    @Test
    void aFullDiskIsOneExceptionAndLeavesNothing() throws Exception {
        Path packed = folder.resolve("packed");
        // A limit on the size of files fails writes as a full disk does.
        Process process = JavaProcess.start(
                List.of("sh", "-c", "trap '' XFSZ; ulimit -f 1000; exec \"$@\"", "sh"), List.of(), Loads.class, packed);
        String output = new String(process.getInputStream().readAllBytes());
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), output);
        assertTrue(output.contains(FileSystemException.class.getName()) && output.contains(".packed"), output);
        try (var files = Files.list(packed)) {
            assertEquals(
                    List.of(),
                    files.filter(file -> !file.toString().endsWith(".known")).toList());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 30, 100, 200, 400})
    void aKilledWriterLeavesNoFileThatIsComputedWith(long millis) throws Exception {
        Path packed = folder.resolve("packed");
        Process process = JavaProcess.start(List.of(), List.of(), Loads.class, packed);
        assertEquals('l', process.getInputStream().read());
        Thread.sleep(millis);
        process.destroyForcibly().waitFor();
        float[] expected = logits(SOURCE, LoadOptions.DEFAULT);
        assertArrayEquals(expected, logits(SOURCE, options()));
        assertArrayEquals(expected, logits(SOURCE, options()));
        try (var files = Files.list(packed)) {
            assertFalse(
                    files.anyMatch(file -> file.toString().endsWith(".part")), "the next writer removes what is left");
        }
    }

    /** Loads a model with packed weights in a folder, again and again from its file. */
    static final class Loads {
        private Loads() {}

        public static void main(String[] arguments) throws IOException {
            System.out.println("loading");
            System.out.flush();
            for (int i = 0; i < 20; i++) {
                Path folder = Path.of(arguments[0]);
                try {
                    logits(SOURCE, LoadOptions.DEFAULT.packed(folder));
                } catch (IOException e) {
                    System.out.println(e);
                    return;
                }
                Files.deleteIfExists(packed(folder));
            }
        }
    }
}
