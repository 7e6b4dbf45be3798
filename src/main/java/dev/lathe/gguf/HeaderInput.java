package dev.lathe.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lathe.file.HeapBudget;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;

/**
 * The first bytes of a file, read from front to back as far as they are asked for. Whatever has a length is checked
 * against the bytes that are left, and against the heap, before anything is allocated for it: a forged length costs nothing.
 *
 * <p>Fields are named by two parts, {@code what} and {@code name}, joined only in an error's message.
 */
final class HeaderInput {
    private static final int PORTION_BYTES = 256 << 10;

    private final ReadableByteChannel channel;
    private final long fileByteCount;
    private final HeapBudget budget;
    private byte[] bytes = new byte[0];
    private ByteBuffer view = ByteBuffer.wrap(bytes);
    private int filled;
    private int position;

    /**
     * Starts at the channel's position.
     *
     * @param fileByteCount how many bytes the channel has
     * @param budget the heap that the header may take
     */
    HeaderInput(ReadableByteChannel channel, long fileByteCount, HeapBudget budget) {
        this.channel = channel;
        this.fileByteCount = fileByteCount;
        this.budget = budget;
    }

    /**
     * Takes heap for an object made from what was read.
     *
     * @throws GgufException if there is not enough
     */
    void pay(long byteCount) {
        if (!budget.take(byteCount)) {
            throw new GgufException("the header " + budget.refusal(), position);
        }
    }

    /** The offset of the next byte. */
    int position() {
        return position;
    }

    /** Reads 4 bytes, an id or a small count. */
    int readInt(String what, Object name) throws IOException {
        return (int) readInteger(MetadataType.INT32, what, name);
    }

    /** Reads 8 bytes. */
    long readLong(String what, Object name) throws IOException {
        return readInteger(MetadataType.INT64, what, name);
    }

    /** Reads an integer, or a boolean as the integer it is stored as. */
    long readInteger(MetadataType type, String what, Object name) throws IOException {
        int start = skip(type, what, name);
        return type.integerAt(view, start);
    }

    /** Reads a floating-point number. */
    double readFloat(MetadataType type, String what, Object name) throws IOException {
        int start = skip(type, what, name);
        return type.floatAt(view, start);
    }

    /** Reads a count of things that have at least so many bytes each, all of which are left. */
    int readCount(int bytesEach, String what, Object name) throws IOException {
        int start = position;
        long count = readLong(what, name);
        require(count, bytesEach, start, what, name);
        return (int) count;
    }

    /** Reads so many bytes. */
    byte[] readBytes(int count, String what, Object name) throws IOException {
        require(count, 1, position, what, name);
        pay(count);
        position += count;
        return Arrays.copyOfRange(bytes, position - count, position);
    }

    /** Reads a string. */
    String readString(String what, Object name) throws IOException {
        int byteCount = readCount(1, what, name);
        checkUtf8(position, byteCount, what, name);
        // A text that is no Latin-1 has two bytes a character.
        pay(2L * byteCount);
        position += byteCount;
        return new String(bytes, position - byteCount, byteCount, UTF_8);
    }

    /** Reads so many strings. A vocabulary has hundreds of thousands, read while the JVM still interprets this loop. */
    StringArray readStrings(int count, String what, Object name) throws IOException {
        int first = position;
        pay((long) Integer.BYTES * count);
        int[] starts = new int[count + 1];
        for (int i = 0; i < count; i++) {
            int start = position + StringArray.LENGTH_BYTES;
            int byteCount = start <= filled ? lengthAt(position) : -1;
            if (byteCount < 0 || byteCount > filled - start) {
                byteCount = readCount(1, what, name);
            }
            checkUtf8(start, byteCount, what, name);
            starts[i] = start - first;
            position = start + byteCount;
        }
        pay(position - first);
        starts[count] = position + StringArray.LENGTH_BYTES - first;
        return new StringArray(Arrays.copyOfRange(bytes, first, position), starts);
    }

    /** A 64-bit length, or -1 if it does not fit in an {@code int}. */
    private int lengthAt(int index) {
        byte[] b = bytes;
        int high = b[index + 4] | b[index + 5] | b[index + 6] | b[index + 7];
        int low = b[index] & 0xFF | (b[index + 1] & 0xFF) << 8 | (b[index + 2] & 0xFF) << 16 | b[index + 3] << 24;
        return high == 0 ? low : -1;
    }

    private void checkUtf8(int start, int byteCount, String what, Object name) {
        int malformed = Utf8.malformedIndex(bytes, start, start + byteCount);
        if (malformed >= 0) {
            throw new GgufException(what + name + " is not valid UTF-8", malformed);
        }
    }

    private int skip(MetadataType type, String what, Object name) throws IOException {
        int start = position;
        require(type.smallestBytes(), 1, start, what, name);
        position += type.smallestBytes();
        return start;
    }

    /** Makes sure that so many things of so many bytes each are left, and in {@link #bytes}. */
    private void require(long count, int bytesEach, int fieldOffset, String what, Object name) throws IOException {
        long left = fileByteCount - position;
        if (count < 0 || count > left / bytesEach) {
            throw new GgufException(
                    what + name + ": " + Long.toUnsignedString(count)
                            + (bytesEach == 1 ? " bytes" : " times at least " + bytesEach + " bytes")
                            + " do not fit in the " + left + " left: the file is cut off or damaged",
                    fieldOffset);
        }
        if (count > (Header.MAX_BYTES - position) / bytesEach) {
            throw new GgufException(
                    what + name + " reaches beyond the first " + Header.MAX_BYTES + " bytes, the longest header read",
                    fieldOffset);
        }
        int end = position + (int) count * bytesEach;
        if (end > filled) {
            fill(end);
        }
    }

    /** Reads until so many bytes are there, taking memory only as they come. */
    private void fill(int end) throws IOException {
        while (filled < end) {
            if (filled == bytes.length) {
                long capacity = Math.max(PORTION_BYTES, 2L * filled);
                capacity = Math.min(capacity, fileByteCount);
                pay(capacity);
                bytes = Arrays.copyOf(bytes, (int) capacity);
                view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            }
            int byteCount = Math.min(PORTION_BYTES, bytes.length - filled);
            int read = channel.read(ByteBuffer.wrap(bytes, filled, byteCount));
            if (read < 0) {
                throw new GgufException(
                        "the file ends here, but had " + fileByteCount + " bytes when it was opened", filled);
            }
            filled += read;
        }
    }
}
