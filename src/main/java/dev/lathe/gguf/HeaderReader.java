package dev.lathe.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lathe.gguf.MetadataValue.ArrayValue;
import dev.lathe.gguf.MetadataValue.BooleanValue;
import dev.lathe.gguf.MetadataValue.FloatValue;
import dev.lathe.gguf.MetadataValue.IntegerValue;
import dev.lathe.gguf.MetadataValue.NestedArray;
import dev.lathe.gguf.MetadataValue.StringValue;
import dev.lathe.tensor.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the header of one file front to back. Nothing is allocated for a length before as many bytes are known to
 * follow, so a forged length costs nothing.
 */
final class HeaderReader {
    /** A tensor and where the file says its data is. */
    private record Entry(TensorInfo tensor, int offsetField) {}

    private final ByteBuffer bytes;
    private final long fileByteCount;
    private final int fileIndex;

    private HeaderReader(ByteBuffer bytes, long fileByteCount, int fileIndex) {
        this.bytes = bytes;
        this.fileByteCount = fileByteCount;
        this.fileIndex = fileIndex;
    }

    /**
     * Reads a header.
     *
     * @param start the first bytes of the file: all of them or at least {@link Header#MAX_BYTES}
     * @param fileByteCount the size of the whole file
     * @param fileIndex which file of a split set this is
     * @throws GgufException if anything in it is wrong
     */
    static Header read(ByteBuffer start, long fileByteCount, int fileIndex) {
        return new HeaderReader(start.slice().order(ByteOrder.LITTLE_ENDIAN), fileByteCount, fileIndex).read();
    }

    private Header read() {
        int version = version();
        long tensorCount = count("tensor count", "", 3 * Long.BYTES + 2 * Integer.BYTES + 1);
        long metadataCount = count("metadata count", "", Long.BYTES + Integer.BYTES + 2);
        Metadata metadata = metadata(metadataCount);
        long alignment = Header.alignment(metadata);
        List<Entry> entries = tensors(tensorCount, alignment);
        long dataOffset = Header.align(bytes.position(), alignment);
        checkData(entries, dataOffset);
        List<TensorInfo> tensors = new ArrayList<>(entries.size());
        for (Entry entry : entries) {
            tensors.add(entry.tensor());
        }
        return new Header(version, metadata, List.copyOf(tensors), dataOffset);
    }

    private int version() {
        require("magic", "", 2 * Integer.BYTES);
        int magic = bytes.getInt();
        if (magic != Header.MAGIC) {
            throw new GgufException(
                    String.format("magic is 0x%08X, a GGUF file begins with the letters GGUF", magic), 0);
        }
        int version = bytes.getInt();
        if (version != 0 && (version & 0xFFFF) == 0) {
            throw new GgufException("the file is big-endian, expected a little-endian one", Integer.BYTES);
        }
        if (version != 2 && version != Header.LATEST_VERSION) {
            throw new GgufException(
                    "version is " + Integer.toUnsignedString(version) + ", expected 2 or " + Header.LATEST_VERSION,
                    Integer.BYTES);
        }
        return version;
    }

    private Metadata metadata(long count) {
        Metadata.Builder metadata = Metadata.builder();
        for (long i = 0; i < count; i++) {
            int keyOffset = bytes.position();
            String key = name("metadata key #", i);
            if (metadata.contains(key)) {
                throw new GgufException("metadata " + key + " appears twice", keyOffset);
            }
            MetadataType type = type("type of metadata ", key);
            int valueOffset = bytes.position();
            metadata.put(key, value(type, key), valueOffset);
        }
        return metadata.build();
    }

    private MetadataValue value(MetadataType type, String key) {
        int offset = bytes.position();
        require("metadata ", key, type.smallestBytes());
        if (type == MetadataType.STRING) {
            return new StringValue(string("metadata ", key));
        }
        if (type == MetadataType.ARRAY) {
            return array(key, 1);
        }
        bytes.position(offset + type.smallestBytes());
        if (type == MetadataType.BOOL) {
            checkBoolean(bytes.get(offset), key, offset);
            return new BooleanValue(bytes.get(offset) == 1);
        }
        return type.isInteger()
                ? new IntegerValue(type, type.integerAt(bytes, offset))
                : new FloatValue(type, type.floatAt(bytes, offset));
    }

    private ArrayValue array(String key, int depth) {
        if (depth > Header.MAX_ARRAY_DEPTH) {
            throw new GgufException(
                    "metadata " + key + " nests arrays more than " + Header.MAX_ARRAY_DEPTH + " deep",
                    bytes.position());
        }
        MetadataType type = type("element type of metadata ", key);
        int count = count("length of metadata ", key, type.smallestBytes());
        if (type == MetadataType.STRING) {
            return strings(count, key);
        }
        if (type == MetadataType.ARRAY) {
            List<ArrayValue> arrays = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                arrays.add(array(key, depth + 1));
            }
            return new NestedArray(arrays);
        }
        int offset = bytes.position();
        byte[] elements = new byte[count * type.smallestBytes()];
        bytes.get(elements);
        if (type == MetadataType.BOOL) {
            for (int i = 0; i < count; i++) {
                checkBoolean(elements[i], key, offset + i);
            }
        }
        return new PrimitiveArray(type, elements);
    }

    /** Walks over the lengths first, so that the elements can be taken as they are in one copy. */
    private StringArray strings(int count, String key) {
        int start = bytes.position();
        for (int i = 0; i < count; i++) {
            int byteCount = count("length of a string in metadata ", key, 1);
            bytes.position(bytes.position() + byteCount);
        }
        byte[] elements = new byte[bytes.position() - start];
        bytes.get(start, elements);
        StringArray strings = new StringArray(elements, count);
        int malformed = strings.malformedIndex();
        if (malformed >= 0) {
            throw new GgufException("metadata " + key + " is not valid UTF-8", start + malformed);
        }
        return strings;
    }

    private List<Entry> tensors(long count, long alignment) {
        List<Entry> entries = new ArrayList<>();
        Map<String, Entry> byName = new HashMap<>();
        for (long i = 0; i < count; i++) {
            int start = bytes.position();
            Entry entry = tensor(i, alignment);
            entries.add(entry);
            if (byName.put(entry.tensor().name(), entry) != null) {
                throw new GgufException("tensor " + entry.tensor().name() + " appears twice", start);
            }
        }
        return entries;
    }

    private Entry tensor(long index, long alignment) {
        String name = name("name of tensor #", index);
        int dimensionsField = bytes.position();
        require("dimensions of tensor ", name, Integer.BYTES);
        int dimensionCount = bytes.getInt();
        if (dimensionCount < 1 || dimensionCount > TensorInfo.MAX_DIMENSIONS) {
            throw new GgufException(
                    "tensor " + name + " has " + Integer.toUnsignedString(dimensionCount) + " dimensions, expected 1 to "
                            + TensorInfo.MAX_DIMENSIONS,
                    dimensionsField);
        }
        require("dimensions of tensor ", name, dimensionCount * Long.BYTES + Integer.BYTES + Long.BYTES);
        List<Long> dimensions = new ArrayList<>(dimensionCount);
        for (int i = 0; i < dimensionCount; i++) {
            dimensions.add(bytes.getLong());
        }
        int typeField = bytes.position();
        int id = bytes.getInt();
        TensorType type = TensorType.ofId(id).orElse(null);
        if (type == null) {
            throw new GgufException(
                    "tensor " + name + " has the unknown type id " + Integer.toUnsignedString(id), typeField);
        }
        int offsetField = bytes.position();
        long offset = bytes.getLong();
        if ((offset & (alignment - 1)) != 0) {
            throw new GgufException(
                    "tensor " + name + " begins at " + Long.toUnsignedString(offset) + " of the data, no multiple of "
                            + "the alignment " + alignment,
                    offsetField);
        }
        try {
            return new Entry(new TensorInfo(name, type, dimensions, offset, fileIndex), offsetField);
        } catch (IllegalArgumentException wrong) {
            throw new GgufException(wrong.getMessage(), dimensionsField);
        }
    }

    /** Every tensor lies inside of the file and none begins before the one before it ends. */
    private void checkData(List<Entry> entries, long dataOffset) {
        List<Entry> byOffset = new ArrayList<>(entries);
        byOffset.sort(Comparator.comparingLong(entry -> entry.tensor().byteOffset()));
        long dataByteCount = Math.max(0, fileByteCount - dataOffset);
        TensorInfo previous = null;
        for (Entry entry : byOffset) {
            TensorInfo tensor = entry.tensor();
            long offset = tensor.byteOffset();
            if (offset < 0 || offset > dataByteCount || tensor.byteCount() > dataByteCount - offset) {
                throw new GgufException(
                        "tensor " + tensor.name() + " has " + tensor.byteCount() + " bytes at "
                                + Long.toUnsignedString(offset) + " of the data, which ends at " + dataByteCount
                                + ": the file is cut off or damaged",
                        entry.offsetField());
            }
            if (previous != null && offset - previous.byteOffset() < previous.byteCount()) {
                throw new GgufException(
                        "tensor " + tensor.name() + " at " + offset + " of the data overlaps tensor "
                                + previous.name() + " of " + previous.byteCount() + " bytes at "
                                + previous.byteOffset(),
                        entry.offsetField());
            }
            previous = tensor;
        }
    }

    private String name(String what, long index) {
        int offset = bytes.position();
        String name = string(what, index);
        int byteCount = bytes.position() - offset - Long.BYTES;
        if (byteCount == 0 || byteCount > Header.MAX_NAME_BYTES) {
            throw new GgufException(
                    what + index + " has " + byteCount + " bytes, expected 1 to " + Header.MAX_NAME_BYTES, offset);
        }
        return name;
    }

    private String string(String what, Object name) {
        byte[] utf8 = new byte[count(what, name, 1)];
        int offset = bytes.position();
        bytes.get(utf8);
        int malformed = Utf8.malformedIndex(utf8, 0, utf8.length);
        if (malformed >= 0) {
            throw new GgufException(what + name + " is not valid UTF-8", offset + malformed);
        }
        return new String(utf8, UTF_8);
    }

    private MetadataType type(String what, String key) {
        int offset = bytes.position();
        require(what, key, Integer.BYTES);
        int id = bytes.getInt();
        MetadataType type = MetadataType.ofId(id);
        if (type == null) {
            throw new GgufException(what + key + " is " + Integer.toUnsignedString(id) + ", expected 0 to 12", offset);
        }
        return type;
    }

    private static void checkBoolean(byte value, String key, int offset) {
        if (value != 0 && value != 1) {
            throw new GgufException("metadata " + key + " is the boolean " + (value & 0xFF) + ", expected 0 or 1", offset);
        }
    }

    /** Reads a count of things that have at least so many bytes each, all of which must follow. */
    private int count(String what, Object name, int bytesEach) {
        int offset = bytes.position();
        require(what, name, Long.BYTES);
        long count = bytes.getLong();
        require(what, name, count, bytesEach, offset);
        return (int) count;
    }

    private void require(String what, Object name, int byteCount) {
        require(what, name, byteCount, 1, bytes.position());
    }

    private void require(String what, Object name, long count, int bytesEach, int offset) {
        long left = fileByteCount - bytes.position();
        if (count < 0 || count > left / bytesEach) {
            throw new GgufException(
                    what + name + ": " + Long.toUnsignedString(count)
                            + (bytesEach == 1 ? " bytes" : " times at least " + bytesEach + " bytes")
                            + " do not fit in the " + left + " left: the file is cut off or damaged",
                    offset);
        }
        if (count > bytes.remaining() / bytesEach) {
            throw new GgufException(
                    what + name + " reaches beyond the first " + Header.MAX_BYTES + " bytes, the longest header read",
                    offset);
        }
    }
}
