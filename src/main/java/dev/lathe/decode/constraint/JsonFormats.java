package dev.lathe.decode.constraint;

import java.util.Map;
import java.util.TreeMap;

/** Formats of JSON Schema as regular expressions: not every text of a format, but nothing else. */
final class JsonFormats {
    private static final String DATE = "\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])"
            + "|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))";
    private static final String TIME =
            "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?(?:Z|[+-](?:0\\d|1[0-7]):[0-5]\\d)";
    private static final String BYTE = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private static final String LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?";
    private static final String ATOM = "[A-Za-z0-9_+-]{1,20}";

    private static final Map<String, String> PATTERNS = new TreeMap<>(Map.of(
            "date",
            DATE,
            "time",
            TIME,
            "date-time",
            DATE + "T" + TIME,
            "uuid",
            "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
            "email",
            ATOM + "(?:\\." + ATOM + "){0,2}@" + LABEL + "(?:\\." + LABEL + "){0,2}\\.[a-z]{2,10}",
            "ipv4",
            BYTE + "(?:\\." + BYTE + "){3}"));

    private JsonFormats() {}

    /** The pattern of a format; null if it is not supported. */
    static String pattern(String format) {
        return PATTERNS.get(format);
    }

    /** What is supported, for messages. */
    static String names() {
        return String.join(", ", PATTERNS.keySet());
    }
}
