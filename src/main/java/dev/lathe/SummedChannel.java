package dev.lathe;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.zip.CRC32C;

/**
 * A channel with a count and a checksum of what went through it, in the machine's byte order. One thread at a time; the
 * count may be read by any.
 */
final class SummedChannel implements ByteChannel {
    private final ReadableByteChannel source; // or null
    private final WritableByteChannel target; // or null
    private final CRC32C sum = new CRC32C();
    private volatile long byteCount;

    SummedChannel(WritableByteChannel target) {
        this.source = null;
        this.target = target;
    }

    SummedChannel(ReadableByteChannel source) {
        this.source = source;
        this.target = null;
    }

    static ByteBuffer longs(long... numbers) {
        ByteBuffer buffer = buffer(numbers.length * Long.BYTES);
        buffer.asLongBuffer().put(numbers);
        return buffer;
    }

    static ByteBuffer ints(int... numbers) {
        ByteBuffer buffer = buffer(numbers.length * Integer.BYTES);
        buffer.asIntBuffer().put(numbers);
        return buffer;
    }

    private static ByteBuffer buffer(int byteCount) {
        return ByteBuffer.allocate(byteCount).order(ByteOrder.nativeOrder());
    }

    /** Writes all of the buffer. */
    void writeAll(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            write(buffer);
        }
    }

    /**
     * Reads so many bytes.
     *
     * @throws EOFException if the source ends early
     */
    ByteBuffer read(int count) throws IOException {
        ByteBuffer buffer = buffer(count);
        while (buffer.hasRemaining()) {
            if (read(buffer) < 0) {
                throw new EOFException(buffer.remaining() + " of the next " + count + " bytes are missing");
            }
        }
        return buffer.flip();
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        ByteBuffer written = bytes.duplicate();
        int count = target.write(bytes);
        sum.update(written.limit(written.position() + count));
        byteCount += count;
        return count;
    }

    @Override
    public int read(ByteBuffer bytes) throws IOException {
        ByteBuffer filled = bytes.duplicate();
        int count = source.read(bytes);
        if (count > 0) {
            sum.update(filled.limit(filled.position() + count));
            byteCount += count;
        }
        return count;
    }

    /** The checksum of all bytes so far. */
    long sum() {
        return sum.getValue();
    }

    /** How many bytes went through. */
    long byteCount() {
        return byteCount;
    }

    @Override
    public boolean isOpen() {
        return channel().isOpen();
    }

    @Override
    public void close() throws IOException {
        channel().close();
    }

    private Channel channel() {
        return source == null ? target : source;
    }
}
