package dev.lathe.lab.evaluate;

/** Finds where a method's body ends: the brace that closes it, outside of strings, characters and comments. */
final class MethodEnd {
    private final String text;
    private int at;

    private MethodEnd(String text) {
        this.text = text;
    }

    /** The text through the brace that closes one more than was opened; the whole text if there is none. */
    static String cut(String body) {
        MethodEnd scan = new MethodEnd(body);
        int depth = 1;
        while (scan.at < body.length()) {
            char c = body.charAt(scan.at);
            if (scan.skipsLiteralOrComment()) {
                continue;
            }
            scan.at++;
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            if (depth == 0) {
                break;
            }
        }
        return body.substring(0, scan.at);
    }

    private boolean skipsLiteralOrComment() {
        if (text.startsWith("//", at)) {
            skipTo("\n", 2);
        } else if (text.startsWith("/*", at)) {
            skipTo("*/", 2);
        } else if (text.startsWith("\"\"\"", at)) {
            skipTo("\"\"\"", 3);
        } else if (text.charAt(at) == '"' || text.charAt(at) == '\'') {
            skipQuoted(text.charAt(at));
        } else {
            return false;
        }
        return true;
    }

    private void skipTo(String end, int from) {
        int found = text.indexOf(end, at + from);
        at = found < 0 ? text.length() : found + end.length();
    }

    /** A literal ends at its line's end at the latest: what is broken there does not compile. */
    private void skipQuoted(char quote) {
        at++;
        while (at < text.length() && text.charAt(at) != quote && text.charAt(at) != '\n') {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        at = Math.min(text.length(), at + 1);
    }
}
