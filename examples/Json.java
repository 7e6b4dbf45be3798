import java.lang.reflect.Array;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Writes values as JSON: text, numbers, booleans, null, lists, arrays, maps in their order, and records as objects. */
final class Json {
    private Json() {}

    static String write(Object value) {
        return switch (value) {
            case null -> "null";
            case Optional<?> optional -> write(optional.orElse(null));
            case Double number when !Double.isFinite(number) -> "null";
            case Float number when !Float.isFinite(number) -> "null";
            case Number number -> number.toString();
            case Boolean bool -> bool.toString();
            case Map<?, ?> map -> object(map);
            case Iterable<?> values -> list(values);
            case Record object -> object(components(object));
            case Object array when array.getClass().isArray() -> list(elements(array));
            default -> string(value.toString());
        };
    }

    private static String object(Map<?, ?> map) {
        List<String> members = new ArrayList<>();
        map.forEach((key, value) -> members.add(string(key.toString()) + ": " + write(value)));
        return "{" + String.join(", ", members) + "}";
    }

    private static String list(Iterable<?> values) {
        List<String> elements = new ArrayList<>();
        values.forEach(value -> elements.add(write(value)));
        return "[" + String.join(", ", elements) + "]";
    }

    private static List<Object> elements(Object array) {
        List<Object> elements = new ArrayList<>();
        for (int i = 0; i < Array.getLength(array); i++) {
            elements.add(Array.get(array, i));
        }
        return elements;
    }

    private static Map<String, Object> components(Record object) {
        Map<String, Object> components = new LinkedHashMap<>();
        try {
            for (RecordComponent component : object.getClass().getRecordComponents()) {
                component.getAccessor().setAccessible(true);
                components.put(component.getName(), component.getAccessor().invoke(object));
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot read " + object.getClass(), e);
        }
        return components;
    }

    private static String string(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> {
                    if (c < ' ' || Character.isSurrogate(c) || c == 0x2028 || c == 0x2029) {
                        quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        return quoted.append('"').toString();
    }
}
