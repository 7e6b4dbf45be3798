package dev.lathe.text.template;

/** {@code "text {}".format(value)}. */
final class BraceFormat {
    private final Rendering rendering;
    private final Arguments arguments;
    private int automatic;
    private boolean numbered;

    private BraceFormat(Rendering rendering, Arguments arguments) {
        this.rendering = rendering;
        this.arguments = arguments;
    }

    static MarkedText format(Rendering rendering, MarkedText format, Arguments arguments) {
        return new BraceFormat(rendering, arguments).expand(format, 2);
    }

    /** Replaces the fields of a text; {@code levels} says how deep they may nest. */
    private MarkedText expand(MarkedText format, int levels) {
        if (levels == 0) {
            throw Failures.failed("Max string recursion exceeded");
        }
        Buffer result = new Buffer(rendering);
        for (int at = 0; at < format.length(); at++) {
            char character = format.text().charAt(at);
            boolean doubled = at + 1 < format.length() && format.text().charAt(at + 1) == character;
            if ((character == '{' || character == '}') && doubled && levels == 2) {
                result.append(character, format.isData(at));
                at++;
            } else if (character == '{') {
                int end = closing(format.text(), at);
                result.append(field(format.slice(at + 1, end), levels));
                at = end;
            } else if (character == '}') {
                throw Failures.failed("Single '}' encountered in format string");
            } else {
                result.append(character, format.isData(at));
            }
        }
        return result.toText();
    }

    private static int closing(String format, int open) {
        int depth = 0;
        for (int at = open; at < format.length(); at++) {
            depth += format.charAt(at) == '{' ? 1 : format.charAt(at) == '}' ? -1 : 0;
            if (depth == 0) {
                return at;
            }
        }
        throw Failures.failed("expected '}' before end of string");
    }

    private MarkedText field(MarkedText field, int levels) {
        int end = nameEnd(field.text());
        Object value = lookup(field.slice(0, end));
        String rest = field.text().substring(end);
        char conversion = 0;
        if (rest.startsWith("!")) {
            if (rest.length() < 2 || rest.length() > 2 && rest.charAt(2) != ':') {
                throw Failures.failed("expected ':' after conversion specifier");
            }
            conversion = rest.charAt(1);
            rest = rest.substring(2);
        }
        String spec = rest.isEmpty()
                ? ""
                : expand(MarkedText.ofData(rest.substring(1)), levels - 1).text();
        return switch (conversion) {
            case 0 -> layOut(value, spec);
            case 's' -> layOut(Representation.str(rendering, value), spec);
            case 'r' -> layOut(Representation.repr(rendering, value), spec);
            case 'a' -> throw Failures.unsupported("conversion '!a'");
            default -> throw Failures.failed("Unknown conversion specifier '" + conversion + "'");
        };
    }

    private static int nameEnd(String field) {
        boolean inBrackets = false;
        for (int at = 0; at < field.length(); at++) {
            char character = field.charAt(at);
            inBrackets = character == '[' || inBrackets && character != ']';
            if (!inBrackets && (character == '!' || character == ':')) {
                return at;
            }
        }
        return field.length();
    }

    private Object lookup(MarkedText field) {
        String path = field.text();
        int end = 0;
        while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') {
            end++;
        }
        Object value = argument(path.substring(0, end));
        while (end < path.length()) {
            boolean attribute = path.charAt(end) == '.';
            int start = end + 1;
            end = start;
            while (end < path.length() && (attribute ? ".[".indexOf(path.charAt(end)) < 0 : path.charAt(end) != ']')) {
                end++;
            }
            String name = path.substring(start, end);
            if (name.isEmpty() || !attribute && end == path.length()) {
                throw Failures.failed("Empty attribute in format string");
            }
            value = attribute
                    ? Access.attribute(rendering, value, name)
                    : Access.item(rendering, value, isNumber(name) ? (Object) index(name) : MarkedText.ofData(name));
            end += attribute ? 0 : 1;
            if (!attribute && end < path.length() && ".[".indexOf(path.charAt(end)) < 0) {
                throw Failures.failed("Only '.' or '[' may follow ']' in format field specifier");
            }
        }
        return value;
    }

    private Object argument(String name) {
        if (name.isEmpty() || isNumber(name)) {
            if (name.isEmpty() ? numbered : automatic > 0) {
                throw Failures.failed("cannot switch between manual field specification and automatic field numbering");
            }
            numbered = !name.isEmpty();
            long index = name.isEmpty() ? automatic++ : index(name);
            if (index >= arguments.positional().size()) {
                throw Failures.failed("Replacement index " + index + " out of range for positional args tuple");
            }
            return arguments.positional().get((int) index);
        }
        MarkedText key = MarkedText.ofTemplate(name);
        if (!arguments.named().containsKey(key)) {
            throw Failures.failed("no argument '" + name + "' for the format");
        }
        return arguments.named().get(key);
    }

    private static boolean isNumber(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) < '0' || name.charAt(i) > '9') {
                return false;
            }
        }
        return !name.isEmpty();
    }

    private static long index(String digits) {
        return digits.length() > 9 ? Long.MAX_VALUE : Long.parseLong(digits);
    }

    private MarkedText layOut(Object value, String spec) {
        if (spec.isEmpty()) {
            return Representation.str(rendering, value);
        }
        FormatSpec layout = FormatSpec.parse(spec);
        if (value instanceof MarkedText text) {
            return layout.string(rendering, text);
        }
        if (Values.isInteger(value)) {
            return layout.integer(rendering, Values.whole(value));
        }
        if (value instanceof Double real) {
            return layout.real(rendering, real);
        }
        if (value instanceof Markup) {
            throw Failures.unsupported("a format specification for escaped text");
        }
        throw Failures.failed("unsupported format string passed to " + Values.typeName(value) + ".__format__");
    }
}
