package dev.lathe.text.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.function.IntPredicate;

/** The methods of {@code str}. */
final class StringMethods {
    private StringMethods() {}

    /** The method of this name, or null. A new one is a line here. */
    static Operation named(String name) {
        return switch (name) {
            case "capitalize" -> (r, s, a) -> simple("capitalize", a, Text.capitalize(str(s)));
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
            case "lower" -> (r, s, a) -> simple("lower", a, Text.lower(str(s)));
            case "lstrip" -> (r, s, a) -> strip(s, a, "lstrip", true, false);
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
            case "rstrip" -> (r, s, a) -> strip(s, a, "rstrip", false, true);
            case "split" -> (r, s, a) -> split(r, s, a, false);
            case "splitlines" ->
                (r, s, a) -> Text.splitLines(
                        r, str(s), a.bind("splitlines", 0, "keepends").flag(0, false));
            case "startswith" -> (r, s, a) -> starts(r, s, a, "startswith");
            case "strip" -> (r, s, a) -> strip(s, a, "strip", true, true);
            case "swapcase" -> (r, s, a) -> simple("swapcase", a, Text.swapCase(str(s)));
            case "title" -> (r, s, a) -> simple("title", a, Text.title(str(s)));
            case "upper" -> (r, s, a) -> simple("upper", a, Text.upper(str(s)));
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

    private static String str(Object self) {
        return (String) self;
    }

    private static Object simple(String name, Arguments arguments, String result) {
        arguments.bind(name, 0);
        return result;
    }

    private static Object strip(Object self, Arguments arguments, String name, boolean left, boolean right) {
        Arguments.Bound bound = arguments.bind(name, 0, "");
        return Text.strip(str(self), bound.isSet(0) ? bound.string(0) : null, left, right);
    }

    private static Object pad(Rendering rendering, Object self, Arguments arguments, String name, char align) {
        Arguments.Bound bound = arguments.bind(name, 1, "", "");
        String fill = bound.has(1) ? bound.string(1) : " ";
        if (Values.length(fill) != 1) {
            throw Failures.failed("the fill character must be exactly one character long");
        }
        return padded(rendering, str(self), bound.integer(0, 0), fill, align);
    }

    /** Centred as Python does it, the odd space on the left where the width is odd. */
    static String padded(Rendering rendering, String text, long width, String fill, char align) {
        long missing = Math.max(0, width - Values.length(text));
        long left = align == '<' ? 0 : align == '>' ? missing : missing / 2 + (missing & width & 1);
        return new Buffer(rendering)
                .repeat(fill, left)
                .append(text)
                .repeat(fill, missing - left)
                .toString();
    }

    private static Object zeroFill(Rendering rendering, Object self, Arguments arguments) {
        long width = arguments.bind("zfill", 1, "").integer(0, 0);
        String text = str(self);
        int sign = text.startsWith("+") || text.startsWith("-") ? 1 : 0;
        String digits = text.substring(sign);
        return text.substring(0, sign).concat(padded(rendering, digits, width - sign, "0", '>'));
    }

    private static boolean all(String name, Object self, Arguments arguments, IntPredicate predicate) {
        arguments.bind(name, 0);
        return !str(self).isEmpty() && str(self).codePoints().allMatch(predicate);
    }

    private static boolean oneCase(String name, Object self, Arguments arguments, IntPredicate wanted) {
        arguments.bind(name, 0);
        return str(self).codePoints().anyMatch(wanted)
                && str(self).codePoints().allMatch(c -> !Text.isCased(c) || wanted.test(c));
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

    private static Object removePrefix(String text, String prefix) {
        return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
    }

    private static Object removeSuffix(String text, String suffix) {
        return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
    }

    private static Object replace(Rendering rendering, Object self, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("replace", 2, "", "", "");
        return Text.replace(rendering, str(self), bound.string(0), bound.string(1), bound.integer(2, -1));
    }

    private static Object starts(Rendering rendering, Object self, Arguments arguments, String name) {
        Arguments.Bound bound = arguments.bind(name, 1, "", "", "");
        Window window = Window.of(rendering, str(self), bound);
        List<?> parts = bound.get(0) instanceof Tuple tuple ? tuple : Collections.singletonList(bound.get(0));
        for (Object part : parts) {
            String wanted = Values.string(part, name);
            if (window != null
                    && (name.equals("endswith") ? window.text.endsWith(wanted) : window.text.startsWith(wanted))) {
                return true;
            }
        }
        return false;
    }

    /** The part of a string between the optional bounds of a search, in code points; null where they exclude all. */
    private record Window(String text, long start) {
        static Window of(Rendering rendering, String text, Arguments.Bound bound) {
            if (!bound.isSet(1) && !bound.isSet(2)) {
                return new Window(text, 0);
            }
            long length = Values.length(text);
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
        String part = bound.string(0);
        Window window = Window.of(rendering, str(self), bound);
        Text.paySearch(rendering, str(self), part);
        int at = window == null ? -1 : name.startsWith("r") ? window.text.lastIndexOf(part) : window.text.indexOf(part);
        if (at < 0 && name.endsWith("index")) {
            throw Failures.failed("substring not found");
        }
        return at < 0 ? -1L : window.start + window.text.codePointCount(0, at);
    }

    private static Object count(Rendering rendering, Object self, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("count", 1, "", "", "");
        String part = bound.string(0);
        Window window = Window.of(rendering, str(self), bound);
        Text.paySearch(rendering, str(self), part);
        if (window == null) {
            return 0L;
        }
        if (part.isEmpty()) {
            return Values.length(window.text) + 1;
        }
        long count = 0;
        for (int at = window.text.indexOf(part); at >= 0; at = window.text.indexOf(part, at + part.length())) {
            count++;
        }
        return count;
    }

    private static Object join(Rendering rendering, Object self, Arguments arguments) {
        Iterator<?> items = Values.iterate(arguments.bind("join", 1, "").get(0));
        Buffer joined = new Buffer(rendering);
        for (boolean first = true; items.hasNext(); first = false) {
            rendering.spend(1);
            joined.append(first ? "" : str(self)).append(Values.string(items.next(), "join"));
        }
        return joined.toString();
    }

    private static Object partition(Rendering rendering, Object self, Arguments arguments, String name) {
        String separator = separator(arguments.bind(name, 1, "").get(0));
        String text = str(self);
        Text.paySearch(rendering, text, separator);
        boolean last = name.equals("rpartition");
        int at = last ? text.lastIndexOf(separator) : text.indexOf(separator);
        rendering.allocate(text.length());
        if (at < 0) {
            return last ? Tuple.of("", "", text) : Tuple.of(text, "", "");
        }
        return Tuple.of(text.substring(0, at), separator, text.substring(at + separator.length()));
    }

    private static String separator(Object value) {
        String separator = Values.string(value, "separator");
        if (separator.isEmpty()) {
            throw Failures.failed("empty separator");
        }
        return separator;
    }

    private static Object split(Rendering rendering, Object self, Arguments arguments, boolean fromRight) {
        Arguments.Bound bound = arguments.bind("split", 0, "sep", "maxsplit");
        long limit = bound.integer(1, -1);
        String text = str(self);
        List<Object> parts = bound.isSet(0)
                ? splitAt(rendering, text, separator(bound.get(0)), limit, fromRight)
                : splitAtSpaces(rendering, text, limit, fromRight);
        if (fromRight) {
            Collections.reverse(parts);
        }
        return parts;
    }

    private static List<Object> splitAt(
            Rendering rendering, String text, String separator, long limit, boolean fromRight) {
        Text.paySearch(rendering, text, separator);
        List<Object> parts = new ArrayList<>();
        int start = 0;
        int end = text.length();
        for (long left = limit; left != 0; left--) {
            int at = fromRight
                    ? end < separator.length() ? -1 : text.lastIndexOf(separator, end - separator.length())
                    : text.indexOf(separator, start);
            if (at < 0) {
                break;
            }
            rendering.allocateItems(1);
            rendering.allocate(fromRight ? end - at : at - start);
            parts.add(fromRight ? text.substring(at + separator.length(), end) : text.substring(start, at));
            start = fromRight ? 0 : at + separator.length();
            end = fromRight ? at : end;
        }
        parts.add(text.substring(start, end));
        return parts;
    }

    /** At runs of spaces, none at the ends; what a limit leaves keeps the spaces at its far end. */
    private static List<Object> splitAtSpaces(Rendering rendering, String text, long limit, boolean fromRight) {
        List<Object> parts = new ArrayList<>();
        int step = fromRight ? -1 : 1;
        int end = fromRight ? -1 : text.length();
        int at = skip(text, fromRight ? text.length() - 1 : 0, end, step, true);
        for (long left = limit; at != end; left--) {
            int stop = left == 0 ? end : skip(text, at, end, step, false);
            String part = fromRight ? text.substring(stop + 1, at + 1) : text.substring(at, stop);
            rendering.allocateItems(1);
            rendering.allocate(part.length());
            parts.add(part);
            at = skip(text, stop, end, step, true);
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
