package dev.lathe.text.template;

import java.util.List;
import java.util.Map;

/** The tests after {@code is}. */
final class Conditions {
    private Conditions() {}

    /** Returns Boolean. The test of this name, or null; a new one is a line here. */
    static Operation named(String name) {
        return switch (name) {
            case "defined" -> (r, v, a) -> !(plain(name, v, a) instanceof Undefined);
            case "undefined" -> (r, v, a) -> plain(name, v, a) instanceof Undefined;
            case "none" -> (r, v, a) -> plain(name, v, a) == null;
            case "boolean" -> (r, v, a) -> plain(name, v, a) instanceof Boolean;
            case "true" -> (r, v, a) -> Boolean.TRUE.equals(plain(name, v, a));
            case "false" -> (r, v, a) -> Boolean.FALSE.equals(plain(name, v, a));
            case "integer" -> (r, v, a) -> plain(name, v, a) instanceof Long;
            case "float" -> (r, v, a) -> plain(name, v, a) instanceof Double;
            case "number" -> (r, v, a) -> Values.isNumber(plain(name, v, a));
            case "string" -> (r, v, a) -> plain(name, v, a) instanceof MarkedText || v instanceof Markup;
            case "mapping" -> (r, v, a) -> plain(name, v, a) instanceof Map;
            case "sequence" -> (r, v, a) -> isSequence(plain(name, v, a));
            case "iterable" -> (r, v, a) -> Values.isIterable(plain(name, v, a));
            case "callable" -> (r, v, a) -> plain(name, v, a) instanceof Invocable || v instanceof Undefined;
            case "escaped" -> (r, v, a) -> plain(name, v, a) instanceof Markup;
            case "odd" -> (r, v, a) -> remainder(r, plain(name, v, a), 2L).equals(1L);
            case "even" -> (r, v, a) -> remainder(r, plain(name, v, a), 2L).equals(0L);
            case "divisibleby" ->
                (r, v, a) -> remainder(r, v, a.bind(name, 1, "num").get(0)).equals(0L);
            case "lower" -> (r, v, a) -> isAll(r, plain(name, v, a), "islower");
            case "upper" -> (r, v, a) -> isAll(r, plain(name, v, a), "isupper");
            case "in" ->
                (r, v, a) -> Operators.contains(r, a.bind(name, 1, "seq").get(0), v);
            case "sameas" -> Conditions::isSame;
            case "filter" ->
                (r, v, a) ->
                        Filters.named(Values.string(plain(name, v, a), name).text()) != null;
            case "test" ->
                (r, v, a) -> named(Values.string(plain(name, v, a), name).text()) != null;
            case "eq", "equalto", "==" -> (r, v, a) -> compare(r, "==", v, a);
            case "ne", "!=" -> (r, v, a) -> compare(r, "!=", v, a);
            case "gt", "greaterthan", ">" -> (r, v, a) -> compare(r, ">", v, a);
            case "ge", ">=" -> (r, v, a) -> compare(r, ">=", v, a);
            case "lt", "lessthan", "<" -> (r, v, a) -> compare(r, "<", v, a);
            case "le", "<=" -> (r, v, a) -> compare(r, "<=", v, a);
            default -> null;
        };
    }

    /** The value of a test that takes no arguments. */
    private static Object plain(String name, Object value, Arguments arguments) {
        arguments.bind(name, 0);
        return value;
    }

    private static boolean compare(Rendering rendering, String symbol, Object value, Arguments arguments) {
        return Operators.compare(
                rendering, symbol, value, arguments.bind(symbol, 1, "").get(0));
    }

    private static Object remainder(Rendering rendering, Object value, Object divisor) {
        Object remainder = Operators.binary(rendering, "%", value, divisor);
        return remainder instanceof Double real && real == Math.rint(real) ? (Object) real.longValue() : remainder;
    }

    private static boolean isSequence(Object value) {
        return value instanceof List
                || value instanceof MarkedText
                || value instanceof Map
                || value instanceof Range
                || value instanceof Undefined
                || value instanceof Markup;
    }

    private static boolean isAll(Rendering rendering, Object value, String method) {
        return (Boolean)
                StringMethods.named(method).apply(rendering, Representation.text(rendering, value), Arguments.NONE);
    }

    /** Identity, which Python promises for None, True and False only. */
    private static Object isSame(Rendering rendering, Object value, Arguments arguments) {
        Object other = arguments.bind("sameas", 1, "other").get(0);
        boolean constant = value == null || other == null || value instanceof Boolean || other instanceof Boolean;
        if (!constant && value != other) {
            throw Failures.unsupported("'sameas' of anything but none, true and false");
        }
        return constant ? java.util.Objects.equals(value, other) : true;
    }
}
