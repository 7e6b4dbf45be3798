package dev.lathe.model.cache;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.List;

/** Moves pages and their shapes between memory and a channel, in this machine's byte order. Not thread-safe. */
public final class PageChannel {
    private static final int BUFFER = 1 << 20;

    private final ReadableByteChannel source; // or null
    private final WritableByteChannel target; // or null
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER).order(ByteOrder.nativeOrder());

    private PageChannel(ReadableByteChannel source, WritableByteChannel target) {
        this.source = source;
        this.target = target;
    }

    public static PageChannel of(ReadableByteChannel source) {
        return new PageChannel(source, null);
    }

    public static PageChannel of(WritableByteChannel target) {
        return new PageChannel(null, target);
    }

    public void writeInts(int... numbers) throws IOException {
        write(List.of(MemorySegment.ofArray(numbers)));
    }

    public int[] readInts(int count) throws IOException {
        int[] numbers = new int[count];
        read(List.of(MemorySegment.ofArray(numbers)));
        return numbers;
    }

    void write(List<MemorySegment> contents) throws IOException {
        for (MemorySegment segment : contents) {
            for (long from = 0; from < segment.byteSize(); from += BUFFER) {
                int count = (int) Math.min(BUFFER, segment.byteSize() - from);
                buffer.clear().limit(count);
                MemorySegment.copy(segment, from, MemorySegment.ofBuffer(buffer), 0, count);
                while (buffer.hasRemaining()) {
                    target.write(buffer);
                }
            }
        }
    }

    void read(List<MemorySegment> contents) throws IOException {
        for (MemorySegment segment : contents) {
            for (long from = 0; from < segment.byteSize(); from += BUFFER) {
                int count = (int) Math.min(BUFFER, segment.byteSize() - from);
                buffer.clear().limit(count);
                while (buffer.hasRemaining()) {
                    if (source.read(buffer) < 0) {
                        throw new EOFException("keys and values end early: " + (count - buffer.position())
                                + " of the next " + count + " bytes are missing");
                    }
                }
                MemorySegment.copy(MemorySegment.ofBuffer(buffer.flip()), 0, segment, from, count);
            }
        }
    }
}
