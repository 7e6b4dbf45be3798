package dev.lathe.text.json;

import java.util.Iterator;
import java.util.Map;

/** Writes a value; indented where a level's width is more than 0. */
final class JsonWriter {
    private final StringBuilder out = new StringBuilder();
    private final int indent;
    private int depth;

    private JsonWriter(int indent) {
        this.indent = indent;
    }

    static String write(JsonValue value, int indent) {
        JsonWriter writer = new JsonWriter(indent);
        writer.value(value);
        return writer.out.toString();
    }

    private void value(JsonValue value) {
        switch (value) {
            case JsonLiteral literal -> out.append(literal);
            case JsonNumber number -> out.append(number.text());
            case JsonString string -> string(string.text());
            case JsonArray array -> array(array);
            case JsonObject object -> object(object);
        }
    }

    private void array(JsonArray array) {
        out.append('[');
        Iterator<JsonValue> elements = array.elements().iterator();
        for (boolean first = true; elements.hasNext(); first = false) {
            separate(first);
            value(elements.next());
        }
        close(']', array.elements().isEmpty());
    }

    private void object(JsonObject object) {
        out.append('{');
        boolean first = true;
        for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
            separate(first);
            string(member.getKey());
            out.append(": ");
            value(member.getValue());
            first = false;
        }
        close('}', first);
    }

    private void separate(boolean first) {
        depth += first ? 1 : 0;
        out.append(first ? "" : indent > 0 ? "," : ", ");
        newLine();
    }

    private void close(char end, boolean empty) {
        if (!empty) {
            depth--;
            newLine();
        }
        out.append(end);
    }

    private void newLine() {
        if (indent > 0) {
            out.append('\n').repeat(' ', indent * depth);
        }
    }

    private void string(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                // Line separators are valid in JSON, but end a line for what reads output line by line.
                case 0x2028, 0x2029 -> out.append("\\u").append(Integer.toHexString(c));
                default -> {
                    if (c < ' ') {
                        out.append(c < 16 ? "\\u000" : "\\u00").append(Integer.toHexString(c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
