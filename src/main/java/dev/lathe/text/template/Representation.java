package dev.lathe.text.template;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Python's {@code str} and {@code repr}. */
final class Representation {
    private static final MarkedText NOTHING = MarkedText.ofTemplate("");

    private Representation() {}

    /** {@code str(value)}: what printing shows. */
    static MarkedText str(Rendering rendering, Object value) {
        if (value instanceof MarkedText text) {
            return text;
        }
        if (value instanceof Markup markup) {
            return markup.text();
        }
        if (value instanceof Undefined) {
            return NOTHING;
        }
        return repr(rendering, value);
    }

    /**
     * {@code str(value)} as filters on text take it; escaped text stays marked in Jinja2, which is not followed here.
     */
    static MarkedText text(Rendering rendering, Object value) {
        if (value instanceof Markup) {
            throw Failures.unsupported("working on the text of 'safe' or 'escape'");
        }
        return str(rendering, value);
    }

    /** {@code repr(value)}. A number may have been given, so its digits count as data. */
    static MarkedText repr(Rendering rendering, Object value) {
        if (value == null || Values.isNumber(value)) {
            String plain = plain(value);
            rendering.allocateText(plain.length());
            return MarkedText.ofData(plain);
        }
        Buffer buffer = new Buffer(rendering);
        write(rendering, value, buffer);
        return buffer.toText();
    }

    private static String plain(Object value) {
        if (value == null) {
            return "None";
        }
        if (value instanceof Boolean bool) {
            return bool ? "True" : "False";
        }
        return value instanceof Long integer ? Long.toString(integer) : real((Double) value);
    }

    private static void write(Rendering rendering, Object value, Buffer buffer) {
        rendering.enter();
        if (value instanceof MarkedText text) {
            writeQuoted(text, buffer);
        } else if (value instanceof Tuple tuple) {
            writeItems(rendering, "(", tuple.iterator(), tuple.size() == 1 ? ",)" : ")", buffer);
        } else if (value instanceof List<?> list) {
            writeItems(rendering, "[", list.iterator(), "]", buffer);
        } else if (value instanceof Map<?, ?> dict) {
            writeDict(rendering, dict, buffer);
        } else if (value instanceof DictView view) {
            writeItems(rendering, view.kind().typeName.concat("(["), view.iterator(), "])", buffer);
        } else if (value instanceof Undefined) {
            buffer.append("Undefined");
        } else if (value instanceof Markup markup) {
            buffer.append("Markup(");
            writeQuoted(markup.text(), buffer);
            buffer.append(")");
        } else if (value instanceof Namespace namespace) {
            buffer.append("<Namespace ");
            writeDict(rendering, namespace.attributes(), buffer);
            buffer.append(">");
        } else if (value instanceof Macro macro) {
            buffer.append("<Macro ");
            if (macro.name() == null) {
                buffer.append("anonymous");
            } else {
                writeQuoted(MarkedText.ofTemplate(macro.name()), buffer);
            }
            buffer.append(">");
        } else if (value instanceof Loop loop) {
            buffer.append("<LoopContext " + loop.index() + "/" + loop.length() + ">");
        } else if (value instanceof Range range) {
            buffer.append("range(" + range.start() + ", " + range.stop());
            buffer.append(range.step() == 1 ? ")" : ", " + range.step() + ")");
        } else if (value == null || Values.isNumber(value)) {
            buffer.append(repr(rendering, value));
        } else {
            throw Failures.unsupported("printing a '" + Values.typeName(value) + "' (Python would print its address)");
        }
        rendering.leave();
    }

    private static void writeItems(Rendering rendering, String open, Iterator<?> items, String close, Buffer buffer) {
        buffer.append(open);
        for (boolean first = true; items.hasNext(); first = false) {
            if (!first) {
                buffer.append(", ");
            }
            write(rendering, items.next(), buffer);
        }
        buffer.append(close);
    }

    private static void writeDict(Rendering rendering, Map<?, ?> dict, Buffer buffer) {
        buffer.append("{");
        boolean first = true;
        for (Map.Entry<?, ?> entry : dict.entrySet()) {
            if (!first) {
                buffer.append(", ");
            }
            write(rendering, entry.getKey(), buffer);
            buffer.append(": ");
            write(rendering, entry.getValue(), buffer);
            first = false;
        }
        buffer.append("}");
    }

    private static void writeQuoted(MarkedText text, Buffer buffer) {
        String chars = text.text();
        char quote = chars.indexOf('\'') >= 0 && chars.indexOf('"') < 0 ? '"' : '\'';
        buffer.append(quote, false);
        for (int i = 0; i < chars.length(); ) {
            int character = chars.codePointAt(i);
            boolean data = text.isData(i);
            i += Character.charCount(character);
            switch (character) {
                case '\n' -> buffer.append("\\n", data);
                case '\r' -> buffer.append("\\r", data);
                case '\t' -> buffer.append("\\t", data);
                case '\\' -> buffer.append("\\\\", data);
                default -> {
                    if (character == quote) {
                        buffer.append('\\', data).append(quote, data);
                    } else if (isPrintable(character)) {
                        buffer.appendCodePoint(character, data);
                    } else {
                        buffer.append(escape(character), data);
                    }
                }
            }
        }
        buffer.append(quote, false);
    }

    private static String escape(int character) {
        return character < 0x100
                ? "\\x" + hex(character, 2)
                : character < 0x10000 ? "\\u" + hex(character, 4) : "\\U" + hex(character, 8);
    }

    private static String hex(int character, int digits) {
        String hex = Integer.toHexString(character);
        return "0".repeat(digits - hex.length()) + hex;
    }

    static boolean isPrintable(int character) {
        if (character < 0x7f) {
            return character >= ' ';
        }
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SPACE_SEPARATOR -> false;
            default -> true;
        };
    }

    /** One digit instead of two, which Java prefers for the smallest numbers of all. */
    private static BigDecimal shortened(BigDecimal decimal) {
        return decimal.round(new MathContext(1));
    }

    /** The shortest digits that read back as the same number, laid out as Python does. */
    static String real(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        String sign = value < 0 || 1 / value < 0 ? "-" : "";
        if (value == 0) {
            return sign.concat("0.0");
        }
        BigDecimal decimal = new BigDecimal(Double.toString(Math.abs(value))).stripTrailingZeros();
        if (decimal.precision() == 2 && value == shortened(decimal).doubleValue() * Math.signum(value)) {
            decimal = shortened(decimal);
        }
        String digits = decimal.unscaledValue().toString();
        int point = digits.length() - decimal.scale();
        if (point > 16 || point < -3) {
            String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
            int exponent = point - 1;
            String exponentDigits = Math.abs(exponent) < 10 ? "0" + Math.abs(exponent) : "" + Math.abs(exponent);
            return sign + digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+") + exponentDigits;
        }
        if (point <= 0) {
            return sign + "0." + "0".repeat(-point) + digits;
        }
        return digits.length() <= point
                ? sign + digits + "0".repeat(point - digits.length()) + ".0"
                : sign + digits.substring(0, point) + "." + digits.substring(point);
    }
}
