package dev.lathe.safetensors;

import dev.lathe.file.HeapBudget;
import dev.lathe.file.InputFile;
import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Reads and checks the header of one file. */
final class HeaderReader {
    /** The format's own limit. */
    private static final long MAX_HEADER_BYTES = 100_000_000;

    private static final int MAX_DIMENSIONS = 8;
    private static final String METADATA = "__metadata__";

    private final InputFile file;
    private final int fileIndex;

    private HeaderReader(InputFile file, int fileIndex) {
        this.file = file;
        this.fileIndex = fileIndex;
    }

    /** The tensors in the order of their bytes. */
    static List<StoredTensor> read(InputFile file, int fileIndex) throws IOException {
        return new HeaderReader(file, fileIndex).read();
    }

    private List<StoredTensor> read() throws IOException {
        if (file.byteCount() < Long.BYTES) {
            throw wrong("has " + file.byteCount() + " bytes, a safetensors file begins with 8 of its header's length");
        }
        long headerBytes = bytes(Long.BYTES).getLong();
        long dataBytes = file.byteCount() - Long.BYTES - headerBytes;
        if (headerBytes < 2 || headerBytes > MAX_HEADER_BYTES || dataBytes < 0) {
            throw wrong("the header's length is " + Long.toUnsignedString(headerBytes) + ", expected 2 to "
                    + Math.min(MAX_HEADER_BYTES, file.byteCount() - Long.BYTES)
                    + ": this is no safetensors file, or it is cut off");
        }
        if (!HeapBudget.halfOfHeap().take(3 * headerBytes)) {
            throw wrong("the header of " + headerBytes + " bytes "
                    + HeapBudget.halfOfHeap().refusal());
        }
        List<StoredTensor> tensors = new ArrayList<>();
        for (Map.Entry<String, JsonValue> member : header((int) headerBytes).entrySet()) {
            if (member.getKey().equals(METADATA)) {
                checkMetadata(member.getValue());
            } else {
                tensors.add(tensor(member.getKey(), member.getValue(), Long.BYTES + headerBytes));
            }
        }
        tensors.sort(Comparator.comparingLong(StoredTensor::byteOffset).thenComparingLong(StoredTensor::byteCount));
        checkCoverage(tensors, Long.BYTES + headerBytes);
        return tensors;
    }

    private ByteBuffer bytes(int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        file.fill(bytes);
        if (bytes.hasRemaining()) {
            throw wrong("ends within its header");
        }
        return bytes.flip();
    }

    private Map<String, JsonValue> header(int byteCount) throws IOException {
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(bytes(byteCount)).toString();
            if (JsonValue.parse(text) instanceof JsonObject header) {
                return header.members();
            }
            throw wrong("the header is no JSON object");
        } catch (CharacterCodingException e) {
            throw new SafetensorsException(file.path(), "the header is no UTF-8", e);
        } catch (JsonException e) {
            throw new SafetensorsException(file.path(), "the header: " + e.getMessage(), e);
        }
    }

    private void checkMetadata(JsonValue value) {
        if (!(value instanceof JsonObject metadata)
                || !metadata.members().values().stream().allMatch(JsonString.class::isInstance)) {
            throw wrong(METADATA + " is expected to be an object of texts");
        }
    }

    private StoredTensor tensor(String name, JsonValue value, long dataOffset) {
        if (!(value instanceof JsonObject fields)) {
            throw wrong("tensor " + name + " is " + value.kind() + ", an object is expected");
        }
        try {
            String typeName = fields.text("dtype");
            ElementType type = ElementType.named(typeName)
                    .orElseThrow(() -> wrong("tensor " + name + " has the unknown dtype " + typeName));
            List<Long> shape = numbers(fields.array("shape"), MAX_DIMENSIONS);
            List<Long> range = numbers(fields.array("data_offsets"), 2);
            if (range.size() != 2 || range.get(1) < range.get(0)) {
                throw new JsonException("'data_offsets' are " + range + ", a first byte and an end are expected");
            }
            long byteCount = byteCount(type, shape);
            if (range.get(1) - range.get(0) != byteCount) {
                throw new JsonException("'data_offsets' " + range + " hold " + (range.get(1) - range.get(0))
                        + " bytes, " + type + " of the shape " + shape + " has " + byteCount);
            }
            if (range.get(1) > file.byteCount() - dataOffset) {
                throw new JsonException("'data_offsets' " + range + " reach beyond the data of "
                        + (file.byteCount() - dataOffset) + " bytes: the file is cut off or damaged");
            }
            return new StoredTensor(name, type, shape, dataOffset + range.get(0), byteCount, fileIndex);
        } catch (JsonException e) {
            throw new SafetensorsException(file.path(), "tensor " + name + ": " + e.getMessage(), e);
        }
    }

    private static List<Long> numbers(JsonArray array, int most) {
        if (array.elements().size() > most) {
            throw new JsonException(array.elements().size() + " numbers, expected at most " + most);
        }
        List<Long> numbers = new ArrayList<>();
        for (JsonValue element : array.elements()) {
            if (!(element instanceof JsonNumber number) || number.longValue() < 0) {
                throw new JsonException(element + " is no length or offset");
            }
            numbers.add(number.longValue());
        }
        return numbers;
    }

    private static long byteCount(ElementType type, List<Long> shape) {
        try {
            long count = type.byteCount();
            for (long length : shape) {
                count = Math.multiplyExact(count, length);
            }
            return count;
        } catch (ArithmeticException e) {
            throw new JsonException(type + " of the shape " + shape + " has more than 2^63 bytes", e);
        }
    }

    /** Every byte of the data belongs to one tensor. */
    private void checkCoverage(List<StoredTensor> tensors, long dataOffset) {
        long end = dataOffset;
        for (StoredTensor tensor : tensors) {
            if (tensor.byteOffset() != end) {
                throw wrong("tensor " + tensor.name() + " begins at byte " + (tensor.byteOffset() - dataOffset)
                        + " of the data, " + (end - dataOffset) + " is expected: tensors "
                        + (tensor.byteOffset() < end ? "overlap" : "leave a hole"));
            }
            end += tensor.byteCount();
        }
        if (end != file.byteCount()) {
            throw wrong("the tensors end " + (file.byteCount() - end) + " bytes before the file does");
        }
    }

    private SafetensorsException wrong(String problem) {
        return new SafetensorsException(file.path(), problem);
    }
}
