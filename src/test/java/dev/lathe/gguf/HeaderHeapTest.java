package dev.lathe.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.file.JavaProcess;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small fields of a file can ask for many objects. */
@Slow
class HeaderHeapTest {
    private static final int COUNT = 400_000;

    @TempDir
    private Path folder;

    /** Opens files one after the other and tells what each gave. */
    static final class Opener {
        private Opener() {}

        public static void main(String[] paths) {
            for (String path : paths) {
                try (GgufFile file = GgufFile.open(Path.of(path))) {
                    System.out.println("opened " + file.metadata().keys().size());
                } catch (GgufException | IOException e) {
                    System.out.println(e.getMessage());
                }
            }
        }
    }

    @Test
    void aHeaderThatDoesNotFitTheHeapIsRefusedBeforeItTakesTheHeap() throws Exception {
        GgufBytes keys = GgufBytes.start(3, 0, COUNT);
        GgufBytes tensors = GgufBytes.start(3, COUNT, 0);
        GgufBytes arrays = GgufBytes.start(3, 0, 1).array("a", MetadataType.ARRAY, COUNT);
        GgufBytes strings = GgufBytes.start(3, 0, 1).array("s", MetadataType.STRING, 4 * COUNT);
        for (int i = 0; i < COUNT; i++) {
            keys.key(Integer.toString(i, 36), MetadataType.UINT8).u8(1);
            tensors.tensor(Integer.toString(i, 36), TensorType.I8.id(), 32L * i, 1);
            arrays.u32(MetadataType.UINT8.ordinal()).u64(0);
            strings.u64(0).u64(0).u64(0).u64(0);
        }
        Path small = folder.resolve("small");
        Files.write(
                small,
                GgufBytes.start(3, 0, 1).key("k", MetadataType.UINT8).u8(1).toArray());
        List<Path> files = List.of(
                write("keys", keys),
                write("tensors", tensors.raw(new byte[32 * COUNT])),
                write("arrays", arrays),
                write("strings", strings),
                small);
        JavaProcess.Result result =
                JavaProcess.run(List.of("-Xmx40m", "-XX:+UseSerialGC"), Opener.class, files.toArray());
        List<String> lines = result.output().lines().toList();
        assertEquals(files.size(), lines.size(), result.output());
        for (String line : lines.subList(0, files.size() - 1)) {
            assertTrue(line.contains(": the header needs more than 19 MiB of heap"), result.output());
        }
        assertEquals("opened 1", lines.getLast());
    }

    private Path write(String name, GgufBytes bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes.toArray());
    }
}
