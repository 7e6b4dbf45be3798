package dev.lathe.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/** A file in the making, written front to back. Every failure names the target. */
public final class OutputFile implements WritableByteChannel {
    private final Path target;
    private final FileChannel channel;

    OutputFile(Path target, FileChannel channel) {
        this.target = target;
        this.channel = channel;
    }

    /** How many bytes were written. */
    public long position() throws IOException {
        return channel.position();
    }

    /** Writes all of the buffer. */
    @Override
    public int write(ByteBuffer source) throws IOException {
        int byteCount = source.remaining();
        try {
            while (source.hasRemaining()) {
                channel.write(source);
            }
        } catch (IOException failure) {
            throw InputFile.explain(target, failure);
        }
        return byteCount;
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    /** Makes sure that the bytes are on the disk. The file stays open, and locked, until {@link StagedFiles} is closed. */
    @Override
    public void close() throws IOException {
        try {
            channel.force(true);
        } catch (IOException failure) {
            throw InputFile.explain(target, failure);
        }
    }
}
