package dev.lathe.model.cache;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;

/**
 * Pages in a file that this process alone knows: its name is removed as soon as it is open. Each tile of each head has a
 * checksum in memory, which every read verifies. Thread-safe; an interrupt does not close it.
 */
final class PageFile implements AutoCloseable {
    static final long NOWHERE = -1;

    private final RandomAccessFile file; // guarded by this
    private final Map<Long, Deque<Long>> free = new HashMap<>(); // places by their size
    private long end;

    PageFile(Path folder) throws IOException {
        Path path = Files.createTempFile(folder, "lathe-", ".pages");
        try {
            file = new RandomAccessFile(path.toFile(), "rw");
        } finally {
            Files.delete(path);
        }
    }

    /** Copies a page to the file. */
    FilePage write(KvPage page, Object owner, AtomicLong readBytes) throws IOException {
        long size = page.byteCount();
        int blocks = page.blocks();
        List<MemorySegment> contents = page.contents();
        byte[] bytes = new byte[Math.toIntExact(size)];
        int[] checksums = new int[contents.size() * blocks];
        int at = 0;
        for (int segment = 0; segment < contents.size(); segment++) {
            MemorySegment content = contents.get(segment);
            MemorySegment.copy(content, ValueLayout.JAVA_BYTE, 0, bytes, at, (int) content.byteSize());
            int blockBytes = (int) content.byteSize() / blocks;
            for (int block = 0; block < blocks; block++) {
                checksums[segment * blocks + block] = checksum(bytes, at + block * blockBytes, blockBytes);
            }
            at += (int) content.byteSize();
        }
        long offset = write(bytes);
        return new FilePage(page, this, offset, checksums, owner, readBytes);
    }

    private synchronized long write(byte... bytes) throws IOException {
        Deque<Long> places = free.get((long) bytes.length);
        long offset = places == null || places.isEmpty() ? end : places.peek();
        file.seek(offset);
        file.write(bytes);
        if (offset == end) {
            end += bytes.length;
        } else {
            places.poll();
        }
        return offset;
    }

    synchronized void free(long offset, long size) {
        free.computeIfAbsent(size, any -> new ArrayDeque<>()).add(offset);
    }

    /** Reads some bytes that were written. */
    void read(long offset, MemorySegment target, int checksum) {
        byte[] bytes = new byte[Math.toIntExact(target.byteSize())];
        try {
            synchronized (this) {
                file.seek(offset);
                file.readFully(bytes);
            }
            if (checksum(bytes, 0, bytes.length) != checksum) {
                throw new IOException("what was read is not what was written");
            }
        } catch (EOFException e) {
            throw unreadable("the file was cut off", e);
        } catch (IOException e) {
            throw unreadable(e.getMessage(), e);
        }
        MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, 0, bytes.length);
    }

    private static UncheckedIOException unreadable(String why, IOException e) {
        return new UncheckedIOException(
                "keys and values that were moved to a file cannot be read: " + why + "; evaluate the text anew", e);
    }

    private static int checksum(byte[] bytes, int from, int count) {
        CRC32C sum = new CRC32C();
        sum.update(bytes, from, count);
        return (int) sum.getValue();
    }

    @Override
    public synchronized void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
