package dev.lathe.compress;

import dev.lathe.compress.ImportanceMatrix.Entry;
import dev.lathe.file.HeapBudget;
import dev.lathe.file.InputFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads importance matrices as llama.cpp wrote them before it took GGUF: a number of entries; each a name with its length, a
 * number of calls, a number of values and the values, mean squares times calls; then, in some files, the number of pieces and a
 * dataset's name with its length. All numbers are of 32 bits, little-endian.
 */
final class LegacyImportanceMatrix {
    private static final int MAX_NAME_BYTES = 4096;

    private static final int MAX_VALUES = Integer.MAX_VALUE / Float.BYTES - 8;

    /** Lengths of the name and of the values, calls, and one value. */
    private static final int SMALLEST_ENTRY_BYTES = 4 * Integer.BYTES;

    private static final int ENTRY_HEAP_BYTES = 8 * HeapBudget.OBJECT_BYTES;

    private final InputFile file;
    private final HeapBudget budget = HeapBudget.halfOfHeap();
    private long remaining;

    private LegacyImportanceMatrix(InputFile file) {
        this.file = file;
        this.remaining = file.byteCount();
    }

    static ImportanceMatrix read(Path path) throws IOException {
        try (InputFile file = InputFile.open(path)) {
            return new LegacyImportanceMatrix(file).read();
        }
    }

    private ImportanceMatrix read() throws IOException {
        int count = number("number of entries", 1, remaining / SMALLEST_ENTRY_BYTES);
        Map<String, Entry> entries = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            String name = text("name of entry " + i);
            int calls = number("calls of " + name, 0, Integer.MAX_VALUE);
            float[] values = floats(
                    number("values of " + name, 1, Math.min(MAX_VALUES, (remaining - Integer.BYTES) / Float.BYTES)),
                    name);
            try {
                entries.put(name, new Entry(values, new float[] {Math.max(1, calls)}));
            } catch (IllegalArgumentException problem) {
                throw wrong(name + ": " + problem.getMessage());
            }
        }
        int chunkCount = remaining > 0 ? number("number of pieces", 0, Integer.MAX_VALUE) : 0;
        List<String> datasets = remaining > 0 ? List.of(text("dataset")) : List.of();
        return new ImportanceMatrix(datasets, chunkCount, 0, entries);
    }

    private float[] floats(int count, String name) throws IOException {
        pay(2L * Float.BYTES * count, name);
        float[] values = new float[count];
        bytes(Float.BYTES * count).asFloatBuffer().get(values);
        return values;
    }

    private String text(String what) throws IOException {
        int byteCount = number("length of the " + what, 0, Math.min(MAX_NAME_BYTES, remaining - Integer.BYTES));
        pay(ENTRY_HEAP_BYTES + 2L * byteCount, what);
        return new String(bytes(byteCount).array(), StandardCharsets.UTF_8);
    }

    /** The next bytes, of which the caller knows that they are there. */
    private ByteBuffer bytes(int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        file.fill(bytes);
        if (bytes.hasRemaining()) {
            throw wrong("it ends within what it had when it was opened");
        }
        remaining -= count;
        return bytes.flip();
    }

    private void pay(long byteCount, String what) {
        if (!budget.take(byteCount)) {
            throw wrong("with " + what + " it " + budget.refusal());
        }
    }

    private int number(String what, int least, long most) throws IOException {
        if (remaining < Integer.BYTES) {
            throw wrong("the " + what + " is cut off");
        }
        int number = bytes(Integer.BYTES).getInt();
        if (number < least || number > most) {
            throw wrong("the " + what + " is " + number + ", expected " + least + " to " + most);
        }
        return number;
    }

    private IllegalArgumentException wrong(String problem) {
        return new IllegalArgumentException(file.path() + ": " + problem
                + "; this is neither a GGUF file nor an importance matrix of the older format");
    }
}
