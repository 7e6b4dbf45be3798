package dev.lathe.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;

/** The bytes of a file written field by field, right or wrong. */
final class GgufBytes {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    static GgufBytes start(int version, long tensorCount, long metadataCount) {
        return new GgufBytes().raw("GGUF").u32(version).u64(tensorCount).u64(metadataCount);
    }

    GgufBytes raw(String ascii) {
        return raw(ascii.getBytes(UTF_8));
    }

    GgufBytes raw(byte... raw) {
        bytes.writeBytes(raw);
        return this;
    }

    GgufBytes u8(int value) {
        return raw((byte) value);
    }

    GgufBytes u32(int value) {
        return raw(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array());
    }

    GgufBytes u64(long value) {
        return raw(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array());
    }

    GgufBytes string(String text) {
        return string(text.getBytes(UTF_8));
    }

    GgufBytes string(byte[] utf8) {
        return u64(utf8.length).raw(utf8);
    }

    GgufBytes key(String key, MetadataType type) {
        return string(key).u32(type.ordinal());
    }

    GgufBytes array(String key, MetadataType elementType, long length) {
        return key(key, MetadataType.ARRAY).u32(elementType.ordinal()).u64(length);
    }

    GgufBytes tensor(String name, int type, long offset, long... dimensions) {
        string(name).u32(dimensions.length);
        for (long dimension : dimensions) {
            u64(dimension);
        }
        return u32(type).u64(offset);
    }

    GgufBytes zeros(int count) {
        return raw(new byte[count]);
    }

    /** Zeros up to the next multiple of 32. */
    GgufBytes pad() {
        return zeros(-size() & 31);
    }

    int size() {
        return bytes.size();
    }

    byte[] toArray() {
        return bytes.toByteArray();
    }

    Header read() {
        return read(toArray(), size());
    }

    /** Reads a header from bytes that claim to be a file of another size. */
    static Header read(byte[] bytes, long fileByteCount) {
        try {
            return HeaderReader.read(Channels.newChannel(new ByteArrayInputStream(bytes)), fileByteCount, 0);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
