package dev.lathe.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A lock that at most one thread of all processes has; it ends with its process. */
record BlobLock(FileChannel channel) implements AutoCloseable {
    private static final long POLL_MILLIS = 50;

    /** Waits for it. */
    static BlobLock acquire(Path file) throws IOException, InterruptedException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            while (!isLocked(channel)) {
                Thread.sleep(POLL_MILLIS);
            }
            return new BlobLock(channel);
        } catch (IOException | InterruptedException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException _) { // another thread of this process has it
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
