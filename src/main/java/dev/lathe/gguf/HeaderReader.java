package dev.lathe.gguf;

import dev.lathe.file.HeapBudget;
import dev.lathe.gguf.MetadataValue.ArrayValue;
import dev.lathe.gguf.MetadataValue.BooleanValue;
import dev.lathe.gguf.MetadataValue.FloatValue;
import dev.lathe.gguf.MetadataValue.IntegerValue;
import dev.lathe.gguf.MetadataValue.NestedArray;
import dev.lathe.gguf.MetadataValue.StringValue;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads and checks the header of one file, front to back. */
final class HeaderReader {
    private static final int SMALLEST_METADATA_BYTES = Long.BYTES + 1 + Integer.BYTES + 1;
    private static final int SMALLEST_TENSOR_BYTES =
            Long.BYTES + 1 + Integer.BYTES + Long.BYTES + Integer.BYTES + Long.BYTES;

    /** Heap for a key and its value, in the maps that build metadata and in those that hold it. */
    private static final int METADATA_HEAP_BYTES = 12 * HeapBudget.OBJECT_BYTES;

    private static final int ARRAY_HEAP_BYTES = 5 * HeapBudget.OBJECT_BYTES;

    /** Heap for a tensor with its dimensions, in lists, and by its name in sets and maps. */
    private static final int TENSOR_HEAP_BYTES = 16 * HeapBudget.OBJECT_BYTES;

    /** A tensor, and where in the header its offset stands. */
    private record Entry(TensorInfo tensor, int offsetField) {}

    private final HeaderInput input;
    private final long fileByteCount;
    private final int fileIndex;

    private HeaderReader(HeaderInput input, long fileByteCount, int fileIndex) {
        this.input = input;
        this.fileByteCount = fileByteCount;
        this.fileIndex = fileIndex;
    }

    /**
     * Reads a header.
     *
     * @param file the file from its first byte on
     * @param fileByteCount the size of the whole file
     * @param fileIndex which file of a split set this is
     * @throws GgufException if anything in it is wrong
     */
    static Header read(ReadableByteChannel file, long fileByteCount, int fileIndex) throws IOException {
        return read(file, fileByteCount, fileIndex, HeapBudget.halfOfHeap());
    }

    /** Reads a header that may take so much heap. */
    static Header read(ReadableByteChannel file, long fileByteCount, int fileIndex, HeapBudget budget)
            throws IOException {
        return new HeaderReader(new HeaderInput(file, fileByteCount, budget), fileByteCount, fileIndex).read();
    }

    private Header read() throws IOException {
        int version = version();
        int tensorCount = input.readCount(SMALLEST_TENSOR_BYTES, "tensor count", "");
        int metadataCount = input.readCount(SMALLEST_METADATA_BYTES, "metadata count", "");
        Metadata metadata = metadata(metadataCount);
        long alignment = Header.alignment(metadata);
        List<Entry> entries = tensors(tensorCount, alignment);
        long dataOffset = Header.align(input.position(), alignment);
        checkData(entries, dataOffset);
        List<TensorInfo> tensors = new ArrayList<>(entries.size());
        for (Entry entry : entries) {
            tensors.add(entry.tensor());
        }
        return new Header(version, metadata, List.copyOf(tensors), dataOffset);
    }

    private int version() throws IOException {
        int magic = input.readInt("magic", "");
        if (magic != Header.MAGIC) {
            throw new GgufException(
                    String.format("magic is 0x%08X, a GGUF file begins with the letters GGUF", magic), 0);
        }
        int offset = input.position();
        int version = input.readInt("version", "");
        if (version != 0 && (version & 0xFFFF) == 0) {
            throw new GgufException("the file is big-endian, expected a little-endian one", offset);
        }
        if (version != 2 && version != Header.LATEST_VERSION) {
            throw new GgufException(
                    "version is " + Integer.toUnsignedString(version) + ", expected 2 or " + Header.LATEST_VERSION,
                    offset);
        }
        return version;
    }

    private Metadata metadata(int count) throws IOException {
        Metadata.Builder metadata = Metadata.builder();
        for (int i = 0; i < count; i++) {
            int keyOffset = input.position();
            input.pay(METADATA_HEAP_BYTES);
            String key = name("metadata key #", i);
            if (metadata.contains(key)) {
                throw new GgufException("metadata " + key + " appears twice", keyOffset);
            }
            MetadataType type = type("type of metadata ", key);
            int valueOffset = input.position();
            metadata.put(key, value(type, key), valueOffset);
        }
        return metadata.build();
    }

    private MetadataValue value(MetadataType type, String key) throws IOException {
        if (type == MetadataType.STRING) {
            return new StringValue(input.readString("metadata ", key));
        }
        if (type == MetadataType.ARRAY) {
            return array(key, 1);
        }
        int offset = input.position();
        if (type.isFloat()) {
            return new FloatValue(type, input.readFloat(type, "metadata ", key));
        }
        long value = input.readInteger(type, "metadata ", key);
        if (type == MetadataType.BOOL) {
            checkBoolean((byte) value, key, offset);
            return new BooleanValue(value == 1);
        }
        return new IntegerValue(type, value);
    }

    private ArrayValue array(String key, int depth) throws IOException {
        if (depth > Header.MAX_ARRAY_DEPTH) {
            throw new GgufException(
                    "metadata " + key + " nests arrays more than " + Header.MAX_ARRAY_DEPTH + " deep",
                    input.position());
        }
        MetadataType type = type("element type of metadata ", key);
        int count = input.readCount(type.smallestBytes(), "length of metadata ", key);
        input.pay(ARRAY_HEAP_BYTES);
        if (type == MetadataType.STRING) {
            return input.readStrings(count, "element of metadata ", key);
        }
        if (type == MetadataType.ARRAY) {
            List<ArrayValue> arrays = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                arrays.add(array(key, depth + 1));
            }
            return new NestedArray(arrays);
        }
        int offset = input.position();
        byte[] elements = input.readBytes(count * type.smallestBytes(), "metadata ", key);
        if (type == MetadataType.BOOL) {
            for (int i = 0; i < count; i++) {
                checkBoolean(elements[i], key, offset + i);
            }
        }
        return new PrimitiveArray(type, elements);
    }

    private List<Entry> tensors(int count, long alignment) throws IOException {
        List<Entry> entries = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; i < count; i++) {
            int start = input.position();
            input.pay(TENSOR_HEAP_BYTES);
            Entry entry = tensor(i, alignment);
            if (!names.add(entry.tensor().name())) {
                throw new GgufException("tensor " + entry.tensor().name() + " appears twice", start);
            }
            entries.add(entry);
        }
        return entries;
    }

    private Entry tensor(int index, long alignment) throws IOException {
        String name = name("name of tensor #", index);
        int dimensionsField = input.position();
        int dimensionCount = input.readInt("dimensions of tensor ", name);
        if (dimensionCount < 1 || dimensionCount > TensorInfo.MAX_DIMENSIONS) {
            throw new GgufException(
                    "tensor " + name + " has " + Integer.toUnsignedString(dimensionCount)
                            + " dimensions, expected 1 to " + TensorInfo.MAX_DIMENSIONS,
                    dimensionsField);
        }
        List<Long> dimensions = new ArrayList<>(dimensionCount);
        for (int i = 0; i < dimensionCount; i++) {
            dimensions.add(input.readLong("dimensions of tensor ", name));
        }
        int typeField = input.position();
        int id = input.readInt("type of tensor ", name);
        TensorType type = TensorType.ofId(id).orElse(null);
        if (type == null) {
            throw new GgufException(
                    "tensor " + name + " has the unknown type id " + Integer.toUnsignedString(id), typeField);
        }
        int offsetField = input.position();
        long offset = input.readLong("offset of tensor ", name);
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
        byOffset.sort((a, b) -> Long.compare(a.tensor().byteOffset(), b.tensor().byteOffset()));
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

    private String name(String what, int index) throws IOException {
        int offset = input.position();
        String name = input.readString(what, index);
        int byteCount = input.position() - offset - Long.BYTES;
        if (byteCount == 0 || byteCount > Header.MAX_NAME_BYTES) {
            throw new GgufException(
                    what + index + " has " + byteCount + " bytes, expected 1 to " + Header.MAX_NAME_BYTES, offset);
        }
        return name;
    }

    private MetadataType type(String what, String key) throws IOException {
        int offset = input.position();
        int id = input.readInt(what, key);
        MetadataType type = MetadataType.ofId(id);
        if (type == null) {
            throw new GgufException(what + key + " is " + Integer.toUnsignedString(id) + ", expected 0 to 12", offset);
        }
        return type;
    }

    private static void checkBoolean(byte value, String key, int offset) {
        if (value != 0 && value != 1) {
            throw new GgufException(
                    "metadata " + key + " is the boolean " + (value & 0xFF) + ", expected 0 or 1", offset);
        }
    }
}
