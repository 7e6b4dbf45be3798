package dev.lathe.retrieval;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A file that records are appended to. It begins with eight bytes that say so. A record is its body's length, a
 * checksum of the length, a checksum of the body (each 4 bytes, little-endian), and the body. What was appended is on
 * the disk when the call returns. A process that dies while it writes leaves a beginning of what it wrote; the next
 * opening cuts off the record that is not whole. Anything else that is not as it was written is refused, and so is a
 * file that another process has open. One thread at a time, but for {@link #read}.
 *
 * <p>The file is not read through a channel, which an interrupt would close.
 */
final class RecordLog implements AutoCloseable {
    /** What the file begins with. */
    static final byte[] MAGIC = "LATHEDS1".getBytes(StandardCharsets.US_ASCII);

    /** Bytes before a body. */
    static final int FRAME_BYTES = 12;

    private static final int BUFFER_BYTES = 4 << 20;

    /** What is told of each record while a file is opened. */
    interface Replay {
        /** A body, from the buffer's position to its limit; {@code position} is where it begins in the file. */
        void accept(ByteBuffer body, long position) throws IOException;
    }

    private final Path file;
    private final RandomAccessFile writer;
    private final RandomAccessFile reader; // guarded by itself
    private final int mostBytes;
    private long end;
    private boolean broken;

    private RecordLog(Path file, RandomAccessFile writer, RandomAccessFile reader, int mostBytes) {
        this.file = file;
        this.writer = writer;
        this.reader = reader;
        this.mostBytes = mostBytes;
    }

    /**
     * Opens a file, or makes it.
     *
     * @param mostBytes the longest body
     * @param replay told of all records in their order
     */
    static RecordLog open(Path file, int mostBytes, Replay replay) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new DatastoreException(file, "is no regular file: expected a datastore or a new name");
        }
        boolean isNew = !Files.exists(file);
        RandomAccessFile writer = new RandomAccessFile(file.toFile(), "rw");
        try {
            RandomAccessFile reader = new RandomAccessFile(file.toFile(), "r");
            try {
                RecordLog log = new RecordLog(file, writer, reader, mostBytes);
                log.lock();
                log.begin();
                log.replay(replay);
                log.cut();
                if (isNew) {
                    forceFolder(file);
                }
                return log;
            } catch (IOException | RuntimeException | Error failure) {
                reader.close();
                throw failure;
            }
        } catch (IOException | RuntimeException | Error failure) {
            writer.close();
            throw failure;
        }
    }

    private void lock() throws IOException {
        FileLock lock;
        try {
            lock = writer.getChannel().tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            throw new DatastoreException(file, "is open already: one datastore at a time has a file");
        }
    }

    /** Checks how the file begins, and makes the beginning where there is less than that. */
    private void begin() throws IOException {
        byte[] found = new byte[(int) Math.min(MAGIC.length, writer.length())];
        writer.readFully(found);
        if (!Arrays.equals(found, Arrays.copyOf(MAGIC, found.length))) {
            throw new DatastoreException(file, "is no datastore: expected one, or a new name");
        }
        if (found.length < MAGIC.length) {
            writer.seek(0);
            writer.write(MAGIC);
            writer.getFD().sync();
        }
        end = MAGIC.length;
    }

    /** A new file's name is on the disk when its folder is; where folders are no files, the system sees to it. */
    private static void forceFolder(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null
                && folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    private void replay(Replay replay) throws IOException {
        long size = writer.length();
        ByteBuffer buffer =
                ByteBuffer.allocate((int) Math.min(size, BUFFER_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        buffer.flip();
        CRC32C checksum = new CRC32C();
        while (size - end >= FRAME_BYTES) {
            buffer = filled(buffer, FRAME_BYTES, size);
            int length = buffer.getInt(buffer.position());
            if (buffer.getInt(buffer.position() + 4) != checksumOfLength(length) || length < 0 || length > mostBytes) {
                throw damaged("the length of a record");
            }
            if (size - end < FRAME_BYTES + (long) length) {
                return;
            }
            buffer = filled(buffer, FRAME_BYTES + length, size);
            int expected = buffer.getInt(buffer.position() + 8);
            ByteBuffer body =
                    buffer.slice(buffer.position() + FRAME_BYTES, length).order(ByteOrder.LITTLE_ENDIAN);
            checksum.reset();
            checksum.update(body.duplicate());
            if ((int) checksum.getValue() != expected) {
                throw damaged("a record");
            }
            replay.accept(body, end + FRAME_BYTES);
            buffer.position(buffer.position() + FRAME_BYTES + length);
            end += FRAME_BYTES + length;
        }
    }

    /** The buffer, or a larger one, with so many bytes from the end of what was replayed on. */
    private ByteBuffer filled(ByteBuffer buffer, int byteCount, long size) throws IOException {
        if (buffer.remaining() >= byteCount) {
            return buffer;
        }
        long next = end + buffer.remaining();
        ByteBuffer target = buffer;
        if (buffer.capacity() < byteCount) {
            target = ByteBuffer.allocate(byteCount)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .put(buffer);
        } else {
            target.compact();
        }
        int wanted = (int) Math.min(target.remaining(), size - next);
        writer.seek(next);
        writer.readFully(target.array(), target.position(), wanted);
        return target.position(target.position() + wanted).flip();
    }

    /** Cuts off a record that is not whole. */
    private void cut() throws IOException {
        if (writer.length() > end) {
            writer.setLength(end);
        }
    }

    private DatastoreException damaged(String what) {
        return new DatastoreException(
                file,
                what + " is damaged at byte " + end + ": restore the file from a copy, or cut it off there to keep what"
                        + " comes before");
    }

    private static int checksumOfLength(int length) {
        CRC32C checksum = new CRC32C();
        checksum.update(new byte[] {(byte) length, (byte) (length >> 8), (byte) (length >> 16), (byte) (length >> 24)});
        return (int) checksum.getValue();
    }

    /**
     * Appends records; when this returns they outlive the process and the machine's power. After a failure the file is
     * as it was.
     *
     * @return where each body begins
     * @throws IOException if they cannot be written
     */
    long[] append(List<byte[]> bodies) throws IOException {
        if (broken) {
            throw new DatastoreException(file, "has the rest of a failed write at its end: close and open it again");
        }
        try {
            return write(bodies);
        } catch (IOException | RuntimeException | Error failure) {
            broken = true;
            try {
                writer.setLength(end);
                writer.getFD().sync();
                broken = false;
            } catch (IOException alsoFailed) {
                failure.addSuppressed(alsoFailed);
            }
            throw failure;
        }
    }

    private long[] write(List<byte[]> bodies) throws IOException {
        long[] positions = new long[bodies.size()];
        long total =
                bodies.stream().mapToLong(body -> FRAME_BYTES + body.length).sum();
        ByteBuffer buffer =
                ByteBuffer.allocate((int) Math.min(BUFFER_BYTES, total)).order(ByteOrder.LITTLE_ENDIAN);
        CRC32C checksum = new CRC32C();
        long at = end;
        writer.seek(end);
        for (int i = 0; i < positions.length; i++) {
            byte[] body = bodies.get(i);
            if (buffer.remaining() < FRAME_BYTES + body.length) {
                writer.write(buffer.array(), 0, buffer.position());
                buffer.clear();
            }
            checksum.reset();
            checksum.update(body);
            if (buffer.remaining() < FRAME_BYTES + body.length) {
                buffer = ByteBuffer.allocate(FRAME_BYTES + body.length).order(ByteOrder.LITTLE_ENDIAN);
            }
            buffer.putInt(body.length).putInt(checksumOfLength(body.length)).putInt((int) checksum.getValue());
            buffer.put(body);
            positions[i] = at + FRAME_BYTES;
            at += FRAME_BYTES + body.length;
        }
        writer.write(buffer.array(), 0, buffer.position());
        writer.getFD().sync();
        end = at;
        return positions;
    }

    /** Bytes from a position on. Any thread. */
    byte[] read(long position, int byteCount) throws IOException {
        byte[] target = new byte[byteCount];
        synchronized (reader) {
            reader.seek(position);
            reader.readFully(target);
        }
        return target;
    }

    /** Bytes of all whole records, with what comes before them. */
    long end() {
        return end;
    }

    @Override
    public void close() throws IOException {
        try (writer) {
            synchronized (reader) {
                reader.close();
            }
        }
    }
}
