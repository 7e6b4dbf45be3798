package dev.lathe.text;

import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;

/** JSON of tests as Java values. */
public final class TestJson {
    private TestJson() {}

    public static Object read(Path file) {
        try {
            return JsonValue.read(file).toJava();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Object parse(String text) {
        return JsonValue.parse(text).toJava();
    }

    @SuppressWarnings("unchecked")
    public static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }
}
