package dev.lathe.text.json;

/**
 * A JSON number, exactly as it is written: {@code 1}, {@code 1.0} and {@code 1e0} are three different values.
 *
 * @param text the number by the grammar of RFC 8259
 */
public record JsonNumber(String text) implements JsonValue {
    /**
     * A number.
     *
     * @throws IllegalArgumentException if the text is no JSON number
     */
    public JsonNumber {
        if (text.isEmpty() || endOfNumber(text, 0) != text.length()) {
            throw new IllegalArgumentException("no JSON number: " + JsonException.shorten(text));
        }
    }

    /** Whether it is written without fraction and exponent. */
    public boolean isInteger() {
        return text.chars().allMatch(c -> c == '-' || isDigit((char) c));
    }

    /**
     * The number as an integer.
     *
     * @throws JsonException if it has a fraction or an exponent, or is no {@code long}
     */
    public long longValue() {
        if (isInteger()) {
            try {
                return Long.parseLong(text);
            } catch (NumberFormatException e) {
                throw new JsonException(JsonException.shorten(text) + " is beyond 64 bits", e);
            }
        }
        throw new JsonException("an integer is expected, got " + JsonException.shorten(text));
    }

    /**
     * The {@code double} that is nearest to the number.
     *
     * @throws JsonException if its magnitude is beyond what a {@code double} holds
     */
    public double doubleValue() {
        double value = Double.parseDouble(text);
        if (Double.isInfinite(value)) {
            throw new JsonException(JsonException.shorten(text) + " is beyond a double");
        }
        return value;
    }

    @Override
    public String kind() {
        return "a number";
    }

    @Override
    public String toString() {
        return text;
    }

    /** Where the longest number ends that begins at {@code start}; -1 - place where the text is no number. */
    static int endOfNumber(String text, int start) {
        int at = start;
        if (has(text, at, "-")) {
            at++;
        }
        int digits = at;
        at = endOfDigits(text, at);
        if (at == digits) {
            return -at - 1;
        }
        if (text.charAt(digits) == '0' && at > digits + 1) {
            return -(digits + 1) - 1;
        }
        if (has(text, at, ".")) {
            int fraction = endOfDigits(text, at + 1);
            if (fraction == at + 1) {
                return -fraction - 1;
            }
            at = fraction;
        }
        if (has(text, at, "eE")) {
            int power = has(text, at + 1, "+-") ? at + 2 : at + 1;
            at = endOfDigits(text, power);
            if (at == power) {
                return -at - 1;
            }
        }
        return at;
    }

    private static int endOfDigits(String text, int start) {
        int at = start;
        while (at < text.length() && isDigit(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private static boolean has(String text, int at, String characters) {
        return at < text.length() && characters.indexOf(text.charAt(at)) >= 0;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
