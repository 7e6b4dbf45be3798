package dev.lathe.compress;

import dev.lathe.compress.ImportanceMatrix.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
    private final Path path;
    private final ByteBuffer bytes;

    private LegacyImportanceMatrix(Path path, ByteBuffer bytes) {
        this.path = path;
        this.bytes = bytes;
    }

    static ImportanceMatrix read(Path path) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
        return new LegacyImportanceMatrix(path, bytes).read();
    }

    private ImportanceMatrix read() {
        int count = number("number of entries", 1, bytes.capacity());
        Map<String, Entry> entries = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            String name = text("name of entry " + i);
            int calls = number("calls of " + name, 0, Integer.MAX_VALUE);
            float[] values =
                    new float[number("values of " + name, 1, (bytes.remaining() - Integer.BYTES) / Float.BYTES)];
            bytes.asFloatBuffer().get(values);
            bytes.position(bytes.position() + Float.BYTES * values.length);
            try {
                entries.put(name, new Entry(values, new float[] {Math.max(1, calls)}));
            } catch (IllegalArgumentException problem) {
                throw wrong(name + ": " + problem.getMessage());
            }
        }
        int chunkCount = bytes.hasRemaining() ? number("number of pieces", 0, Integer.MAX_VALUE) : 0;
        List<String> datasets = bytes.hasRemaining() ? List.of(text("dataset")) : List.of();
        return new ImportanceMatrix(datasets, chunkCount, 0, entries);
    }

    private String text(String what) {
        byte[] text = new byte[number("length of the " + what, 0, bytes.remaining() - Integer.BYTES)];
        bytes.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    private int number(String what, int least, int most) {
        if (bytes.remaining() < Integer.BYTES) {
            throw wrong("the " + what + " is cut off");
        }
        int number = bytes.getInt();
        if (number < least || number > most) {
            throw wrong("the " + what + " is " + number + ", expected " + least + " to " + most);
        }
        return number;
    }

    private IllegalArgumentException wrong(String problem) {
        return new IllegalArgumentException(
                path + ": " + problem + "; this is neither a GGUF file nor an importance matrix of the older format");
    }
}
