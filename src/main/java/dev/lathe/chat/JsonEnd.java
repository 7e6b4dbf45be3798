package dev.lathe.chat;

/** Finds where a JSON object or array ends in a text that grows; remembers how far it has looked. */
final class JsonEnd {
    private int depth;
    private boolean inText;
    private boolean escaped;
    private int seen;

    /**
     * The place after the value that begins at {@code start}; -1 if it is not there yet. The same start each time, and
     * a text that begins as it did.
     */
    int find(CharSequence text, int start) {
        for (int at = start + seen; at < text.length(); at++, seen++) {
            char c = text.charAt(at);
            if (inText) {
                inText = escaped || c != '"';
                escaped = !escaped && c == '\\';
            } else if (c == '"') {
                inText = true;
            } else if (c == '{' || c == '[') {
                depth++;
            } else if (c == '}' || c == ']') {
                depth--;
            }
            if (depth <= 0 && !inText) {
                return at + 1;
            }
        }
        return -1;
    }
}
