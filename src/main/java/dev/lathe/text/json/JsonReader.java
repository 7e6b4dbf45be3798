package dev.lathe.text.json;

import dev.lathe.file.HeapBudget;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads one value by recursive descent. Every value pays for its memory before it is made. */
final class JsonReader {
    /** A value with its reference; a number or a text with its {@link String} and array; an entry of a map. */
    private static final int VALUE_BYTES = HeapBudget.OBJECT_BYTES;

    private static final int TEXT_BYTES = 3 * HeapBudget.OBJECT_BYTES;
    private static final int MEMBER_BYTES = 4 * HeapBudget.OBJECT_BYTES;

    private final String text;
    private final HeapBudget budget;
    private int at;
    private int depth;

    private JsonReader(String text, HeapBudget budget) {
        this.text = text;
        this.budget = budget;
    }

    static JsonValue read(String text) {
        return read(text, HeapBudget.halfOfHeap());
    }

    static JsonValue read(String text, HeapBudget budget) {
        JsonReader reader = new JsonReader(text, budget);
        JsonValue value = reader.value();
        reader.skipSpace();
        if (reader.at < text.length()) {
            throw reader.unexpected("the end of the text");
        }
        return value;
    }

    private JsonValue value() {
        skipSpace();
        return switch (peek()) {
            case '{' -> nested(object());
            case '[' -> nested(array());
            case '"' -> new JsonString(string());
            case 't' -> literal(JsonLiteral.TRUE);
            case 'f' -> literal(JsonLiteral.FALSE);
            case 'n' -> literal(JsonLiteral.NULL);
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
            default -> throw unexpected("a value");
        };
    }

    private <T> T nested(T value) {
        depth--;
        return value;
    }

    private void open() {
        if (++depth > JsonValue.MAX_DEPTH) {
            throw failure(at, "nested deeper than " + JsonValue.MAX_DEPTH + " levels");
        }
        pay(2 * VALUE_BYTES);
        at++;
        skipSpace();
    }

    private JsonObject object() {
        open();
        Map<String, JsonValue> members = new LinkedHashMap<>();
        for (boolean more = !skip('}'); more; more = comma('}')) {
            skipSpace();
            int start = at;
            if (peek() != '"') {
                throw unexpected("a member's name in quotes");
            }
            String name = string();
            if (members.containsKey(name)) {
                throw failure(start, "the name \"" + JsonException.shorten(name) + "\" occurs twice in one object");
            }
            skipSpace();
            if (!skip(':')) {
                throw unexpected("':'");
            }
            pay(MEMBER_BYTES);
            members.put(name, value());
        }
        return new JsonObject(members);
    }

    private JsonArray array() {
        open();
        List<JsonValue> elements = new ArrayList<>();
        for (boolean more = !skip(']'); more; more = comma(']')) {
            pay(VALUE_BYTES);
            elements.add(value());
        }
        return new JsonArray(elements);
    }

    /** Whether a comma is next; if not, the end must be. */
    private boolean comma(char end) {
        skipSpace();
        if (skip(',')) {
            return true;
        }
        if (skip(end)) {
            return false;
        }
        throw unexpected("',' or '" + end + "'");
    }

    private JsonNumber number() {
        int end = JsonNumber.endOfNumber(text, at);
        if (end < 0) {
            at = -end - 1;
            throw unexpected("a number as JSON writes it");
        }
        pay(TEXT_BYTES + (long) end - at);
        JsonNumber number = new JsonNumber(text.substring(at, end));
        at = end;
        return number;
    }

    private JsonLiteral literal(JsonLiteral literal) {
        if (!text.startsWith(literal.toString(), at)) {
            throw unexpected("a value");
        }
        at += literal.toString().length();
        return literal;
    }

    private String string() {
        int quote = at++;
        int start = at;
        while (at < text.length() && text.charAt(at) >= ' ' && text.charAt(at) != '"' && text.charAt(at) != '\\') {
            at++;
        }
        pay(TEXT_BYTES + 2L * (at - start));
        String string = text.substring(start, at);
        if (peek() != '"') {
            string = escapedString(new StringBuilder(string), quote);
        }
        at++;
        if (JsonString.unpairedSurrogate(string) >= 0) {
            throw failure(quote, "an unpaired surrogate in a text");
        }
        return string;
    }

    /** The rest of a string from its first escape on, up to its closing quote. */
    private String escapedString(StringBuilder string, int quote) {
        int start = at;
        while (peek() != '"') {
            if (at >= text.length()) {
                throw failure(quote, "a text that begins here has no closing quote");
            }
            char c = text.charAt(at);
            if (c < ' ') {
                throw unexpected("an escape in place of a control character");
            }
            string.append(c == '\\' ? escape() : c);
            at++;
        }
        pay(4L * (at - start));
        return string.toString();
    }

    private char escape() {
        at++;
        return switch (peek()) {
            case '"', '\\', '/' -> peek();
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> hexadecimal();
            default -> throw unexpected("one of \" \\ / b f n r t u after a backslash");
        };
    }

    private char hexadecimal() {
        int code = 0;
        for (int i = 0; i < 4; i++) {
            at++;
            int digit = peek() < 128 ? Character.digit(peek(), 16) : -1;
            if (digit < 0) {
                throw unexpected("four hexadecimal digits after \\u");
            }
            code = code << 4 | digit;
        }
        return (char) code;
    }

    private boolean skip(char wanted) {
        boolean found = peek() == wanted;
        at += found ? 1 : 0;
        return found;
    }

    private void skipSpace() {
        while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    /** The next character; U+0000, which JSON never has outside of an escape, at the end. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void pay(long bytes) {
        if (!budget.take(bytes)) {
            throw failure(at, "what is read so far " + budget.refusal());
        }
    }

    private JsonException unexpected(String expected) {
        String found = at < text.length() ? show(text.codePointAt(at)) : "the end of the text";
        return failure(at, expected + " is expected, got " + found);
    }

    private static String show(int codePoint) {
        return codePoint > ' ' && codePoint < 127 ? "'" + (char) codePoint + "'" : "U+%04X".formatted(codePoint);
    }

    private JsonException failure(int place, String problem) {
        int line = 1;
        int lineStart = 0;
        for (int newline = text.indexOf('\n');
                newline >= 0 && newline < place;
                newline = text.indexOf('\n', lineStart)) {
            line++;
            lineStart = newline + 1;
        }
        int column = text.codePointCount(lineStart, place) + 1;
        return new JsonException("line " + line + ", column " + column + ": " + problem);
    }
}
