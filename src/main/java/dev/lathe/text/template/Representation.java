package dev.lathe.text.template;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Python's {@code str} and {@code repr}. */
final class Representation {
    private Representation() {}

    /** {@code str(value)}: what printing shows. */
    static String str(Rendering rendering, Object value) {
        if (value instanceof String string) {
            return string;
        }
        if (value instanceof Markup markup) {
            return markup.text();
        }
        if (value instanceof Undefined) {
            return "";
        }
        return repr(rendering, value);
    }

    /**
     * {@code str(value)} as filters on text take it; escaped text stays marked in Jinja2, which is not followed here.
     */
    static String text(Rendering rendering, Object value) {
        if (value instanceof Markup) {
            throw Failures.unsupported("working on the text of 'safe' or 'escape'");
        }
        return str(rendering, value);
    }

    static String repr(Rendering rendering, Object value) {
        if (value == null) {
            return "None";
        }
        if (value instanceof Boolean bool) {
            return bool ? "True" : "False";
        }
        if (value instanceof Long integer) {
            return Long.toString(integer);
        }
        if (value instanceof Double real) {
            return real(real);
        }
        Buffer buffer = new Buffer(rendering);
        write(rendering, value, buffer);
        return buffer.toString();
    }

    private static void write(Rendering rendering, Object value, Buffer buffer) {
        rendering.enter();
        if (value instanceof String string) {
            writeQuoted(string, buffer);
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
            buffer.append(macro.name() == null ? "anonymous" : repr(rendering, macro.name()))
                    .append(">");
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

    private static void writeQuoted(String text, Buffer buffer) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        buffer.append(quote);
        for (int i = 0; i < text.length(); ) {
            int character = text.codePointAt(i);
            i += Character.charCount(character);
            switch (character) {
                case '\n' -> buffer.append("\\n");
                case '\r' -> buffer.append("\\r");
                case '\t' -> buffer.append("\\t");
                case '\\' -> buffer.append("\\\\");
                default -> {
                    if (character == quote) {
                        buffer.append('\\').append(quote);
                    } else if (isPrintable(character)) {
                        buffer.appendCodePoint(character);
                    } else if (character < 0x100) {
                        buffer.append("\\x" + hex(character, 2));
                    } else {
                        buffer.append(character < 0x10000 ? "\\u" + hex(character, 4) : "\\U" + hex(character, 8));
                    }
                }
            }
        }
        buffer.append(quote);
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
