package dev.lathe.text.template;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * How one value is laid out: Python's format specification {@code
 * [[fill]align][sign][#][0][width][,][.precision][type]}.
 *
 * @param align one of {@code < > ^ =}, or 0 for the type's own, which of numbers filled with zeros is {@code =}
 * @param sign one of {@code + -} and space, or 0 where none is given
 * @param grouping {@code ,} or {@code _}, or 0 for none
 * @param precision -1 where none is given
 * @param type the letter, or 0 where none is given
 */
record FormatSpec(
        int fill, char align, char sign, boolean alternate, int width, char grouping, int precision, char type) {
    private static final int MAX_WIDTH = 100_000;

    static FormatSpec parse(String spec) {
        int at = 0;
        int fill = ' ';
        char align = 0;
        int second = spec.isEmpty() ? 0 : Character.charCount(spec.codePointAt(0));
        if (second > 0 && second < spec.length() && "<>=^".indexOf(spec.charAt(second)) >= 0) {
            fill = spec.codePointAt(0);
            align = spec.charAt(second);
            at = second + 1;
        } else if (at < spec.length() && "<>=^".indexOf(spec.charAt(at)) >= 0) {
            align = spec.charAt(at++);
        }
        boolean filled = align != 0 && at > 1;
        char sign = at < spec.length() && "+- ".indexOf(spec.charAt(at)) >= 0 ? spec.charAt(at++) : 0;
        boolean alternate = at < spec.length() && spec.charAt(at) == '#';
        at += alternate ? 1 : 0;
        if (at < spec.length() && spec.charAt(at) == '0') {
            at++;
            fill = filled ? fill : '0';
        }
        int digits = digits(spec, at);
        int width = number(spec, at, digits, 0);
        at = digits;
        char grouping = at < spec.length() && ",_".indexOf(spec.charAt(at)) >= 0 ? spec.charAt(at++) : 0;
        int precision = -1;
        if (at < spec.length() && spec.charAt(at) == '.') {
            digits = digits(spec, at + 1);
            precision = number(spec, at + 1, digits, -1);
            if (precision < 0) {
                throw Failures.failed("Format specifier missing precision");
            }
            at = digits;
        }
        char type = at < spec.length() ? spec.charAt(at++) : 0;
        if (at < spec.length()) {
            throw Failures.failed("Invalid format specifier '" + spec + "'");
        }
        return new FormatSpec(fill, align, sign, alternate, width, grouping, precision, type);
    }

    private static int digits(String spec, int from) {
        int end = from;
        while (end < spec.length() && spec.charAt(end) >= '0' && spec.charAt(end) <= '9') {
            end++;
        }
        return end;
    }

    /** The number between two places; bounded, so that no forged width takes the memory. */
    static int number(String text, int from, int to, int otherwise) {
        if (from == to) {
            return otherwise;
        }
        if (to - from > 6 || Integer.parseInt(text, from, to, 10) > MAX_WIDTH) {
            throw Failures.limit("a format asks for a width or precision of more than " + MAX_WIDTH);
        }
        return Integer.parseInt(text, from, to, 10);
    }

    MarkedText string(Rendering rendering, MarkedText text) {
        if (align == '=' || sign != 0 || alternate || grouping != 0 || type != 0 && type != 's') {
            throw Failures.failed("format specification not allowed for a string");
        }
        long length = Values.length(rendering, text);
        MarkedText kept = precision >= 0 && precision < length
                ? text.slice(0, text.text().offsetByCodePoints(0, precision))
                : text;
        return pad(rendering, "", kept, '<');
    }

    MarkedText integer(Rendering rendering, long value) {
        long magnitude = value < 0 ? -value : value;
        String unsigned =
                switch (type) {
                    case 0, 'd' -> grouped(Long.toUnsignedString(magnitude));
                    case 'x' -> Long.toUnsignedString(magnitude, 16);
                    case 'X' -> upper(Long.toUnsignedString(magnitude, 16));
                    case 'o' -> Long.toUnsignedString(magnitude, 8);
                    case 'b' -> Long.toUnsignedString(magnitude, 2);
                    case 'e', 'E', 'f', 'F', 'g', 'G', '%' -> null;
                    case 'n', 'c' -> throw Failures.unsupported("format type '" + type + "'");
                    default -> throw Failures.failed("Unknown format code '" + type + "' for object of type 'int'");
                };
        if (unsigned == null) {
            return real(rendering, value);
        }
        if (precision >= 0) {
            throw Failures.failed("Precision not allowed in integer format specifier");
        }
        if (grouping != 0 && type != 0 && type != 'd') {
            throw Failures.unsupported("grouping of digits with format type '" + type + "'");
        }
        String prefix = alternate && type != 0 && type != 'd' ? "0" + type : "";
        return pad(rendering, signOf(value < 0).concat(prefix), MarkedText.ofData(unsigned), numberAlign());
    }

    MarkedText real(Rendering rendering, double value) {
        rendering.spend(Math.max(precision, 0));
        requireNoLeadingZeros();
        boolean negative = value < 0 || 1 / value < 0;
        double magnitude = type == '%' ? Math.abs(value) * 100 : Math.abs(value);
        int digits = precision < 0 ? 6 : precision;
        String text;
        if (!Double.isFinite(magnitude)) {
            text = Double.isNaN(value) ? "nan" : "inf";
            text = Character.isUpperCase(type) ? upper(text) : text;
            text = type == '%' ? text.concat("%") : text;
        } else {
            text = switch (type) {
                case 0 -> untyped(magnitude);
                case 'f', 'F' -> grouped(fixed(new BigDecimal(magnitude), digits));
                case '%' -> grouped(fixed(new BigDecimal(magnitude), digits)).concat("%");
                case 'e' -> scientific(magnitude, digits, false);
                case 'E' -> upper(scientific(magnitude, digits, false));
                case 'g' -> grouped(general(magnitude, digits));
                case 'G' -> upper(grouped(general(magnitude, digits)));
                case 'n' -> throw Failures.unsupported("format type 'n'");
                default -> throw Failures.failed("Unknown format code '" + type + "' for object of type 'float'");
            };
        }
        if (alternate) {
            throw Failures.unsupported("flag '#' for a float");
        }
        return pad(rendering, signOf(negative), MarkedText.ofData(text), numberAlign());
    }

    private String untyped(double magnitude) {
        if (precision >= 0) {
            throw Failures.unsupported("a precision without a format type");
        }
        return grouped(Representation.real(magnitude));
    }

    private static String fixed(BigDecimal value, int digits) {
        int kept = Math.min(digits, Math.max(0, value.scale()));
        String plain = value.setScale(kept, RoundingMode.HALF_EVEN).toPlainString();
        return digits == kept ? plain : plain + (kept == 0 ? "." : "") + "0".repeat(digits - kept);
    }

    private static String scientific(double magnitude, int digits, boolean trimmed) {
        BigDecimal rounded = new BigDecimal(magnitude).round(new MathContext(digits + 1, RoundingMode.HALF_EVEN));
        String all = rounded.unscaledValue().toString();
        int exponent = magnitude == 0 ? 0 : all.length() - 1 - rounded.scale();
        String mantissa =
                magnitude == 0 ? "0".repeat(digits + 1) : all + "0".repeat(Math.max(0, digits + 1 - all.length()));
        String fraction = mantissa.substring(1, digits + 1);
        fraction = trimmed ? withoutTrailingZeros(fraction) : fraction;
        String exponentDigits = Integer.toString(Math.abs(exponent));
        return mantissa.charAt(0)
                + (fraction.isEmpty() ? "" : "." + fraction)
                + (exponent < 0 ? "e-" : "e+")
                + (exponentDigits.length() < 2 ? "0" : "")
                + exponentDigits;
    }

    private static String general(double magnitude, int wanted) {
        int digits = Math.max(wanted, 1);
        if (magnitude == 0) {
            return "0";
        }
        BigDecimal rounded = new BigDecimal(magnitude).round(new MathContext(digits, RoundingMode.HALF_EVEN));
        int exponent = rounded.precision() - 1 - rounded.scale();
        if (exponent < -4 || exponent >= digits) {
            return scientific(magnitude, digits - 1, true);
        }
        String plain = fixed(rounded, Math.max(0, digits - 1 - exponent));
        return plain.indexOf('.') < 0 ? plain : withoutTrailingZeros(plain);
    }

    private static String withoutTrailingZeros(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == '0') {
            end--;
        }
        return text.substring(0, end > 0 && text.charAt(end - 1) == '.' ? end - 1 : end);
    }

    /** With the digits before the point in groups of three. */
    private String grouped(String number) {
        if (grouping == 0) {
            return number;
        }
        requireNoLeadingZeros();
        int end = digits(number, 0);
        StringBuilder text = new StringBuilder(number);
        for (int at = end - 3; at > 0; at -= 3) {
            text.insert(at, grouping);
        }
        return text.toString();
    }

    private void requireNoLeadingZeros() {
        if (grouping != 0 && fill == '0' && (align == 0 || align == '=')) {
            throw Failures.unsupported("grouping of digits with leading zeros");
        }
    }

    private String signOf(boolean negative) {
        return negative ? "-" : sign == 0 || sign == '-' ? "" : Character.toString(sign);
    }

    private char numberAlign() {
        return fill == '0' ? '=' : '>';
    }

    private static String upper(String ascii) {
        return ascii.toUpperCase(java.util.Locale.ROOT);
    }

    private MarkedText pad(Rendering rendering, String prefix, MarkedText text, char ownAlign) {
        long missing = Math.max(0, width - prefix.length() - Values.length(rendering, text));
        char side = align == 0 ? ownAlign : align;
        long left = side == '>' ? missing : side == '^' ? missing / 2 : 0;
        long inside = side == '=' ? missing : 0;
        MarkedText padding = MarkedText.ofData(Character.toString(fill));
        return new Buffer(rendering)
                .repeat(padding, left)
                .append(prefix, true)
                .repeat(padding, inside)
                .append(text)
                .repeat(padding, missing - left - inside)
                .toText();
    }
}
