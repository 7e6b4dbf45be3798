package dev.lathe.text.json;

import dev.lathe.file.HeapBudget;
import dev.lathe.file.InputFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that holds one value: its size is checked before it is read, its bytes must be UTF-8. */
final class JsonFile {
    private JsonFile() {}

    static JsonValue read(Path file) throws IOException {
        HeapBudget budget = HeapBudget.halfOfHeap();
        // The bytes, and characters of two bytes.
        long byteCount = Files.exists(file) ? Files.size(file) : 0;
        if (!budget.take(3 * byteCount)) {
            throw new JsonException(file + ": reading " + byteCount + " bytes " + budget.refusal());
        }
        try {
            return JsonReader.read(decode(InputFile.readAll(file, byteCount)), budget);
        } catch (JsonException e) {
            throw e.in(file.toString());
        }
    }

    private static String decode(byte[] bytes) {
        ByteBuffer input = ByteBuffer.wrap(bytes);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(input).toString();
        } catch (CharacterCodingException e) {
            throw new JsonException("no UTF-8 (at byte " + input.position() + ")", e);
        }
    }
}
