package dev.lathe.text.template;

import java.util.List;
import java.util.Map;

/** {@code "text %s" % value}. */
final class PercentFormat {
    private final Rendering rendering;
    private final MarkedText source;
    private final String format;
    private final Map<?, ?> mapping;
    private final List<?> values;
    private final Buffer result;
    private int at;
    private int used;

    private PercentFormat(Rendering rendering, MarkedText format, Object values) {
        this.rendering = rendering;
        this.source = format;
        this.format = format.text();
        this.mapping = values instanceof Map<?, ?> dict ? dict : null;
        this.values = values instanceof Tuple tuple ? tuple : Tuple.of(values);
        this.result = new Buffer(rendering);
    }

    static MarkedText format(Rendering rendering, MarkedText format, Object values) {
        PercentFormat run = new PercentFormat(rendering, format, values);
        while (run.at < format.length()) {
            int percent = run.format.indexOf('%', run.at);
            int end = percent < 0 ? format.length() : percent;
            run.result.append(format, run.at, end);
            run.at = end + 1;
            if (percent >= 0) {
                run.directive();
            }
        }
        boolean mayRemain = values instanceof Map
                || values instanceof Undefined
                || values instanceof List && !(values instanceof Tuple);
        if (run.used < run.values.size() && !mayRemain) {
            throw Failures.failed("not all arguments converted during string formatting");
        }
        return run.result.toText();
    }

    private void directive() {
        Object value = Access.ABSENT;
        if (peek() == '(') {
            value = named();
        }
        boolean left = false;
        boolean zero = false;
        boolean alternate = false;
        char sign = 0;
        for (; "-+ #0".indexOf(peek()) >= 0 && at < format.length(); at++) {
            switch (peek()) {
                case '-' -> left = true;
                case '0' -> zero = true;
                case '#' -> alternate = true;
                case '+' -> sign = '+';
                default -> sign = sign == '+' ? '+' : ' ';
            }
        }
        int width = number(0);
        int precision = -1;
        if (peek() == '.') {
            at++;
            precision = number(0);
        }
        if (peek() == 'h' || peek() == 'l' || peek() == 'L') {
            at++;
        }
        char type = peek();
        at++;
        if (type == '%') {
            result.append('%', source.isData(at - 1));
            return;
        }
        if (type == 0) {
            throw Failures.failed("incomplete format");
        }
        convert(
                value == Access.ABSENT ? next() : value,
                type,
                new Layout(left, zero, alternate, sign, width, precision));
    }

    private record Layout(boolean left, boolean zero, boolean alternate, char sign, int width, int precision) {
        FormatSpec spec(char type, int specPrecision, boolean number) {
            boolean zeros = number && zero && !left;
            char align = left ? '<' : zeros ? '=' : '>';
            return new FormatSpec(
                    zeros ? '0' : ' ',
                    align,
                    number ? sign : 0,
                    number && alternate,
                    width,
                    (char) 0,
                    specPrecision,
                    type);
        }
    }

    private void convert(Object value, char type, Layout layout) {
        MarkedText text =
                switch (type) {
                    case 's' ->
                        layout.spec('s', layout.precision, false)
                                .string(rendering, Representation.text(rendering, value));
                    case 'r' ->
                        layout.spec('s', layout.precision, false)
                                .string(rendering, Representation.repr(rendering, value));
                    case 'c' -> layout.spec('s', -1, false).string(rendering, character(value));
                    case 'd', 'i', 'u' -> integer(value, 'd', layout);
                    case 'x', 'X', 'o' -> integer(value, type, layout);
                    case 'e', 'E', 'f', 'F', 'g', 'G' ->
                        layout.spec(type, layout.precision, true).real(rendering, number(value, type));
                    case 'a' -> throw Failures.unsupported("conversion '%a'");
                    default -> throw Failures.failed("unsupported format character '" + type + "'");
                };
        result.append(text);
    }

    private MarkedText integer(Object value, char type, Layout layout) {
        double real = number(value, type);
        if (value instanceof Double && type != 'd') {
            throw Failures.failed("%" + type + " format: an integer is required, not float");
        }
        if (layout.precision >= 0) {
            throw Failures.unsupported("a precision for '%" + type + "'");
        }
        long whole = value instanceof Double ? Conversions.truncated(real) : Values.whole(value);
        return layout.spec(type, -1, true).integer(rendering, whole);
    }

    private double number(Object value, char type) {
        Values.requireDefined(value);
        if (!Values.isNumber(value)) {
            throw Failures.failed("%" + type + " format: a number is required, not " + Values.typeName(value));
        }
        return Values.real(value);
    }

    private MarkedText character(Object value) {
        if (value instanceof MarkedText text && Values.length(rendering, text) == 1) {
            return text;
        }
        long codePoint = Values.integer(value, "%c");
        if (codePoint < 0 || codePoint > Character.MAX_CODE_POINT) {
            throw Failures.failed("%c arg not in range(0x110000)");
        }
        return MarkedText.ofData(Character.toString((int) codePoint));
    }

    private Object named() {
        int end = format.indexOf(')', at);
        if (end < 0) {
            throw Failures.failed("incomplete format key");
        }
        String name = format.substring(at + 1, end);
        if (name.indexOf('(') >= 0) {
            throw Failures.unsupported("parentheses in a format key");
        }
        if (mapping == null) {
            throw Failures.failed("format requires a mapping");
        }
        at = end + 1;
        used = values.size();
        Object value = Access.entry(rendering, mapping, MarkedText.ofTemplate(name));
        if (value == Access.ABSENT) {
            throw Failures.failed("no key '" + name + "' for the format");
        }
        return value;
    }

    private int number(int otherwise) {
        if (peek() == '*') {
            throw Failures.unsupported("'*' as a width");
        }
        int start = at;
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        return FormatSpec.number(format, start, at, otherwise);
    }

    private Object next() {
        if (used >= values.size()) {
            throw Failures.failed("not enough arguments for format string");
        }
        return values.get(used++);
    }

    private char peek() {
        return at < format.length() ? format.charAt(at) : 0;
    }
}
