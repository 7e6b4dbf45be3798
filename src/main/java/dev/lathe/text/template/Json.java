package dev.lathe.text.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** The filter {@code tojson} as Hugging Face defines it: Python's {@code json.dumps}, with no escaping for HTML. */
final class Json {
    private final Rendering rendering;
    private final Buffer out;
    private final boolean ascii;
    private final boolean sorted;
    private final MarkedText indent;
    private final MarkedText itemSeparator;
    private final MarkedText keySeparator;

    private Json(Rendering rendering, Arguments.Bound options) {
        this.rendering = rendering;
        this.out = new Buffer(rendering);
        this.ascii = options.flag(0, false);
        this.indent = options.isSet(1) ? indent(rendering, options) : null;
        if (options.isSet(2)) {
            List<Object> separators = Values.list(rendering, options.get(2));
            if (separators.size() != 2) {
                throw Failures.failed("tojson: separators must be two strings");
            }
            this.itemSeparator = Values.string(separators.get(0), "tojson");
            this.keySeparator = Values.string(separators.get(1), "tojson");
        } else {
            this.itemSeparator = MarkedText.ofTemplate(indent == null ? ", " : ",");
            this.keySeparator = MarkedText.ofTemplate(": ");
        }
        this.sorted = options.flag(3, false);
    }

    static Object filter(Rendering rendering, Object value, Arguments arguments) {
        Json json =
                new Json(rendering, arguments.bind("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys"));
        json.write(value, 0);
        return json.out.toText();
    }

    private static MarkedText indent(Rendering rendering, Arguments.Bound options) {
        return options.get(1) instanceof MarkedText text
                ? text
                : new Buffer(rendering)
                        .repeat(MarkedText.ofTemplate(" "), options.integer(1, 0))
                        .toText();
    }

    private void write(Object value, int level) {
        rendering.enter();
        if (value == null) {
            out.append("null");
        } else if (value instanceof Boolean bool) {
            out.append(bool ? "true" : "false");
        } else if (value instanceof Long) {
            out.append(value.toString(), true);
        } else if (value instanceof Double real) {
            out.append(number(real), true);
        } else if (value instanceof MarkedText text) {
            quote(text);
        } else if (value instanceof Markup markup) {
            quote(markup.text());
        } else if (value instanceof List<?> list) {
            writeList(list, level);
        } else if (value instanceof Map<?, ?> dict) {
            writeDict(dict, level);
        } else {
            throw Failures.failed("Object of type " + Values.typeName(value) + " is not JSON serializable");
        }
        rendering.leave();
    }

    private void writeList(List<?> list, int level) {
        if (list.isEmpty()) {
            out.append("[]");
            return;
        }
        out.append("[");
        for (int i = 0; i < list.size(); i++) {
            separate(i > 0, level + 1);
            write(list.get(i), level + 1);
        }
        close("]", level);
    }

    private void writeDict(Map<?, ?> dict, int level) {
        if (dict.isEmpty()) {
            out.append("{}");
            return;
        }
        out.append("{");
        boolean following = false;
        for (Iterator<?> keys = sorted ? sortedKeys(dict) : dict.keySet().iterator();
                keys.hasNext();
                following = true) {
            Object key = keys.next();
            separate(following, level + 1);
            quote(key(key));
            out.append(keySeparator);
            write(dict.get(key), level + 1);
        }
        close("}", level);
    }

    private Iterator<?> sortedKeys(Map<?, ?> dict) {
        return Sorting.sorted(rendering, new ArrayList<>(dict.keySet()), key -> key, false)
                .iterator();
    }

    private void separate(boolean following, int level) {
        if (following) {
            out.append(itemSeparator);
        }
        newline(level);
    }

    private void close(String bracket, int level) {
        newline(level);
        out.append(bracket);
    }

    private void newline(int level) {
        if (indent != null) {
            out.append("\n").repeat(indent, level);
        }
    }

    private static String number(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        return Double.isInfinite(value) ? (value > 0 ? "Infinity" : "-Infinity") : Representation.real(value);
    }

    private static MarkedText key(Object key) {
        if (key instanceof MarkedText text) {
            return text;
        }
        if (key == null || key instanceof Boolean || key instanceof Long) {
            return MarkedText.ofData(String.valueOf(key));
        }
        if (key instanceof Double real) {
            return MarkedText.ofData(number(real));
        }
        throw Failures.failed("keys must be str, int, float, bool or None, not " + Values.typeName(key));
    }

    private void quote(MarkedText text) {
        out.append("\"");
        int plain = 0;
        for (int i = 0; i < text.length(); i++) {
            char character = text.text().charAt(i);
            if (character >= ' ' && character != '"' && character != '\\' && (character < 0x80 || !ascii)) {
                continue;
            }
            out.append(text, plain, i).append(escape(character), text.isData(i));
            plain = i + 1;
        }
        out.append(text, plain, text.length()).append("\"");
    }

    private static String escape(char character) {
        return switch (character) {
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '\f' -> "\\f";
            case '\b' -> "\\b";
            default -> "\\u".concat(Integer.toHexString(0x10000 | character).substring(1));
        };
    }
}
