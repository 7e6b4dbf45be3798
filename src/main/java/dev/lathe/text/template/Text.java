package dev.lathe.text.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Python's strings over Java's: counted in code points, with Python's idea of a space and of a line's end. */
final class Text {
    private static final char SIGMA = 'Σ';

    private Text() {}

    /** {@code str.isspace} of one character. */
    static boolean isSpace(int character) {
        return character == ' '
                || character >= 0x09 && character <= 0x0d
                || character >= 0x1c && character <= 0x1f
                || character == 0x85
                || character > 0x7f && Character.isSpaceChar(character);
    }

    /** Without the characters of a set at either end; null means spaces. */
    static String strip(String text, String characters, boolean left, boolean right) {
        int start = left ? leadingSpaces(text, characters) : 0;
        int end = text.length();
        while (right && end > start && isStripped(text.codePointBefore(end), characters)) {
            end -= Character.charCount(text.codePointBefore(end));
        }
        return text.substring(start, end);
    }

    private static int leadingSpaces(String text, String characters) {
        int start = 0;
        while (start < text.length() && isStripped(text.codePointAt(start), characters)) {
            start += Character.charCount(text.codePointAt(start));
        }
        return start;
    }

    private static boolean isStripped(int character, String characters) {
        return characters == null ? isSpace(character) : characters.indexOf(character) >= 0;
    }

    static Iterator<Object> characters(String text) {
        return new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < text.length();
            }

            @Override
            public Object next() {
                int start = next;
                next += Character.charCount(text.codePointAt(start));
                return text.substring(start, next);
            }
        };
    }

    static String at(String text, int index) {
        int start = text.offsetByCodePoints(0, index);
        return text.substring(start, start + Character.charCount(text.codePointAt(start)));
    }

    /** The characters from {@code start} to before {@code end} by steps; bounds are in range already. */
    static String slice(Rendering rendering, String text, long start, long end, long step) {
        rendering.payReading(text);
        if (step == 1) {
            if (start >= end) {
                return "";
            }
            int first = text.offsetByCodePoints(0, (int) start);
            int last = text.offsetByCodePoints(first, (int) (end - start));
            rendering.allocate(last - first);
            return text.substring(first, last);
        }
        rendering.allocate(2L * text.length());
        int[] characters = text.codePoints().toArray();
        StringBuilder picked = new StringBuilder();
        for (long i = start; step > 0 ? i < end : i > end; i += step) {
            picked.appendCodePoint(characters[(int) i]);
            if (Math.abs(step) > characters.length) {
                break;
            }
        }
        return picked.toString();
    }

    /** Order by code points, which is not that of Java's strings. */
    static int compare(String a, String b) {
        int common = Math.min(a.length(), b.length());
        for (int i = 0; i < common; i++) {
            char left = a.charAt(i);
            char right = b.charAt(i);
            if (left != right) {
                boolean bothPlain = !Character.isSurrogate(left) && !Character.isSurrogate(right);
                boolean bothSurrogate = Character.isSurrogate(left) && Character.isSurrogate(right);
                return bothPlain || bothSurrogate ? left - right : Character.isSurrogate(left) ? 1 : -1;
            }
        }
        return a.length() - b.length();
    }

    /** What a search costs at worst. */
    static void paySearch(Rendering rendering, String text, String part) {
        rendering.spend(((long) text.length() >> 4) + ((long) text.length() * part.length() >> 8));
    }

    static String replace(Rendering rendering, String text, String part, String replacement, long count) {
        paySearch(rendering, text, part);
        Buffer result = new Buffer(rendering);
        int from = 0;
        if (part.isEmpty()) {
            for (; count != 0 && from < text.length(); count--) {
                result.append(replacement);
                int end = from + Character.charCount(text.codePointAt(from));
                result.append(text, from, end);
                from = end;
            }
            return (count == 0 ? result.append(text, from, text.length()) : result.append(replacement)).toString();
        }
        for (int at = text.indexOf(part); at >= 0 && count != 0; at = text.indexOf(part, from), count--) {
            result.append(text, from, at).append(replacement);
            from = at + part.length();
        }
        return result.append(text, from, text.length()).toString();
    }

    static List<Object> splitLines(Rendering rendering, String text, boolean keepEnds) {
        List<Object> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            if (isLineEnd(text.charAt(i))) {
                int end = i;
                if (text.charAt(i) == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') {
                    i++;
                }
                rendering.allocateItems(1);
                rendering.allocate(i - start);
                lines.add(text.substring(start, keepEnds ? i + 1 : end));
                start = i + 1;
            }
        }
        if (start < text.length()) {
            lines.add(text.substring(start));
        }
        return lines;
    }

    private static boolean isLineEnd(char c) {
        return c >= 0x0a && c <= 0x0d || c >= 0x1c && c <= 0x1e || c == 0x85 || c == 0x2028 || c == 0x2029;
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int end = Character.charCount(text.codePointAt(0));
        StringBuilder result = new StringBuilder(titleCase(text.substring(0, end)));
        for (int at = end; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
            result.append(lowerAt(text, at));
        }
        return result.toString();
    }

    /** {@code str.title}: every run of letters begins with a capital. */
    static String title(String text) {
        StringBuilder result = new StringBuilder();
        boolean inWord = false;
        for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
            int character = text.codePointAt(at);
            result.append(inWord ? lowerAt(text, at) : titleCase(Character.toString(character)));
            inWord = isCased(character);
        }
        return result.toString();
    }

    static String swapCase(String text) {
        StringBuilder result = new StringBuilder();
        for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
            int character = text.codePointAt(at);
            result.append(Character.isUpperCase(character) ? lowerAt(text, at) : upper(Character.toString(character)));
        }
        return result.toString();
    }

    static String upper(String text) {
        return text.toUpperCase(java.util.Locale.ROOT);
    }

    static String lower(String text) {
        if (text.indexOf(SIGMA) < 0) {
            return text.toLowerCase(java.util.Locale.ROOT);
        }
        StringBuilder result = new StringBuilder();
        for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
            result.append(lowerAt(text, at));
        }
        return result.toString();
    }

    /** One character in lower case; a capital sigma ends a word in another form, and Java's words are not Python's. */
    private static String lowerAt(String text, int at) {
        int character = text.codePointAt(at);
        if (character != SIGMA) {
            return Character.toString(character).toLowerCase(java.util.Locale.ROOT);
        }
        int before = at;
        while (before > 0 && isCaseIgnorable(text.codePointBefore(before))) {
            before -= Character.charCount(text.codePointBefore(before));
        }
        int after = at + 1;
        while (after < text.length() && isCaseIgnorable(text.codePointAt(after))) {
            after += Character.charCount(text.codePointAt(after));
        }
        boolean ends = before > 0
                && isCased(text.codePointBefore(before))
                && (after == text.length() || !isCased(text.codePointAt(after)));
        return ends ? "ς" : "σ";
    }

    private static boolean isCaseIgnorable(int character) {
        return switch (Character.getType(character)) {
            case Character.NON_SPACING_MARK,
                    Character.ENCLOSING_MARK,
                    Character.FORMAT,
                    Character.MODIFIER_LETTER,
                    Character.MODIFIER_SYMBOL -> true;
            default -> "'.:·‘’․﹒＇．：".indexOf(character) >= 0;
        };
    }

    private static String titleCase(String character) {
        int codePoint = character.codePointAt(0);
        int title = Character.toTitleCase(codePoint);
        if (title != codePoint) {
            return Character.toString(title);
        }
        String upper = upper(character);
        int rest = upper.offsetByCodePoints(0, 1);
        return upper.substring(0, rest).concat(lower(upper.substring(rest)));
    }

    static boolean isCased(int character) {
        return Character.isUpperCase(character) || Character.isLowerCase(character) || Character.isTitleCase(character);
    }
}
