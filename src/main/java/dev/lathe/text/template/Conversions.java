package dev.lathe.text.template;

/** Python's {@code int()} and {@code float()}. */
final class Conversions {
    private Conversions() {}

    /** {@code int(real)}. */
    static long truncated(double real) {
        if (Double.isNaN(real) || Double.isInfinite(real)) {
            throw Failures.failed("cannot convert float " + Representation.real(real) + " to integer");
        }
        if (Math.abs(real) >= 0x1p63) {
            throw Failures.unsupported("an integer beyond 64 bits");
        }
        return (long) real;
    }

    /** {@code int(text, base)}, or null where the text is none. */
    static Long integer(String text, long base) {
        if (base != 0 && (base < 2 || base > 36)) {
            return null;
        }
        String digits = lowerStripped(text);
        boolean negative = digits.startsWith("-");
        digits = negative || digits.startsWith("+") ? digits.substring(1) : digits;
        int prefixBase = digits.startsWith("0x") ? 16 : digits.startsWith("0o") ? 8 : digits.startsWith("0b") ? 2 : 0;
        long radix = base;
        if (prefixBase != 0 && (base == 0 || base == prefixBase)) {
            radix = prefixBase;
            digits = digits.substring(digits.startsWith("_", 2) ? 3 : 2);
        } else if (base == 0) {
            radix = 10;
            if (digits.startsWith("0")
                    && !digits.replace("0", "").replace("_", "").isEmpty()) {
                return null;
            }
        }
        String plain = withoutUnderscores(digits);
        if (plain == null || plain.startsWith("+") || plain.startsWith("-")) {
            return null;
        }
        for (int i = 0; i < plain.length(); i++) {
            if (Character.digit(plain.charAt(i), (int) radix) < 0) {
                return null;
            }
        }
        try {
            return Long.parseLong(negative ? "-".concat(plain) : plain, (int) radix);
        } catch (NumberFormatException tooLarge) {
            throw Failures.unsupported("an integer beyond 64 bits");
        }
    }

    /** Without spaces at its ends and with ASCII in lower case; other letters make no number. */
    private static String lowerStripped(String text) {
        int start = 0;
        int end = text.length();
        while (start < end && Text.isSpace(text.charAt(start))) {
            start++;
        }
        while (end > start && Text.isSpace(text.charAt(end - 1))) {
            end--;
        }
        StringBuilder lower = new StringBuilder(end - start);
        for (int i = start; i < end; i++) {
            char character = text.charAt(i);
            lower.append(character >= 'A' && character <= 'Z' ? (char) (character + 0x20) : character);
        }
        return lower.toString();
    }

    /** {@code float(text)}, or null where the text is none. */
    static Double real(String text) {
        String stripped = lowerStripped(text);
        boolean negative = stripped.startsWith("-");
        String number = withoutUnderscores(negative || stripped.startsWith("+") ? stripped.substring(1) : stripped);
        if (number == null) {
            return null;
        }
        double magnitude;
        if (number.equals("inf") || number.equals("infinity")) {
            magnitude = Double.POSITIVE_INFINITY;
        } else if (number.equals("nan")) {
            magnitude = Double.NaN;
        } else if (isDecimal(number)) {
            magnitude = Double.parseDouble(number);
        } else {
            return null;
        }
        return negative ? -magnitude : magnitude;
    }

    /** Null where an underscore is not between two digits, or nothing is left. */
    private static String withoutUnderscores(String digits) {
        if (digits.indexOf('_') < 0) {
            return digits.isEmpty() ? null : digits;
        }
        for (int i = 0; i < digits.length(); i++) {
            boolean between = i > 0
                    && i + 1 < digits.length()
                    && Character.isLetterOrDigit(digits.charAt(i - 1))
                    && Character.isLetterOrDigit(digits.charAt(i + 1));
            if (digits.charAt(i) == '_' && !between) {
                return null;
            }
        }
        return digits.replace("_", "");
    }

    /** Digits with a point and an exponent; what else Java reads, such as {@code 1f}, is none. */
    private static boolean isDecimal(String text) {
        int digits = 0;
        int at = 0;
        for (boolean point = false; at < text.length(); at++) {
            char character = text.charAt(at);
            if (character == '.' && !point) {
                point = true;
            } else if (character >= '0' && character <= '9') {
                digits++;
            } else {
                break;
            }
        }
        if (digits == 0 || at == text.length()) {
            return digits > 0;
        }
        if (text.charAt(at++) != 'e') {
            return false;
        }
        if (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
            at++;
        }
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at > start && at == text.length();
    }
}
