package dev.lathe.text.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.function.IntPredicate;

/** The methods of {@code str}. */
final class StringMethods {
    private static final MarkedText SPACE = MarkedText.ofTemplate(" ");
    private static final MarkedText ZERO = MarkedText.ofTemplate("0");

    private StringMethods() {}

    /** The method of this name, or null. A new one is a line here. */
    static Operation named(String name) {
        return switch (name) {
            case "capitalize" -> (r, s, a) -> none("capitalize", a, Text.capitalize(r, str(s)));
            case "center" -> (r, s, a) -> pad(r, s, a, "center", '^');
            case "count" -> StringMethods::count;
            case "endswith" -> (r, s, a) -> starts(r, s, a, "endswith");
            case "find" -> (r, s, a) -> find(r, s, a, "find");
            case "format" -> (r, s, a) -> BraceFormat.format(r, str(s), a);
            case "index" -> (r, s, a) -> find(r, s, a, "index");
            case "isalnum" -> (r, s, a) -> all("isalnum", s, a, c -> isNumeric(c) || Character.isLetter(c));
            case "isalpha" -> (r, s, a) -> all("isalpha", s, a, Character::isLetter);
            case "isascii" -> (r, s, a) -> str(s).isEmpty() || all("isascii", s, a, c -> c < 0x80);
            case "isdecimal" -> (r, s, a) -> all("isdecimal", s, a, Character::isDigit);
            case "isdigit" -> (r, s, a) -> all("isdigit", s, a, StringMethods::isDigit);
            case "islower" -> (r, s, a) -> oneCase("islower", s, a, Character::isLowerCase);
            case "isnumeric" -> (r, s, a) -> all("isnumeric", s, a, StringMethods::isNumeric);
            case "isspace" -> (r, s, a) -> all("isspace", s, a, Text::isSpace);
            case "isupper" -> (r, s, a) -> oneCase("isupper", s, a, Character::isUpperCase);
            case "join" -> StringMethods::join;
            case "ljust" -> (r, s, a) -> pad(r, s, a, "ljust", '<');
            case "lower" -> (r, s, a) -> none("lower", a, Text.lower(r, str(s)));
            case "lstrip" -> (r, s, a) -> strip(r, s, a, "lstrip", true, false);
            case "partition" -> (r, s, a) -> partition(r, s, a, "partition");
            case "removeprefix" ->
                (r, s, a) -> removePrefix(str(s), a.bind("removeprefix", 1, "").string(0));
            case "removesuffix" ->
                (r, s, a) -> removeSuffix(str(s), a.bind("removesuffix", 1, "").string(0));
            case "replace" -> StringMethods::replace;
            case "rfind" -> (r, s, a) -> find(r, s, a, "rfind");
            case "rindex" -> (r, s, a) -> find(r, s, a, "rindex");
            case "rjust" -> (r, s, a) -> pad(r, s, a, "rjust", '>');
            case "rpartition" -> (r, s, a) -> partition(r, s, a, "rpartition");
            case "rsplit" -> (r, s, a) -> split(r, s, a, true);
            case "rstrip" -> (r, s, a) -> strip(r, s, a, "rstrip", false, true);
            case "split" -> (r, s, a) -> split(r, s, a, false);
            case "splitlines" ->
                (r, s, a) -> Text.splitLines(
                        r, str(s), a.bind("splitlines", 0, "keepends").flag(0, false));
            case "startswith" -> (r, s, a) -> starts(r, s, a, "startswith");
            case "strip" -> (r, s, a) -> strip(r, s, a, "strip", true, true);
            case "swapcase" -> (r, s, a) -> none("swapcase", a, Text.swapCase(r, str(s)));
            case "title" -> (r, s, a) -> none("title", a, Text.title(r, str(s)));
            case "upper" -> (r, s, a) -> none("upper", a, Text.upper(r, str(s)));
            case "zfill" -> StringMethods::zeroFill;
            case "casefold",
                    "encode",
                    "expandtabs",
                    "format_map",
                    "isidentifier",
                    "isprintable",
                    "istitle",
                    "maketrans",
                    "translate" -> throw Failures.unsupported("the string method '" + name + "'");
            default -> null;
        };
    }

    private static MarkedText str(Object self) {
        return (MarkedText) self;
    }

    /** The result of a method that takes no arguments. */
    private static Object none(String name, Arguments arguments, MarkedText result) {
        arguments.bind(name, 0);
        return result;
    }

    private static Object strip(
            Rendering rendering, Object self, Arguments arguments, String name, boolean left, boolean right) {
        Arguments.Bound bound = arguments.bind(name, 0, "");
        return Text.strip(rendering, str(self), bound.isSet(0) ? bound.string(0) : null, left, right);
    }

    private static Object pad(Rendering rendering, Object self, Arguments arguments, String name, char align) {
        Arguments.Bound bound = arguments.bind(name, 1, "", "");
        MarkedText fill = bound.has(1) ? bound.text(1) : SPACE;
        if (fill.text().codePointCount(0, fill.length()) != 1) {
            throw Failures.failed("the fill character must be exactly one character long");
        }
        return padded(rendering, str(self), bound.integer(0, 0), fill, align);
    }

    /** Centred as Python does it, the odd space on the left where the width is odd. */
    static MarkedText padded(Rendering rendering, MarkedText text, long width, MarkedText fill, char align) {
        long missing = Math.max(0, Math.max(0, width) - Values.length(rendering, text));
        long left = align == '<' ? 0 : align == '>' ? missing : missing / 2 + (missing & width & 1);
        return new Buffer(rendering)
                .repeat(fill, left)
                .append(text)
                .repeat(fill, missing - left)
                .toText();
    }

    private static Object zeroFill(Rendering rendering, Object self, Arguments arguments) {
        long width = arguments.bind("zfill", 1, "").integer(0, 0);
        MarkedText text = str(self);
        int sign = text.text().startsWith("+") || text.text().startsWith("-") ? 1 : 0;
        MarkedText digits = text.slice(sign, text.length());
        return new Buffer(rendering)
                .append(text, 0, sign)
                .append(padded(rendering, digits, Math.max(width, sign) - sign, ZERO, '>'))
                .toText();
    }

    private static boolean all(String name, Object self, Arguments arguments, IntPredicate predicate) {
        arguments.bind(name, 0);
        return !str(self).isEmpty() && str(self).text().codePoints().allMatch(predicate);
    }

    private static boolean oneCase(String name, Object self, Arguments arguments, IntPredicate wanted) {
        arguments.bind(name, 0);
        return str(self).text().codePoints().anyMatch(wanted)
                && str(self).text().codePoints().allMatch(c -> !Text.isCased(c) || wanted.test(c));
    }

    /** Decimal digits, and the superscripts and circled ones that are digits too. */
    private static boolean isDigit(int c) {
        return Character.isDigit(c)
                || Character.getType(c) == Character.OTHER_NUMBER
                        && Character.getNumericValue(c) >= 0
                        && Character.getNumericValue(c) < 10
                        && "¼½¾".indexOf(c) < 0;
    }

    static boolean isNumeric(int c) {
        int type = Character.getType(c);
        return type == Character.DECIMAL_DIGIT_NUMBER
                || type == Character.LETTER_NUMBER
                || type == Character.OTHER_NUMBER;
    }

    private static Object removePrefix(MarkedText text, String prefix) {
        return text.text().startsWith(prefix) ? text.slice(prefix.length(), text.length()) : text;
    }

    private static Object removeSuffix(MarkedText text, String suffix) {
        return text.text().endsWith(suffix) ? text.slice(0, text.length() - suffix.length()) : text;
    }

    private static Object replace(Rendering rendering, Object self, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("replace", 2, "", "", "");
        return Text.replace(rendering, str(self), bound.text(0), bound.text(1), bound.integer(2, -1));
    }

    private static Object starts(Rendering rendering, Object self, Arguments arguments, String name) {
        Arguments.Bound bound = arguments.bind(name, 1, "", "", "");
        Window window = Window.of(rendering, str(self), bound);
        List<?> parts = bound.get(0) instanceof Tuple tuple ? tuple : Collections.singletonList(bound.get(0));
        for (Object part : parts) {
            String wanted = Values.string(part, name).text();
            rendering.payReading(wanted);
            if (window != null
                    && (name.equals("endswith")
                            ? window.text.text().endsWith(wanted)
                            : window.text.text().startsWith(wanted))) {
                return true;
            }
        }
        return false;
    }

    /** The part of a string between the optional bounds of a search, in code points; null where they exclude all. */
    private record Window(MarkedText text, long start) {
        static Window of(Rendering rendering, MarkedText text, Arguments.Bound bound) {
            if (!bound.isSet(1) && !bound.isSet(2)) {
                return new Window(text, 0);
            }
            long length = Values.length(rendering, text);
            long start = bound.isSet(1) ? bound(bound.integer(1, 0), length) : 0;
            long end = Math.min(length, bound.isSet(2) ? bound(bound.integer(2, 0), length) : length);
            return start > end ? null : new Window(Text.slice(rendering, text, start, end, 1), start);
        }

        private static long bound(long index, long length) {
            return index < 0 ? Math.max(0, index + length) : index;
        }
    }

    private static Object find(Rendering rendering, Object self, Arguments arguments, String name) {
        Arguments.Bound bound = arguments.bind(name, 1, "", "", "");
        MarkedText part = bound.text(0);
        Window window = Window.of(rendering, str(self), bound);
        Text.paySearch(rendering, str(self), part);
        int at = window == null
                ? -1
                : name.startsWith("r")
                        ? window.text.text().lastIndexOf(part.text())
                        : window.text.text().indexOf(part.text());
        if (at < 0 && name.endsWith("index")) {
            throw Failures.failed("substring not found");
        }
        return at < 0 ? -1L : window.start + window.text.text().codePointCount(0, at);
    }

    private static Object count(Rendering rendering, Object self, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("count", 1, "", "", "");
        MarkedText part = bound.text(0);
        Window window = Window.of(rendering, str(self), bound);
        Text.paySearch(rendering, str(self), part);
        if (window == null) {
            return 0L;
        }
        if (part.isEmpty()) {
            return Values.length(rendering, window.text) + 1;
        }
        long count = 0;
        String text = window.text.text();
        for (int at = text.indexOf(part.text()); at >= 0; at = text.indexOf(part.text(), at + part.length())) {
            count++;
        }
        return count;
    }

    private static Object join(Rendering rendering, Object self, Arguments arguments) {
        Iterator<?> items =
                Values.iterate(rendering, arguments.bind("join", 1, "").get(0));
        Buffer joined = new Buffer(rendering);
        for (boolean first = true; items.hasNext(); first = false) {
            if (!first) {
                joined.append(str(self));
            }
            joined.append(Values.string(items.next(), "join"));
        }
        return joined.toText();
    }

    private static Object partition(Rendering rendering, Object self, Arguments arguments, String name) {
        MarkedText separator = separator(arguments.bind(name, 1, "").get(0));
        MarkedText text = str(self);
        Text.paySearch(rendering, text, separator);
        boolean last = name.equals("rpartition");
        int at = last ? text.text().lastIndexOf(separator.text()) : text.text().indexOf(separator.text());
        rendering.allocateItems(3);
        rendering.allocateText(text.length());
        if (at < 0) {
            MarkedText empty = text.slice(0, 0);
            return last ? Tuple.of(empty, empty, text) : Tuple.of(text, empty, empty);
        }
        return Tuple.of(text.slice(0, at), separator, text.slice(at + separator.length(), text.length()));
    }

    private static MarkedText separator(Object value) {
        MarkedText separator = Values.string(value, "separator");
        if (separator.isEmpty()) {
            throw Failures.failed("empty separator");
        }
        return separator;
    }

    private static Object split(Rendering rendering, Object self, Arguments arguments, boolean fromRight) {
        Arguments.Bound bound = arguments.bind("split", 0, "sep", "maxsplit");
        long limit = bound.integer(1, -1);
        MarkedText text = str(self);
        List<Object> parts = bound.isSet(0)
                ? splitAt(rendering, text, separator(bound.get(0)), limit, fromRight)
                : splitAtSpaces(rendering, text, limit, fromRight);
        if (fromRight) {
            Collections.reverse(parts);
        }
        return parts;
    }

    private static List<Object> splitAt(
            Rendering rendering, MarkedText text, MarkedText separator, long limit, boolean fromRight) {
        Text.paySearch(rendering, text, separator);
        List<Object> parts = new ArrayList<>();
        String chars = text.text();
        int length = separator.length();
        int start = 0;
        int end = chars.length();
        for (long left = limit; left != 0; left--) {
            int at = fromRight
                    ? end < length ? -1 : chars.lastIndexOf(separator.text(), end - length)
                    : chars.indexOf(separator.text(), start);
            if (at < 0) {
                break;
            }
            parts.add(Text.part(rendering, text, fromRight ? at + length : start, fromRight ? end : at));
            start = fromRight ? 0 : at + length;
            end = fromRight ? at : end;
        }
        parts.add(Text.part(rendering, text, start, end));
        return parts;
    }

    /** At runs of spaces, none at the ends; what a limit leaves keeps the spaces at its far end. */
    private static List<Object> splitAtSpaces(Rendering rendering, MarkedText text, long limit, boolean fromRight) {
        List<Object> parts = new ArrayList<>();
        String chars = text.text();
        int step = fromRight ? -1 : 1;
        int end = fromRight ? -1 : chars.length();
        int at = skip(chars, fromRight ? chars.length() - 1 : 0, end, step, true);
        for (long left = limit; at != end; left--) {
            int stop = left == 0 ? end : skip(chars, at, end, step, false);
            parts.add(Text.part(rendering, text, fromRight ? stop + 1 : at, fromRight ? at + 1 : stop));
            at = skip(chars, stop, end, step, true);
        }
        return parts;
    }

    /** The next place from {@code at} on that is no space, or is one. */
    private static int skip(String text, int at, int end, int step, boolean spaces) {
        int next = at;
        while (next != end && Text.isSpace(text.charAt(next)) == spaces) {
            next += step;
        }
        return next;
    }
}
