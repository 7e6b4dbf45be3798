package dev.lathe.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagedFilesTest {
    @TempDir
    private Path folder;

    /** What a program that ends while it writes does. */
    static final class EndsWhileWriting {
        private EndsWhileWriting() {}

        public static void main(String[] arguments) throws Exception {
            StagedFiles staged = new StagedFiles();
            Files.writeString(staged.add(Path.of(arguments[0])), "half");
            System.exit(3);
        }
    }

    @Test
    void aProgramThatEndsWhileItWritesLeavesNothing() throws Exception {
        Path target = Files.writeString(folder.resolve("model.gguf"), "as it was");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        "target/classes:target/test-classes",
                        EndsWhileWriting.class.getName(),
                        target.toString())
                .redirectErrorStream(true)
                .start();
        String out = new String(process.getInputStream().readAllBytes());
        assertEquals(3, process.waitFor(), out);
        assertEquals("as it was", Files.readString(target));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(target), files.toList());
        }
    }
}
