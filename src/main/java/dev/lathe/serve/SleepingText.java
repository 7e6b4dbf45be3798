package dev.lathe.serve;

import dev.lathe.model.InferenceState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keys and values of a text in a file, which is deleted when this is closed. */
final class SleepingText implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;
    private final int positions;

    private SleepingText(Path file, FileChannel channel, int positions) {
        this.file = file;
        this.channel = channel;
        this.positions = positions;
    }

    /**
     * Writes what a state holds.
     *
     * @param folder where the file is made
     * @throws UncheckedIOException if it cannot be written; the state is unchanged
     */
    static SleepingText of(InferenceState state, Path folder) {
        try {
            Path file = Files.createTempFile(folder, "lathe-text", ".kv");
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
            SleepingText text = new SleepingText(file, channel, state.length());
            try {
                state.snapshot().write(channel);
                return text;
            } catch (IOException | RuntimeException | Error failure) {
                text.close();
                throw failure;
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(
                    "keys and values of " + state.length() + " positions cannot be written to the folder " + folder
                            + ": give EngineOptions.sleepFolder one with room, or EngineOptions.cacheBytes more",
                    failure);
        }
    }

    long byteCount() {
        try {
            return channel.size();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Makes a state hold what was written. */
    void read(InferenceState target) {
        try {
            channel.position(0);
            target.read(channel);
        } catch (IOException failure) {
            throw new UncheckedIOException(
                    "keys and values of " + positions + " positions cannot be read from " + file, failure);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
