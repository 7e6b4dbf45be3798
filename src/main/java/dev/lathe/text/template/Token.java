package dev.lathe.text.template;

/**
 * A piece of the source.
 *
 * @param text a name or an operator as written, a string without quotes and escapes, plain text of the template
 * @param value of a literal, its value
 * @param line where it begins
 */
record Token(Type type, String text, Object value, int line) {
    enum Type {
        TEXT,
        OUTPUT_BEGIN,
        OUTPUT_END,
        TAG_BEGIN,
        TAG_END,
        NAME,
        LITERAL,
        OPERATOR,
        END
    }

    boolean is(Type wanted, String wantedText) {
        return type == wanted && text.equals(wantedText);
    }

    /** How messages name it. */
    String describe() {
        return switch (type) {
            case TEXT -> "text";
            case OUTPUT_BEGIN, OUTPUT_END, TAG_BEGIN, TAG_END, NAME, OPERATOR -> "'" + text + "'";
            case LITERAL -> value instanceof MarkedText ? "a string" : "'" + value + "'";
            case END -> "the end of the template";
        };
    }
}
