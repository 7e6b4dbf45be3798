package dev.lathe.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class InputFileTest {
    @TempDir
    private Path folder;

    @Test
    void anInterruptIsOneExceptionThatSaysSo() throws IOException {
        Path path = Files.write(folder.resolve("file"), new byte[100]);
        interrupted(path, () -> InputFile.readAll(path, 100));
        Optional<InputFile> around = InputFile.openAround(path);
        if (around.isPresent()) { // where the file system can
            around.get().close();
            interrupted(path, () -> InputFile.openAround(path));
        }
        try (InputFile file = InputFile.open(path)) {
            interrupted(path, () -> file.map(0, 10, Arena.ofAuto()));
            // The interrupt closed the file; another thread is told that, and not that it was interrupted.
            assertThrows(FileSystemException.class, () -> file.map(0, 10, Arena.ofAuto()));
        }
    }

    @Test
    void aFileThatFailsToCloseKeepsNoOtherOpen() throws IOException {
        List<InputFile> files = new ArrayList<>();
        List<Closeable> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            String name = "file " + i;
            files.add(InputFile.open(Files.write(folder.resolve(name), new byte[1])));
            all.add(files.getLast());
            all.add(() -> {
                throw new IOException(name);
            });
        }
        UncheckedIOException failure = assertThrows(UncheckedIOException.class, () -> InputFile.closeAll(all));
        assertEquals("file 0", failure.getCause().getMessage());
        assertEquals(2, failure.getSuppressed().length);
        files.forEach(file -> assertFalse(file.isOpen()));
    }

    /** Whichever of several threads is interrupted, all of them end. */
    @Test
    @Timeout(120)
    @Slow
    void anInterruptOfOneOfManyReadersEndsThemAll() throws Exception {
        Path path = Files.write(folder.resolve("file"), new byte[100]);
        for (int round = 0; round < 300; round++) {
            try (InputFile file = InputFile.open(path)) {
                List<Thread> readers = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    readers.add(Thread.ofPlatform().daemon().start(() -> mapUntilClosed(file)));
                }
                Thread.sleep(1);
                readers.getFirst().interrupt();
                for (Thread reader : readers) {
                    assertTrue(reader.join(Duration.ofSeconds(20)), "a reader hangs in round " + round);
                }
            }
        }
    }

    private static void mapUntilClosed(InputFile file) {
        while (file.isOpen()) {
            try (Arena arena = Arena.ofConfined()) {
                file.map(0, 10, arena);
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void interrupted(Path path, Executable reading) {
        Thread.currentThread().interrupt();
        InterruptedIOException failure = assertThrows(InterruptedIOException.class, reading);
        assertTrue(Thread.interrupted());
        assertEquals(path + ": the thread was interrupted", failure.getMessage());
    }

    @Test
    void aFileThatBecameShorterIsTold() throws IOException {
        Path path = Files.write(folder.resolve("file"), new byte[100]);
        try (InputFile file = InputFile.open(path)) {
            file.requireWhole();
            try (RandomAccessFile shorter = new RandomAccessFile(path.toFile(), "rw")) {
                shorter.setLength(50);
            }
            String message = assertThrows(FileSystemException.class, () -> file.map(0, 10, Arena.ofAuto()))
                    .getMessage();
            assertTrue(message.contains(path + ": was shortened from 100 to 50 bytes"), message);
            assertThrows(FileSystemException.class, file::requireWhole);
        }
    }

    @Test
    void allBytesAreReadUpToALimit() throws IOException {
        Path path = Files.write(folder.resolve("file"), new byte[] {1, 2, 3});
        assertArrayEquals(new byte[] {1, 2, 3}, InputFile.readAll(path, 3));
        assertThrows(FileSystemException.class, () -> InputFile.readAll(path, 2));
        try (InputFile file = InputFile.open(path)) {
            ByteBuffer longer = ByteBuffer.allocate(5);
            file.fill(longer);
            assertEquals(3, longer.position());
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void whatIsNoRegularFileIsNotOpened() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        assertThrows(FileSystemException.class, () -> InputFile.open(pipe));
        assertThrows(FileSystemException.class, () -> InputFile.open(folder));
        assertThrows(FileSystemException.class, () -> InputFile.open(folder.resolve("absent")));
    }
}
