package dev.lathe.text.template;

import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Filters on text. Each takes any value as the text that Python's {@code str} makes of it. */
final class TextFilters {
    private TextFilters() {}

    private static String text(Rendering rendering, Object value) {
        return Representation.text(rendering, value);
    }

    static Object upper(Rendering rendering, Object value, Arguments arguments) {
        arguments.bind("upper", 0);
        return Text.upper(text(rendering, value));
    }

    static Object lower(Rendering rendering, Object value, Arguments arguments) {
        arguments.bind("lower", 0);
        return Text.lower(text(rendering, value));
    }

    static Object capitalize(Rendering rendering, Object value, Arguments arguments) {
        arguments.bind("capitalize", 0);
        return Text.capitalize(text(rendering, value));
    }

    /** Unlike the method, capitals follow spaces, hyphens and opening brackets only. */
    static Object title(Rendering rendering, Object value, Arguments arguments) {
        arguments.bind("title", 0);
        String text = text(rendering, value);
        StringBuilder title = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            int start = at;
            while (at < text.length() && isBreak(text.charAt(at))) {
                at++;
            }
            title.append(text, start, at);
            start = at;
            while (at < text.length() && !isBreak(text.charAt(at))) {
                at++;
            }
            if (start < at) {
                int first = start + Character.charCount(text.codePointAt(start));
                title.append(Text.upper(text.substring(start, first))).append(Text.lower(text.substring(first, at)));
            }
        }
        return title.toString();
    }

    private static boolean isBreak(char character) {
        return Text.isSpace(character) || "-({[<".indexOf(character) >= 0;
    }

    static Object trim(Rendering rendering, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("trim", 0, "chars");
        return Text.strip(text(rendering, value), bound.isSet(0) ? bound.string(0) : null, true, true);
    }

    static Object replace(Rendering rendering, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("replace", 2, "old", "new", "count");
        String old = Representation.str(rendering, bound.get(0));
        String replacement = Representation.str(rendering, bound.get(1));
        long count = bound.isSet(2) ? bound.integer(2, -1) : -1;
        return Text.replace(rendering, Representation.str(rendering, value), old, replacement, count);
    }

    static Object join(Rendering rendering, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("join", 0, "d", "attribute");
        String separator = Representation.str(rendering, bound.get(0, ""));
        AttributePath path = AttributePath.of(bound.get(1, null));
        Buffer joined = new Buffer(rendering);
        boolean first = true;
        for (Iterator<?> items = Values.iterate(value); items.hasNext(); first = false) {
            rendering.spend(1);
            joined.append(first ? "" : separator);
            joined.append(Representation.str(rendering, path.of(rendering, items.next())));
        }
        return joined.toString();
    }

    static Object indent(Rendering rendering, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("indent", 0, "width", "first", "blank");
        String indention = bound.get(0, 4L) instanceof String given
                ? given
                : new Buffer(rendering).repeat(" ", bound.integer(0, 4)).toString();
        boolean blank = bound.flag(2, false);
        List<Object> lines =
                Text.splitLines(rendering, Values.string(value, "indent").concat("\n"), false);
        Buffer indented = new Buffer(rendering);
        for (int i = 0; i < lines.size(); i++) {
            String line = (String) lines.get(i);
            boolean wanted = i == 0 ? bound.flag(1, false) : blank || !line.isEmpty();
            indented.append(i == 0 ? "" : "\n").append(wanted ? indention : "").append(line);
        }
        return indented.toString();
    }

    static Object center(Rendering rendering, Object value, Arguments arguments) {
        long width = arguments.bind("center", 0, "width").integer(0, 80);
        return StringMethods.padded(rendering, text(rendering, value), width, " ", '^');
    }

    static Object truncate(Rendering rendering, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("truncate", 0, "length", "killwords", "end", "leeway");
        String end = bound.has(2) ? bound.string(2) : "...";
        long length = bound.integer(0, 255);
        long leeway = bound.isSet(3) ? bound.integer(3, 0) : 5;
        if (length < Values.length(end) || leeway < 0) {
            throw Failures.failed("truncate: the length must leave room for the end, and the leeway not be negative");
        }
        if (Values.length(value) <= length + leeway) {
            return value;
        }
        String text = Values.string(value, "truncate");
        String kept = Text.slice(rendering, text, 0, length - Values.length(end), 1);
        int space = kept.lastIndexOf(' ');
        return (bound.flag(1, false) || space < 0 ? kept : kept.substring(0, space)).concat(end);
    }

    static Object wordCount(Rendering rendering, Object value, Arguments arguments) {
        arguments.bind("wordcount", 0);
        long count = 0;
        boolean inWord = false;
        String text = text(rendering, value);
        for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
            int character = text.codePointAt(at);
            boolean word = character == '_' || Character.isLetter(character) || StringMethods.isNumeric(character);
            count += word && !inWord ? 1 : 0;
            inWord = word;
        }
        return count;
    }

    static Object format(Rendering rendering, Object value, Arguments arguments) {
        if (!arguments.positional().isEmpty() && !arguments.named().isEmpty()) {
            throw Failures.failed("format: can't handle positional and keyword arguments at the same time");
        }
        Map<String, Object> named = arguments.named();
        Object values = named.isEmpty() ? Tuple.of(arguments.positional().toArray()) : named;
        return PercentFormat.format(rendering, text(rendering, value), values);
    }

    static Object string(Rendering rendering, Object value, Arguments arguments) {
        arguments.bind("string", 0);
        return value instanceof Markup ? value : Representation.str(rendering, value);
    }

    static Object safe(Rendering rendering, Object value, Arguments arguments) {
        arguments.bind("safe", 0);
        return value instanceof Markup ? value : new Markup(Representation.str(rendering, value));
    }

    static Object escape(Rendering rendering, Object value, Arguments arguments) {
        arguments.bind("escape", 0);
        return value instanceof Markup ? value : Markup.escape(rendering, Representation.str(rendering, value));
    }

    static Object forceEscape(Rendering rendering, Object value, Arguments arguments) {
        arguments.bind("forceescape", 0);
        return Markup.escape(rendering, Representation.str(rendering, value));
    }
}
