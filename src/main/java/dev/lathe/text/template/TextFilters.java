package dev.lathe.text.template;

import java.util.Iterator;
import java.util.Map;

/** Filters on text. Each takes any value as the text that Python's {@code str} makes of it. */
final class TextFilters {
    private static final MarkedText EMPTY = MarkedText.ofTemplate("");
    private static final MarkedText SPACE = MarkedText.ofTemplate(" ");
    private static final MarkedText ELLIPSIS = MarkedText.ofTemplate("...");

    private TextFilters() {}

    private static MarkedText text(Rendering rendering, Object value) {
        return Representation.text(rendering, value);
    }

    static Object upper(Rendering rendering, Object value, Arguments arguments) {
        arguments.bind("upper", 0);
        return Text.upper(rendering, text(rendering, value));
    }

    static Object lower(Rendering rendering, Object value, Arguments arguments) {
        arguments.bind("lower", 0);
        return Text.lower(rendering, text(rendering, value));
    }

    static Object capitalize(Rendering rendering, Object value, Arguments arguments) {
        arguments.bind("capitalize", 0);
        return Text.capitalize(rendering, text(rendering, value));
    }

    /** Unlike the method, capitals follow spaces, hyphens and opening brackets only. */
    static Object title(Rendering rendering, Object value, Arguments arguments) {
        arguments.bind("title", 0);
        MarkedText text = text(rendering, value);
        String chars = text.text();
        Buffer title = new Buffer(rendering);
        int at = 0;
        while (at < chars.length()) {
            int start = at;
            while (at < chars.length() && isBreak(chars.charAt(at))) {
                at++;
            }
            title.append(text, start, at);
            start = at;
            while (at < chars.length() && !isBreak(chars.charAt(at))) {
                at++;
            }
            if (start < at) {
                int first = start + Character.charCount(chars.codePointAt(start));
                title.append(Text.upper(rendering, text.slice(start, first)))
                        .append(Text.lower(rendering, text.slice(first, at)));
            }
        }
        return title.toText();
    }

    private static boolean isBreak(char character) {
        return Text.isSpace(character) || "-({[<".indexOf(character) >= 0;
    }

    static Object trim(Rendering rendering, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("trim", 0, "chars");
        return Text.strip(rendering, text(rendering, value), bound.isSet(0) ? bound.string(0) : null, true, true);
    }

    static Object replace(Rendering rendering, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("replace", 2, "old", "new", "count");
        MarkedText old = Representation.str(rendering, bound.get(0));
        MarkedText replacement = Representation.str(rendering, bound.get(1));
        long count = bound.isSet(2) ? bound.integer(2, -1) : -1;
        return Text.replace(rendering, Representation.str(rendering, value), old, replacement, count);
    }

    static Object join(Rendering rendering, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("join", 0, "d", "attribute");
        MarkedText separator = bound.has(0) ? Representation.str(rendering, bound.get(0)) : EMPTY;
        AttributePath path = AttributePath.parse(rendering, bound.get(1, null));
        Buffer joined = new Buffer(rendering);
        boolean first = true;
        for (Iterator<?> items = Values.iterate(rendering, value); items.hasNext(); first = false) {
            if (!first) {
                joined.append(separator);
            }
            joined.append(Representation.str(rendering, path.of(rendering, items.next())));
        }
        return joined.toText();
    }

    static Object indent(Rendering rendering, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("indent", 0, "width", "first", "blank");
        MarkedText indention = bound.get(0, 4L) instanceof MarkedText given
                ? given
                : new Buffer(rendering).repeat(SPACE, bound.integer(0, 4)).toText();
        boolean blank = bound.flag(2, false);
        MarkedText text = new Buffer(rendering)
                .append(Values.string(value, "indent"))
                .append("\n")
                .toText();
        Buffer indented = new Buffer(rendering);
        boolean first = true;
        for (Object each : Text.splitLines(rendering, text, false)) {
            MarkedText line = (MarkedText) each;
            indented.append(first ? "" : "\n");
            if (first ? bound.flag(1, false) : blank || !line.isEmpty()) {
                indented.append(indention);
            }
            indented.append(line);
            first = false;
        }
        return indented.toText();
    }

    static Object center(Rendering rendering, Object value, Arguments arguments) {
        long width = arguments.bind("center", 0, "width").integer(0, 80);
        return StringMethods.padded(rendering, text(rendering, value), width, SPACE, '^');
    }

    static Object truncate(Rendering rendering, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("truncate", 0, "length", "killwords", "end", "leeway");
        MarkedText end = bound.has(2) ? bound.text(2) : ELLIPSIS;
        long length = bound.integer(0, 255);
        long leeway = bound.isSet(3) ? bound.integer(3, 0) : 5;
        long endLength = Values.length(rendering, end);
        if (length < endLength || leeway < 0) {
            throw Failures.failed("truncate: the length must leave room for the end, and the leeway not be negative");
        }
        if (Values.length(rendering, value) - leeway <= length) {
            return value;
        }
        MarkedText text = Values.string(value, "truncate");
        MarkedText kept = Text.slice(rendering, text, 0, length - endLength, 1);
        int space = kept.text().lastIndexOf(' ');
        boolean whole = bound.flag(1, false) || space < 0;
        return new Buffer(rendering)
                .append(kept, 0, whole ? kept.length() : space)
                .append(end)
                .toText();
    }

    static Object wordCount(Rendering rendering, Object value, Arguments arguments) {
        arguments.bind("wordcount", 0);
        long count = 0;
        boolean inWord = false;
        String text = text(rendering, value).text();
        rendering.payReading(text);
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
        Map<MarkedText, Object> named = arguments.named();
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
