package dev.lathe.text.template;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Iterator;

/** Filters on numbers. */
final class NumberFilters {
    private NumberFilters() {}

    static Object abs(Rendering rendering, Object value, Arguments arguments) {
        arguments.bind("abs", 0);
        if (value instanceof Double real) {
            return Math.abs(real);
        }
        if (!Values.isInteger(value)) {
            Values.requireDefined(value);
            throw Failures.failed("bad operand type for abs(): '" + Values.typeName(value) + "'");
        }
        return Values.whole(value) < 0 ? Operators.unary("-", value) : Operators.unary("+", value);
    }

    static Object integer(Rendering rendering, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("int", 0, "default", "base");
        Values.requireDefined(value);
        if (Values.isInteger(value)) {
            return Values.whole(value);
        }
        Double real = value instanceof Double given ? given : null;
        if (value instanceof MarkedText text) {
            rendering.spend(text.length());
            Long whole = Conversions.integer(text.text(), bound.integer(1, 10));
            if (whole != null) {
                return whole;
            }
            real = Conversions.real(text.text());
        }
        if (value instanceof Double && Double.isInfinite(real)) {
            throw Failures.failed("cannot convert float infinity to integer");
        }
        return real == null || Double.isNaN(real) || Double.isInfinite(real)
                ? bound.get(0, 0L)
                : (Object) Conversions.truncated(real);
    }

    static Object real(Rendering rendering, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("float", 0, "default");
        Values.requireDefined(value);
        if (Values.isNumber(value)) {
            return Values.real(value);
        }
        if (value instanceof MarkedText text) {
            rendering.spend(text.length());
        }
        Double real = value instanceof MarkedText text ? Conversions.real(text.text()) : null;
        return real == null ? bound.get(0, 0.0) : real;
    }

    static Object round(Rendering rendering, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("round", 0, "precision", "method");
        String method = bound.has(1) ? bound.string(1) : "common";
        if (!method.equals("common") && !method.equals("ceil") && !method.equals("floor")) {
            throw Failures.failed("method must be common, ceil or floor");
        }
        Values.requireDefined(value);
        if (!Values.isNumber(value)) {
            throw Failures.failed("round: expected a number, got '" + Values.typeName(value) + "'");
        }
        int precision = Math.clamp(bound.integer(0, 0), -400, 400);
        if (method.equals("common")) {
            return Values.isInteger(value)
                    ? (Object) roundedInteger(Values.whole(value), precision)
                    : (Object) roundedReal((Double) value, precision);
        }
        Object scale = Operators.binary(rendering, "**", 10L, (long) precision);
        Object scaled = Operators.binary(rendering, "*", value, scale);
        if (scaled instanceof Double real) {
            scaled = Conversions.truncated(method.equals("ceil") ? Math.ceil(real) : Math.floor(real));
        }
        return Operators.binary(rendering, "/", scaled, scale);
    }

    private static long roundedInteger(long value, int precision) {
        if (precision >= 0) {
            return value;
        }
        BigDecimal rounded = new BigDecimal(value).setScale(precision, RoundingMode.HALF_EVEN);
        if (rounded.abs().compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw Failures.unsupported("an integer beyond 64 bits");
        }
        return rounded.longValue();
    }

    private static double roundedReal(double value, int precision) {
        if (!Double.isFinite(value)) {
            return value;
        }
        double rounded = new BigDecimal(value)
                .setScale(precision, RoundingMode.HALF_EVEN)
                .doubleValue();
        return rounded == 0 ? Math.copySign(0, value) : rounded;
    }

    static Object sum(Rendering rendering, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("sum", 0, "attribute", "start");
        AttributePath path = AttributePath.parse(rendering, bound.get(0, null));
        Object total = bound.get(1, 0L);
        if (total instanceof MarkedText) {
            throw Failures.failed("sum() can't sum strings");
        }
        for (Iterator<?> items = Values.iterate(rendering, value); items.hasNext(); ) {
            total = Operators.binary(rendering, "+", total, path.of(rendering, items.next()));
        }
        return total;
    }
}
