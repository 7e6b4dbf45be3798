package dev.lathe.chat;

/**
 * How calls are written, in {@link Spelling spelled} texts that may hold {@link #ID} and {@link #NUMBER}: {@code
 * start}, then each call as {@code prefix}, name, {@code middle}, arguments in JSON, {@code suffix}, with {@code
 * separator} between calls, then {@code end}.
 *
 * @param separator null if a reply has one call at most
 * @param joint what stands between text and the calls after it, but for blanks; null if calls follow no text
 */
record CallFormat(
        String start, String prefix, String middle, String suffix, String separator, String end, String joint) {
    /** Where an id of nine letters and digits stands. */
    static final char ID = '\uDFFD';

    /** Where a number stands. */
    static final char NUMBER = '\uDFFC';

    /** For templates that know no calls. */
    static final CallFormat PLAIN =
            new CallFormat("{\"tool_calls\": [", "{\"name\": \"", "\", \"arguments\": ", "}", ", ", "]}", null);

    boolean several() {
        return separator != null;
    }

    /** What stands before the first name. */
    String opening() {
        return start + prefix;
    }

    /** What tells that a reply is a call, at its beginning; empty if calls begin with their names. */
    String marker() {
        return marker(opening());
    }

    /** What tells that calls follow a text. */
    String markerBehindText() {
        return marker((joint == null ? "" : joint) + opening());
    }

    /** Whether calls may follow a text: where the template has them so, and where a control token leaves no doubt. */
    boolean followText() {
        return joint != null || !marker().isEmpty() && marker().charAt(0) == Spelling.BEGIN;
    }

    /**
     * A control token, or a tag, or what comes before the JSON, or all of it: as little as is safe, so that a call is
     * found however its blanks are.
     */
    private static String marker(String opening) {
        String text = opening.stripLeading();
        String mark = Spelling.firstMark(text);
        if (!mark.isEmpty()) {
            return mark;
        }
        int length = 0;
        while (length < text.length() && text.charAt(length) != ID && text.charAt(length) != NUMBER) {
            length++;
        }
        String fixed = text.substring(0, length);
        int brace = fixed.indexOf('{');
        return brace > 0 ? fixed.substring(0, brace).stripTrailing() : fixed;
    }
}
