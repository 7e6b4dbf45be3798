package dev.lathe.text.template;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Python's operators. */
final class Operators {
    private static final int MAX_REAL_EXPONENT = 1000;
    private static final MathContext EXACT_ENOUGH = new MathContext(50);

    private Operators() {}

    /** An arithmetic operator. */
    static Object binary(Rendering rendering, String symbol, Object left, Object right) {
        Values.requireDefined(left);
        if (!(left instanceof MarkedText && symbol.equals("%"))) {
            Values.requireDefined(right);
        }
        if (Values.isNumber(left) && Values.isNumber(right)) {
            return Values.isInteger(left) && Values.isInteger(right)
                    ? integers(symbol, Values.whole(left), Values.whole(right))
                    : reals(symbol, Values.real(left), Values.real(right));
        }
        Object result =
                switch (symbol) {
                    case "+" -> join(rendering, left, right);
                    case "*" ->
                        Values.isInteger(left)
                                ? repeat(rendering, right, Values.whole(left))
                                : Values.isInteger(right)
                                        ? repeat(rendering, left, Values.whole(right))
                                        : Access.ABSENT;
                    case "%" ->
                        left instanceof MarkedText format
                                ? PercentFormat.format(rendering, format, right)
                                : Access.ABSENT;
                    default -> Access.ABSENT;
                };
        if (result != Access.ABSENT) {
            return result;
        }
        if (left instanceof Markup || right instanceof Markup || left instanceof DictView) {
            throw Failures.unsupported(
                    "operator " + symbol + " on '" + Values.typeName(left) + "' and '" + Values.typeName(right) + "'");
        }
        throw Failures.failed("unsupported operand type(s) for " + symbol + ": '" + Values.typeName(left) + "' and '"
                + Values.typeName(right) + "'");
    }

    private static Object join(Rendering rendering, Object left, Object right) {
        if (left instanceof MarkedText a && right instanceof MarkedText b) {
            return new Buffer(rendering).append(a).append(b).toText();
        }
        if (left instanceof MarkedText || left instanceof Markup) {
            if (!(right instanceof MarkedText || right instanceof Markup)) {
                throw Failures.failed("can only concatenate str (not \"" + Values.typeName(right) + "\") to str");
            }
            return new Markup(new Buffer(rendering)
                    .append(escaped(rendering, left))
                    .append(escaped(rendering, right))
                    .toText());
        }
        if (left instanceof List<?> a
                && right instanceof List<?> b
                && left instanceof Tuple == right instanceof Tuple) {
            rendering.allocateItems(a.size() + b.size());
            List<Object> items = new ArrayList<>(a.size() + b.size());
            items.addAll(a);
            items.addAll(b);
            return left instanceof Tuple ? Tuple.of(items.toArray()) : items;
        }
        if (left instanceof List) {
            String type = Values.typeName(left);
            throw Failures.failed(
                    "can only concatenate " + type + " (not \"" + Values.typeName(right) + "\") to " + type);
        }
        return Access.ABSENT;
    }

    private static MarkedText escaped(Rendering rendering, Object value) {
        return (value instanceof Markup markup ? markup : Markup.escape(rendering, (MarkedText) value)).text();
    }

    private static Object repeat(Rendering rendering, Object value, long count) {
        long times = Math.clamp(count, 0, Integer.MAX_VALUE);
        if (value instanceof MarkedText text) {
            return new Buffer(rendering).repeat(text, times).toText();
        }
        if (value instanceof List<?> list) {
            rendering.allocateItems(list.size() * times);
            List<Object> items = new ArrayList<>();
            for (long i = 0; i < times && !list.isEmpty(); i++) {
                items.addAll(list);
            }
            return value instanceof Tuple ? Tuple.of(items.toArray()) : items;
        }
        return Access.ABSENT;
    }

    private static Object integers(String symbol, long left, long right) {
        try {
            return switch (symbol) {
                case "+" -> Math.addExact(left, right);
                case "-" -> Math.subtractExact(left, right);
                case "*" -> Math.multiplyExact(left, right);
                case "/" -> divide(left, notZero(right));
                case "//" -> Math.floorDivExact(left, notZero(right));
                case "%" -> Math.floorMod(left, notZero(right));
                case "**" -> right < 0 ? (Object) power(left, right) : (Object) power(left, right, 1);
                default -> throw new AssertionError(symbol);
            };
        } catch (ArithmeticException overflow) {
            throw Failures.unsupported("an integer beyond 64 bits");
        }
    }

    private static long power(long base, long exponent, long factor) {
        long result = factor;
        long square = base;
        for (long rest = exponent; rest > 0; rest >>= 1) {
            if ((rest & 1) == 1) {
                result = Math.multiplyExact(result, square);
            }
            if (rest > 1 && (square > 1 || square < 0)) {
                square = Math.multiplyExact(square, square);
            }
        }
        return result;
    }

    /** Rounded once, as Python does it, also where an int has no float of the same value. */
    private static double divide(long left, long right) {
        return Math.max(Math.absExact(left), Math.absExact(right)) < 1L << 53
                ? (double) left / right
                : new BigDecimal(left)
                        .divide(new BigDecimal(right), EXACT_ENOUGH)
                        .doubleValue();
    }

    private static double reals(String symbol, double left, double right) {
        return switch (symbol) {
            case "+" -> left + right;
            case "-" -> left - right;
            case "*" -> left * right;
            case "/" -> left / notZero(right);
            case "//" -> floorDivide(left, notZero(right));
            case "%" -> floorRemainder(left, notZero(right));
            case "**" -> power(left, right);
            default -> throw new AssertionError(symbol);
        };
    }

    private static double power(double base, double exponent) {
        if (base == 0 && exponent < 0) {
            throw Failures.failed("0.0 cannot be raised to a negative power");
        }
        if (exponent == 0.5 && base > 0) {
            return Math.sqrt(base);
        }
        if (exponent != Math.rint(exponent) || Math.abs(exponent) > MAX_REAL_EXPONENT || !Double.isFinite(base)) {
            throw Failures.unsupported("the power of a float with the exponent " + exponent);
        }
        BigDecimal power = new BigDecimal(base).pow((int) Math.abs(exponent), EXACT_ENOUGH);
        double result = (exponent < 0 ? BigDecimal.ONE.divide(power, EXACT_ENOUGH) : power).doubleValue();
        if (Double.isInfinite(result)) {
            throw Failures.failed("numerical result out of range");
        }
        return result == 0 && base < 0 && exponent % 2 != 0 ? -0.0 : result;
    }

    /** The remainder with the sign of the divisor. */
    private static double floorRemainder(double left, double right) {
        double remainder = left % right;
        if (remainder == 0) {
            return Math.copySign(0, right);
        }
        return remainder < 0 == right < 0 ? remainder : remainder + right;
    }

    private static double floorDivide(double left, double right) {
        double remainder = left % right;
        double quotient = (left - remainder) / right;
        if (remainder != 0 && remainder < 0 != right < 0) {
            quotient -= 1;
        }
        if (quotient == 0) {
            return Math.copySign(0, left / right);
        }
        double floor = Math.floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }

    private static long notZero(long divisor) {
        if (divisor == 0) {
            throw Failures.failed("division by zero");
        }
        return divisor;
    }

    private static double notZero(double divisor) {
        if (divisor == 0) {
            throw Failures.failed("division by zero");
        }
        return divisor;
    }

    static Object unary(String symbol, Object value) {
        Values.requireDefined(value);
        if (value instanceof Double real) {
            return symbol.equals("-") ? -real : real;
        }
        if (Values.isInteger(value)) {
            return integers(symbol, 0, Values.whole(value));
        }
        throw Failures.failed("bad operand type for unary " + symbol + ": '" + Values.typeName(value) + "'");
    }

    static boolean compare(Rendering rendering, String symbol, Object left, Object right) {
        return switch (symbol) {
            case "==" -> Values.equal(rendering, left, right);
            case "!=" -> !Values.equal(rendering, left, right);
            case "<" -> Values.less(rendering, left, right, symbol);
            case ">" -> Values.less(rendering, right, left, symbol);
            case "<=" -> lessOrEqual(rendering, left, right, symbol);
            case ">=" -> lessOrEqual(rendering, right, left, symbol);
            case "in" -> contains(rendering, right, left);
            case "not in" -> !contains(rendering, right, left);
            default -> throw new AssertionError(symbol);
        };
    }

    private static boolean lessOrEqual(Rendering rendering, Object left, Object right, String symbol) {
        return Values.less(rendering, left, right, symbol) || Values.equal(rendering, left, right);
    }

    static boolean contains(Rendering rendering, Object container, Object item) {
        if (container instanceof MarkedText text) {
            if (item instanceof Markup) {
                throw Failures.unsupported("looking for escaped text");
            }
            if (!(item instanceof MarkedText part)) {
                throw Failures.failed("'in <string>' requires string as left operand, not " + Values.typeName(item));
            }
            Text.paySearch(rendering, text, part);
            return text.text().contains(part.text());
        }
        if (container instanceof Map<?, ?> dict) {
            return Access.entry(rendering, dict, hashable(rendering, item)) != Access.ABSENT;
        }
        if (container instanceof DictView view && view.kind() == DictView.Kind.KEYS) {
            return Access.entry(rendering, view.dict(), hashable(rendering, item)) != Access.ABSENT;
        }
        if (!(container instanceof Iterable) && !(container instanceof Undefined)) {
            if (container instanceof Markup) {
                throw Failures.unsupported("looking into escaped text");
            }
            throw Failures.failed("argument of type '" + Values.typeName(container) + "' is not iterable");
        }
        if (container instanceof Range range && Values.isInteger(item)) {
            return range.contains(Values.whole(item));
        }
        for (Iterator<?> items = Values.iterate(rendering, container); items.hasNext(); ) {
            if (Values.identicalOrEqual(rendering, items.next(), item)) {
                return true;
            }
        }
        return false;
    }

    private static Object hashable(Rendering rendering, Object value) {
        Values.key(rendering, value);
        return value;
    }
}
