package dev.lathe.text.json;

import dev.lathe.file.HeapBudget;
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
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + (Files.exists(file) ? " is no regular file" : " does not exist"));
        }
        HeapBudget budget = HeapBudget.halfOfHeap();
        // The bytes, and characters of two bytes.
        if (!budget.take(3 * Files.size(file))) {
            throw new JsonException(file + ": reading " + Files.size(file) + " bytes " + budget.refusal());
        }
        try {
            return JsonReader.read(decode(Files.readAllBytes(file)), budget);
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
