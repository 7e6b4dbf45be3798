package dev.lathe.file;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;

/**
 * A regular file that is read: front to back as a channel, or in parts by mappings. Every failure names the file.
 *
 * <p>An interrupt of a reading thread closes the file, as it closes every channel of Java: the thread gets an {@link
 * InterruptedIOException} and stays interrupted.
 *
 * <p>Mapping is thread-safe, and so is reading from a position; reading front to back is not. The mappings outlive the
 * file; their arenas own them.
 */
public final class InputFile implements ReadableByteChannel {
    /** What positions, addresses and sizes of reads {@linkplain #fillAround around the page cache} are multiples of. */
    public static final int DIRECT_BYTES = 4096;

    private final Path path;
    private final FileChannel channel;
    private final long byteCount;
    private final Object turn = new Object();

    private InputFile(Path path, FileChannel channel, long byteCount) {
        this.path = path;
        this.channel = channel;
        this.byteCount = byteCount;
    }

    /**
     * Closes files, each of them whatever becomes of the others.
     *
     * @throws UncheckedIOException the first failure, with the others as suppressed ones
     */
    public static void closeAll(Iterable<? extends Closeable> files) {
        UncheckedIOException failure = null;
        for (Closeable file : files) {
            try {
                file.close();
            } catch (IOException e) {
                if (failure == null) {
                    failure = new UncheckedIOException(e);
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /**
     * Opens a file.
     *
     * @throws IOException if it is absent, no regular file or not readable
     */
    public static InputFile open(Path path) throws IOException {
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw new FileSystemException(path.toString(), null, "not a regular file");
        }
        try {
            return opened(path, StandardOpenOption.READ);
        } catch (IOException failure) {
            throw explain(path, failure);
        }
    }

    /** Leaves nothing open if it fails. */
    private static InputFile opened(Path path, OpenOption... options) throws IOException {
        FileChannel channel = FileChannel.open(path, options);
        try {
            return new InputFile(path, channel, channel.size());
        } catch (IOException failure) {
            closeAfter(failure, channel);
            throw failure;
        }
    }

    private static void closeAfter(IOException failure, FileChannel channel) {
        try {
            channel.close();
        } catch (IOException alsoFailed) {
            failure.addSuppressed(alsoFailed);
        }
    }

    /**
     * Opens a file a second time, to read it {@linkplain #fillAround around the page cache} (O_DIRECT): each byte
     * comes from the disk, and none displaces what the system keeps in memory.
     *
     * @return empty where the system or the file's device cannot do that, or wants other than {@value #DIRECT_BYTES}
     *     bytes
     * @throws IOException if the file is absent or not readable
     */
    public static Optional<InputFile> openAround(Path path) throws IOException {
        Optional<OpenOption> direct = direct();
        if (direct.isEmpty() || Files.getFileStore(path).getBlockSize() > DIRECT_BYTES) {
            return Optional.empty();
        }
        try {
            return Optional.of(opened(path, StandardOpenOption.READ, direct.get()));
        } catch (UnsupportedOperationException e) {
            return Optional.empty();
        } catch (IOException failure) {
            if (failure instanceof FileSystemException refused && "Invalid argument".equals(refused.getReason())) {
                return Optional.empty(); // as a file system in memory says
            }
            throw explain(path, failure);
        }
    }

    /** ExtendedOpenOption.DIRECT by its name: the compiler warns of its module, and an image may lack that. */
    private static Optional<OpenOption> direct() {
        try {
            Object[] options =
                    Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants();
            return Arrays.stream(options)
                    .filter(option -> option.toString().equals("DIRECT"))
                    .map(OpenOption.class::cast)
                    .findFirst();
        } catch (ClassNotFoundException e) {
            return Optional.empty();
        }
    }

    /**
     * All bytes of a file.
     *
     * @throws IOException if it cannot be read, or has more bytes than {@code limit}
     */
    public static byte[] readAll(Path path, long limit) throws IOException {
        try (InputFile file = open(path)) {
            if (file.byteCount > Math.min(limit, Integer.MAX_VALUE - 8)) {
                throw new FileSystemException(
                        path.toString(), null, "has " + file.byteCount + " bytes, expected at most " + limit);
            }
            byte[] bytes = new byte[(int) file.byteCount];
            ByteBuffer target = ByteBuffer.wrap(bytes);
            file.fill(target);
            return Arrays.copyOf(bytes, target.position());
        }
    }

    /** The file. */
    public Path path() {
        return path;
    }

    /** How many bytes it had when it was opened. */
    public long byteCount() {
        return byteCount;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        try {
            return channel.read(target);
        } catch (IOException failure) {
            throw explain(path, failure);
        }
    }

    /** Reads until the buffer is full or the file ends. */
    public void fill(ByteBuffer target) throws IOException {
        while (target.hasRemaining() && read(target) >= 0) {
            // read() moved the buffer's position.
        }
    }

    /** Reads from a position on until the buffer is full or the file ends; several threads may at the same time. */
    public void fill(ByteBuffer target, long position) throws IOException {
        long next = position;
        try {
            for (int count; target.hasRemaining() && (count = channel.read(target, next)) >= 0; next += count) {
                // read() moved the buffer's position.
            }
        } catch (IOException failure) {
            throw explain(path, failure);
        }
    }

    /**
     * As {@link #fill(ByteBuffer, long)}, of a file that was {@linkplain #openAround opened} for it. Position, address
     * and room are multiples of {@value #DIRECT_BYTES}; at the end of the file less than the room is filled.
     */
    public void fillAround(ByteBuffer target, long position) throws IOException {
        try {
            for (int count = 0; target.hasRemaining() && count % DIRECT_BYTES == 0; ) {
                int more = channel.read(target, position + count);
                if (more < 0) {
                    return;
                }
                count += more;
            }
        } catch (IOException failure) {
            throw explain(path, failure);
        }
    }

    /**
     * Maps some bytes, read-only. Whoever shortens the file later makes reads of the mapping fail with an {@link
     * InternalError}; {@link #requireWhole} then says why.
     *
     * @throws IOException if the file is closed or no longer has these bytes
     */
    public MemorySegment map(long position, long byteCount, Arena arena) throws IOException {
        synchronized (turn) {
            requireWhole();
            try {
                return channel.map(MapMode.READ_ONLY, position, byteCount, arena);
            } catch (IOException failure) {
                throw explain(path, failure);
            }
        }
    }

    /**
     * Checks that the file has not been shortened since it was opened.
     *
     * @throws IOException if it has, with both sizes
     */
    public void requireWhole() throws IOException {
        long now;
        // One thread at a time: one that is interrupted closes the channel and waits for all others that are within it,
        // while it has the channel's own lock, which they may be waiting for.
        synchronized (turn) {
            try {
                now = channel.size();
            } catch (IOException failure) {
                throw explain(path, failure);
            }
        }
        if (now < byteCount) {
            throw new FileSystemException(
                    path.toString(),
                    null,
                    "was shortened from " + byteCount + " to " + now + " bytes while it was read; write a new file and"
                            + " move it into place instead");
        }
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** A failure that says which file and why, in place of one that may have no message. */
    static IOException explain(Path path, IOException failure) {
        if (failure instanceof FileSystemException) {
            return failure;
        }
        boolean interrupted = failure instanceof ClosedByInterruptException
                || failure instanceof ClosedChannelException
                        && Thread.currentThread().isInterrupted();
        IOException explained;
        if (interrupted) {
            explained = new InterruptedIOException(path + ": the thread was interrupted");
        } else if (failure instanceof ClosedChannelException) {
            explained = new FileSystemException(
                    path.toString(), null, "is closed already, perhaps by an interrupt of another thread that uses it");
        } else {
            explained = new FileSystemException(path.toString(), null, failure.getMessage());
        }
        explained.initCause(failure);
        return explained;
    }
}
