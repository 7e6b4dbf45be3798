package dev.lathe.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;

/**
 * An immutable array of strings, kept as the file's own bytes: a vocabulary of hundreds of thousands of tokens is two
 * arrays, not hundreds of thousands of objects. A string is decoded each time it is asked for.
 */
public final class StringArray implements MetadataValue.ArrayValue {
    /** The bytes of the length in front of each string. */
    static final int LENGTH_BYTES = Long.BYTES;

    /** Each string as in the file: its length in 8 bytes, then its UTF-8. */
    private final byte[] encoded;

    /** Where each string's UTF-8 begins, and one entry more for a string that would follow the last. */
    private final int[] starts;

    /** Takes over both arrays, which the caller has checked. */
    StringArray(byte[] encoded, int[] starts) {
        this.encoded = encoded;
        this.starts = starts;
    }

    /**
     * An array of these strings.
     *
     * @throws IllegalArgumentException if UTF-8 cannot encode one of them
     */
    public static StringArray of(List<String> strings) {
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        int[] starts = new int[strings.size() + 1];
        ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        int index = 0;
        for (String string : strings) {
            byte[] utf8 = Utf8.encode(string);
            encoded.writeBytes(length.putLong(0, utf8.length).array());
            starts[index++] = encoded.size();
            encoded.writeBytes(utf8);
        }
        starts[index] = encoded.size() + LENGTH_BYTES;
        return new StringArray(encoded.toByteArray(), starts);
    }

    @Override
    public MetadataType elementType() {
        return MetadataType.STRING;
    }

    @Override
    public int length() {
        return starts.length - 1;
    }

    /** Decodes one string. */
    public String get(int index) {
        int start = starts[index];
        return new String(encoded, start, starts[index + 1] - LENGTH_BYTES - start, UTF_8);
    }

    /** The bytes of a string's UTF-8: at least as many as its chars. */
    public int byteCount(int index) {
        return starts[index + 1] - LENGTH_BYTES - starts[index];
    }

    /** The bytes of all strings' UTF-8. */
    public int byteCount() {
        return encoded.length - LENGTH_BYTES * length();
    }

    /**
     * Decodes one string to where the caller wants it.
     *
     * @param target with room for {@link #byteCount} chars from {@code at} on
     * @return the end of its chars
     */
    public int get(int index, char[] target, int at) {
        return Utf8.decode(encoded, starts[index], starts[index + 1] - LENGTH_BYTES, target, at);
    }

    /** The strings as an immutable list with fast random access, which decodes at each access. */
    public List<String> asList() {
        return new Strings(this);
    }

    /** The elements as in a file; for this package only, nobody may write to it. */
    byte[] encoded() {
        return encoded;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StringArray array && Arrays.equals(encoded, array.encoded);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(encoded);
    }

    @Override
    public String toString() {
        return "STRING[" + length() + "]";
    }

    private static final class Strings extends AbstractList<String> implements RandomAccess {
        private final StringArray array;

        Strings(StringArray array) {
            this.array = array;
        }

        @Override
        public String get(int index) {
            return array.get(index);
        }

        @Override
        public int size() {
            return array.length();
        }
    }
}
