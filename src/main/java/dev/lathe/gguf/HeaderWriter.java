package dev.lathe.gguf;

import dev.lathe.gguf.MetadataValue.ArrayValue;
import dev.lathe.gguf.MetadataValue.BooleanValue;
import dev.lathe.gguf.MetadataValue.FloatValue;
import dev.lathe.gguf.MetadataValue.IntegerValue;
import dev.lathe.gguf.MetadataValue.NestedArray;
import dev.lathe.gguf.MetadataValue.StringValue;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Encodes a header of the latest version in memory. */
final class HeaderWriter {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final ByteBuffer scratch = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);

    private HeaderWriter() {}

    /**
     * The header's bytes without the padding after it.
     *
     * @throws IllegalArgumentException if a reader would refuse its size or the depth of an array
     */
    static byte[] write(Metadata metadata, List<TensorInfo> tensors) {
        HeaderWriter writer = new HeaderWriter();
        writer.putInt(Header.MAGIC);
        writer.putInt(Header.LATEST_VERSION);
        writer.putLong(tensors.size());
        writer.putLong(metadata.keys().size());
        for (String key : metadata.keys()) {
            writer.putMetadata(key, metadata.find(key).orElseThrow());
        }
        for (TensorInfo tensor : tensors) {
            writer.putTensor(tensor);
        }
        if (writer.bytes.size() > Header.MAX_BYTES) {
            throw new IllegalArgumentException("metadata and tensor names have " + writer.bytes.size()
                    + " bytes, a header has at most " + Header.MAX_BYTES);
        }
        return writer.bytes.toByteArray();
    }

    private void putMetadata(String key, MetadataValue value) {
        putString(key);
        putInt(value.type().ordinal());
        switch (value) {
            case IntegerValue(MetadataType type, long integer) -> type.putInteger(scratch, integer);
            case FloatValue(MetadataType type, double number) -> type.putFloat(scratch, number);
            case BooleanValue(boolean truth) -> scratch.put((byte) (truth ? 1 : 0));
            case StringValue(String text) -> putString(text);
            case ArrayValue array -> putArray(key, array, 1);
        }
        flush();
    }

    private void putArray(String key, ArrayValue array, int depth) {
        if (depth > Header.MAX_ARRAY_DEPTH) {
            throw new IllegalArgumentException(
                    "metadata " + key + " nests arrays more than " + Header.MAX_ARRAY_DEPTH + " deep");
        }
        putInt(array.elementType().ordinal());
        putLong(array.length());
        switch (array) {
            case PrimitiveArray primitives ->
                bytes.writeBytes(primitives.bytes().array());
            case StringArray strings -> bytes.writeBytes(strings.encoded());
            case NestedArray nested -> nested.arrays().forEach(element -> putArray(key, element, depth + 1));
        }
    }

    private void putTensor(TensorInfo tensor) {
        putString(tensor.name());
        putInt(tensor.dimensions().size());
        tensor.dimensions().forEach(this::putLong);
        putInt(tensor.type().id());
        putLong(tensor.byteOffset());
    }

    private void putString(String text) {
        byte[] utf8 = Utf8.encode(text);
        putLong(utf8.length);
        bytes.writeBytes(utf8);
    }

    private void putInt(int value) {
        scratch.putInt(value);
        flush();
    }

    private void putLong(long value) {
        scratch.putLong(value);
        flush();
    }

    private void flush() {
        bytes.write(scratch.array(), 0, scratch.position());
        scratch.clear();
    }
}
