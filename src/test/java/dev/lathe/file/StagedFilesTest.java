package dev.lathe.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class StagedFilesTest {
    @TempDir
    private Path folder;

    /** What a program that ends while it writes does. */
    static final class EndsWhileWriting {
        private EndsWhileWriting() {}

        public static void main(String[] arguments) throws Exception {
            StagedFiles staged = new StagedFiles(List.of(Path.of(arguments[0])));
            staged.create(0).write(ByteBuffer.wrap("half".getBytes()));
            if (arguments.length == 2) {
                System.out.println("writing");
                Thread.sleep(60_000);
            }
            System.exit(3);
        }
    }

    /** Writes a megabyte and says what went wrong. */
    static final class WritesAMegabyte {
        private WritesAMegabyte() {}

        public static void main(String[] arguments) throws Exception {
            try (StagedFiles staged = new StagedFiles(List.of(Path.of(arguments[0])))) {
                staged.create(0).write(ByteBuffer.allocate(1 << 20));
            } catch (IOException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @Test
    void aProgramThatEndsWhileItWritesLeavesNothing() throws Exception {
        Path target = Files.writeString(folder.resolve("model.gguf"), "as it was");
        JavaProcess.Result result = JavaProcess.run(List.of(), EndsWhileWriting.class, target);
        assertEquals(3, result.exitCode(), result.output());
        assertEquals("as it was", Files.readString(target));
        assertEquals(List.of(target), files());
    }

    @Test
    void whatAKilledProgramLeavesIsRemovedByTheNextAndNotBefore() throws Exception {
        Path target = folder.resolve("model.gguf");
        Path another = Files.writeString(folder.resolve("model.gguf.part"), "somebody's own");
        Process process = JavaProcess.start(List.of(), List.of(), EndsWhileWriting.class, target, "wait");
        assertEquals('w', process.getInputStream().read());
        assertEquals(2, files().size());
        write(target, "while the other writes");
        assertEquals(3, files().size());
        process.destroyForcibly().waitFor();
        assertEquals(3, files().size());
        write(target, "after its end");
        assertEquals(List.of(target, another), files());
        assertEquals("after its end", Files.readString(target));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aFullDiskIsToldWithTheNameOfTheFile() throws Exception {
        Path target = folder.resolve("model.gguf");
        List<String> limited = List.of("bash", "-c", "ulimit -f 64; exec \"$0\" \"$@\"");
        JavaProcess.Result result =
                JavaProcess.end(JavaProcess.start(limited, List.of("-Xshare:auto"), WritesAMegabyte.class, target));
        assertTrue(result.output().contains(target + ": File too large"), result.output());
        assertEquals(List.of(), files());
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void onlyRegularFilesAreReplaced() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        Path device = Files.createSymbolicLink(folder.resolve("device"), Path.of("/dev/null"));
        Path inner = Files.createDirectory(folder.resolve("folder"));
        Path circle = Files.createSymbolicLink(folder.resolve("circle"), Path.of("circle"));
        List<Path> before = files();
        for (Path refused : List.of(pipe, device, Path.of("/dev/null"), inner, circle)) {
            FileSystemException failure = assertThrows(FileSystemException.class, () -> write(refused, "x"));
            assertEquals(refused.toString(), failure.getFile());
        }
        assertThrows(FileSystemException.class, () -> new StagedFiles(List.of(folder.resolve("first"), pipe)).close());
        assertEquals(before, files());
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aLinkIsFollowedAndStays() throws IOException {
        Path inner = Files.createDirectory(folder.resolve("inner"));
        Path target = Files.writeString(inner.resolve("model.gguf"), "old");
        Path second = Files.createSymbolicLink(folder.resolve("second"), Path.of("inner", "model.gguf"));
        Path first = Files.createSymbolicLink(folder.resolve("first"), second);
        write(first, "new");
        assertTrue(Files.isSymbolicLink(first) && Files.isSymbolicLink(second));
        assertEquals("new", Files.readString(target));
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), inner.resolve("made.gguf"));
        write(dangling, "made");
        assertEquals("made", Files.readString(inner.resolve("made.gguf")));
        assertTrue(Files.isSymbolicLink(dangling));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void permissionsStay() throws IOException {
        for (String permissions : List.of("rw-------", "rw-rw-r--", "r--r--r--")) {
            Path target = Files.writeString(folder.resolve(permissions), "old");
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString(permissions));
            write(target, "new");
            assertEquals("new", Files.readString(target));
            assertEquals(permissions, PosixFilePermissions.toString(Files.getPosixFilePermissions(target)));
        }
    }

    @Test
    void namesMayBeAsLongAsFileSystemsAllow() throws IOException {
        for (String name : List.of("a".repeat(255), "é".repeat(127), "a\uD83D\uDE00".repeat(51))) {
            Path target = folder.resolve(name);
            try {
                Files.writeString(target, "old");
            } catch (IOException tooLongHere) {
                assumeTrue(false, "skipped: this file system has shorter names");
            }
            write(target, "new");
            assertEquals("new", Files.readString(target));
            Files.delete(target);
        }
        assertEquals(List.of(), files());
    }

    @Test
    void anInterruptIsToldAndLeavesTheOldFile() throws IOException {
        Path target = Files.writeString(folder.resolve("model.gguf"), "old");
        Thread.currentThread().interrupt();
        InterruptedIOException failure = assertThrows(InterruptedIOException.class, () -> write(target, "new"));
        assertTrue(Thread.interrupted());
        assertEquals(target + ": the thread was interrupted", failure.getMessage());
        assertEquals("old", Files.readString(target));
        assertEquals(List.of(target), files());
    }

    private static void write(Path target, String text) throws IOException {
        try (StagedFiles staged = new StagedFiles(List.of(target))) {
            try (OutputFile file = staged.create(0)) {
                file.write(ByteBuffer.wrap(text.getBytes()));
            }
            staged.commit();
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }
}
