package dev.lathe.text.template;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Python's strings over Java's: counted in code points, with Python's idea of a space and of a line's end. */
final class Text {
    private static final char SIGMA = 'Σ';
    private static final MarkedText EMPTY = MarkedText.ofTemplate("");
    private static final String[] ASCII =
            IntStream.range(0, 0x80).mapToObj(Character::toString).toArray(String[]::new);

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
    static MarkedText strip(Rendering rendering, MarkedText text, String characters, boolean left, boolean right) {
        rendering.payReading(text);
        IntPredicate stripped = Text::isSpace;
        if (characters != null) {
            rendering.allocateItems(characters.length());
            Set<Integer> set = new HashSet<>();
            characters.codePoints().forEach(set::add);
            stripped = set::contains;
        }
        String chars = text.text();
        int start = 0;
        int end = chars.length();
        while (left && start < end && stripped.test(chars.codePointAt(start))) {
            start += Character.charCount(chars.codePointAt(start));
        }
        while (right && end > start && stripped.test(chars.codePointBefore(end))) {
            end -= Character.charCount(chars.codePointBefore(end));
        }
        return text.slice(start, end);
    }

    static Iterator<Object> characters(MarkedText text) {
        return new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < text.length();
            }

            @Override
            public Object next() {
                int start = next;
                next += Character.charCount(text.text().codePointAt(start));
                return text.slice(start, next);
            }
        };
    }

    /** The character at an index, which is in range. */
    static MarkedText at(MarkedText text, int index) {
        int start = text.text().offsetByCodePoints(0, index);
        return text.slice(start, start + Character.charCount(text.text().codePointAt(start)));
    }

    /** The characters from {@code start} to before {@code end} by steps; bounds are in range already. */
    static MarkedText slice(Rendering rendering, MarkedText text, long start, long end, long step) {
        rendering.payReading(text);
        if (step == 1) {
            if (start >= end) {
                return EMPTY;
            }
            int first = text.text().offsetByCodePoints(0, (int) start);
            int last = text.text().offsetByCodePoints(first, (int) (end - start));
            rendering.allocateText(last - first);
            return text.slice(first, last);
        }
        rendering.allocate(2L * Integer.BYTES * text.length());
        int[] places = new int[text.length()];
        int count = 0;
        for (int at = 0;
                at < text.length();
                at += Character.charCount(text.text().codePointAt(at))) {
            places[count++] = at;
        }
        Buffer picked = new Buffer(rendering);
        for (long i = start; step > 0 ? i < end : i > end; i += step) {
            int at = places[(int) i];
            picked.appendCodePoint(text.text().codePointAt(at), text.isData(at));
            if (step > count || step < -count) {
                break;
            }
        }
        return picked.toText();
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
    static void paySearch(Rendering rendering, MarkedText text, MarkedText part) {
        rendering.spend(1 + ((long) text.length() >> 4) + ((long) text.length() * part.length() >> 8));
    }

    static MarkedText replace(
            Rendering rendering, MarkedText text, MarkedText part, MarkedText replacement, long count) {
        paySearch(rendering, text, part);
        String chars = text.text();
        Buffer result = new Buffer(rendering);
        int from = 0;
        if (part.isEmpty()) {
            long left = count;
            for (; left != 0 && from < chars.length(); left--) {
                result.append(replacement);
                int end = from + Character.charCount(chars.codePointAt(from));
                result.append(text, from, end);
                from = end;
            }
            return (left == 0 ? result.append(text, from, chars.length()) : result.append(replacement)).toText();
        }
        long left = count;
        for (int at = chars.indexOf(part.text()); at >= 0 && left != 0; at = chars.indexOf(part.text(), from), left--) {
            result.append(text, from, at).append(replacement);
            from = at + part.length();
        }
        return result.append(text, from, chars.length()).toText();
    }

    static List<Object> splitLines(Rendering rendering, MarkedText text, boolean keepEnds) {
        rendering.payReading(text);
        List<Object> lines = new ArrayList<>();
        String chars = text.text();
        int start = 0;
        for (int i = 0; i < chars.length(); i++) {
            if (isLineEnd(chars.charAt(i))) {
                int end = i;
                if (chars.charAt(i) == '\r' && i + 1 < chars.length() && chars.charAt(i + 1) == '\n') {
                    i++;
                }
                lines.add(part(rendering, text, start, keepEnds ? i + 1 : end));
                start = i + 1;
            }
        }
        if (start < chars.length()) {
            lines.add(part(rendering, text, start, chars.length()));
        }
        return lines;
    }

    /** A part of a text that becomes an item of a list. */
    static MarkedText part(Rendering rendering, MarkedText text, int from, int to) {
        rendering.allocateItems(1);
        rendering.allocateText(to - from);
        return text.slice(from, to);
    }

    private static boolean isLineEnd(char c) {
        return c >= 0x0a && c <= 0x0d || c >= 0x1c && c <= 0x1e || c == 0x85 || c == 0x2028 || c == 0x2029;
    }

    /** What becomes of each character of a text. */
    @FunctionalInterface
    interface CharacterMap {
        /** The text in place of the character at a char index. */
        String at(String text, int index);
    }

    /** A text with each character mapped. One at a time: the JDK's own change of case is quadratic where it expands. */
    static MarkedText map(Rendering rendering, MarkedText text, CharacterMap map) {
        rendering.payReading(text);
        Buffer result = new Buffer(rendering);
        String chars = text.text();
        for (int at = 0; at < chars.length(); at += Character.charCount(chars.codePointAt(at))) {
            result.append(map.at(chars, at), text.isData(at));
        }
        return result.toText();
    }

    static MarkedText upper(Rendering rendering, MarkedText text) {
        return map(rendering, text, Text::upperAt);
    }

    static MarkedText lower(Rendering rendering, MarkedText text) {
        return map(rendering, text, Text::lowerAt);
    }

    static MarkedText capitalize(Rendering rendering, MarkedText text) {
        return map(rendering, text, (chars, at) -> at == 0 ? titleAt(chars, at) : lowerAt(chars, at));
    }

    /** {@code str.title}: every run of letters begins with a capital. */
    static MarkedText title(Rendering rendering, MarkedText text) {
        return map(
                rendering,
                text,
                (chars, at) -> at > 0 && isCased(chars.codePointBefore(at)) ? lowerAt(chars, at) : titleAt(chars, at));
    }

    static MarkedText swapCase(Rendering rendering, MarkedText text) {
        return map(
                rendering,
                text,
                (chars, at) -> Character.isUpperCase(chars.codePointAt(at)) ? lowerAt(chars, at) : upperAt(chars, at));
    }

    static String upperAt(String text, int at) {
        char character = text.charAt(at);
        return character < 0x80
                ? ascii(character >= 'a' && character <= 'z' ? (char) (character - 0x20) : character)
                : Character.toString(text.codePointAt(at)).toUpperCase(java.util.Locale.ROOT);
    }

    private static String ascii(char character) {
        return ASCII[character];
    }

    /** One character in lower case; a capital sigma ends a word in another form, and Java's words are not Python's. */
    static String lowerAt(String text, int at) {
        int character = text.codePointAt(at);
        if (character < 0x80) {
            return ascii((char) (character >= 'A' && character <= 'Z' ? character + 0x20 : character));
        }
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

    private static String titleAt(String text, int at) {
        int codePoint = text.codePointAt(at);
        int title = Character.toTitleCase(codePoint);
        if (title != codePoint) {
            return Character.toString(title);
        }
        String upper = upperAt(text, at);
        int rest = upper.offsetByCodePoints(0, 1);
        return upper.substring(0, rest).concat(upper.substring(rest).toLowerCase(java.util.Locale.ROOT));
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

    static boolean isCased(int character) {
        return Character.isUpperCase(character) || Character.isLowerCase(character) || Character.isTitleCase(character);
    }
}
