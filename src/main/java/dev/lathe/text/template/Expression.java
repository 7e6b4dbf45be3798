package dev.lathe.text.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A part of a template that has a value. */
sealed interface Expression {
    /** The value, computed by the node itself. */
    Object compute(Scope scope);

    /** The value; a step of the rendering's budget and a level of its nesting. */
    default Object evaluate(Scope scope) {
        scope.rendering.enter();
        Object value = compute(scope);
        scope.rendering.leave();
        return value;
    }

    /** A string, number, {@code true}, {@code false} or {@code none}. */
    record Literal(Object value) implements Expression {
        @Override
        public Object compute(Scope scope) {
            return value;
        }
    }

    /** A variable. */
    record Name(String name) implements Expression {
        @Override
        public Object compute(Scope scope) {
            return scope.lookup(name);
        }
    }

    /** {@code [a, b]}. */
    record ListOf(List<Expression> items) implements Expression {
        @Override
        public Object compute(Scope scope) {
            return values(items, scope);
        }
    }

    /** {@code (a, b)}. */
    record TupleOf(List<Expression> items) implements Expression {
        @Override
        public Object compute(Scope scope) {
            return Tuple.of(values(items, scope).toArray());
        }
    }

    /** {@code {a: b}}. */
    record DictOf(List<Expression> keys, List<Expression> values) implements Expression {
        @Override
        public Object compute(Scope scope) {
            Map<Object, Object> dict = new LinkedHashMap<>();
            for (int i = 0; i < keys.size(); i++) {
                Object key = keys.get(i).evaluate(scope);
                Globals.put(scope.rendering, dict, key, values.get(i).evaluate(scope));
            }
            return dict;
        }
    }

    /** {@code a.name}. */
    record Attribute(Expression owner, String name) implements Expression {
        @Override
        public Object compute(Scope scope) {
            return Access.attribute(scope.rendering, owner.evaluate(scope), name);
        }
    }

    /** {@code a[key]}. */
    record Item(Expression owner, Expression key) implements Expression {
        @Override
        public Object compute(Scope scope) {
            Object value = owner.evaluate(scope);
            return Access.item(scope.rendering, value, key.evaluate(scope));
        }
    }

    /** {@code a[start:stop:step]}; null where a bound is left out. */
    record Slice(Expression owner, Expression start, Expression stop, Expression step) implements Expression {
        @Override
        public Object compute(Scope scope) {
            Object value = owner.evaluate(scope);
            return Access.slice(scope.rendering, value, bound(start, scope), bound(stop, scope), bound(step, scope));
        }

        private static Object bound(Expression bound, Scope scope) {
            return bound == null ? null : bound.evaluate(scope);
        }
    }

    /** {@code callee(arguments)}. */
    record Call(Expression callee, ArgumentList arguments) implements Expression {
        @Override
        public Object compute(Scope scope) {
            return call(scope, null);
        }

        /** The call, with the body of a {@code call} block as its {@code caller}, or null. */
        Object call(Scope scope, Macro caller) {
            Object function = callee.evaluate(scope);
            Values.requireDefined(function);
            if (!(function instanceof Invocable invocable)) {
                throw Failures.failed("'" + Values.typeName(function) + "' object is not callable");
            }
            return invocable.call(scope.rendering, arguments.evaluate(scope, caller));
        }
    }

    /** {@code subject | name(arguments)}; the subject is null in a {@code filter} block. */
    record Filter(Expression subject, Operation operation, ArgumentList arguments) implements Expression {
        @Override
        public Object compute(Scope scope) {
            return apply(scope, subject.evaluate(scope));
        }

        Object apply(Scope scope, Object value) {
            return operation.run(scope.rendering, value, arguments.evaluate(scope, null));
        }
    }

    /** {@code subject is name(arguments)}. */
    record Test(Expression subject, Operation operation, ArgumentList arguments) implements Expression {
        @Override
        public Object compute(Scope scope) {
            Object value = subject.evaluate(scope);
            return operation.run(scope.rendering, value, arguments.evaluate(scope, null));
        }
    }

    /** An arithmetic operator between two values. */
    record Binary(String symbol, Expression left, Expression right) implements Expression {
        @Override
        public Object compute(Scope scope) {
            Object value = left.evaluate(scope);
            return Operators.binary(scope.rendering, symbol, value, right.evaluate(scope));
        }
    }

    /** {@code -a} or {@code +a}. */
    record Unary(String symbol, Expression operand) implements Expression {
        @Override
        public Object compute(Scope scope) {
            return Operators.unary(symbol, operand.evaluate(scope));
        }
    }

    /** {@code a ~ b ~ c}. */
    record Concat(List<Expression> parts) implements Expression {
        @Override
        public Object compute(Scope scope) {
            Buffer text = new Buffer(scope.rendering);
            for (Object value : values(parts, scope)) {
                text.append(Representation.str(scope.rendering, value));
            }
            return text.toText();
        }
    }

    /** {@code a < b <= c}: each compared with the next, until one fails. */
    record Comparison(Expression first, List<String> symbols, List<Expression> others) implements Expression {
        @Override
        public Object compute(Scope scope) {
            Object left = first.evaluate(scope);
            for (int i = 0; i < symbols.size(); i++) {
                Object right = others.get(i).evaluate(scope);
                if (!Operators.compare(scope.rendering, symbols.get(i), left, right)) {
                    return false;
                }
                left = right;
            }
            return true;
        }
    }

    /** {@code a and b}: one of the two values, as in Python. */
    record And(Expression left, Expression right) implements Expression {
        @Override
        public Object compute(Scope scope) {
            Object value = left.evaluate(scope);
            return Values.truth(value) ? right.evaluate(scope) : value;
        }
    }

    /** {@code a or b}: one of the two values, as in Python. */
    record Or(Expression left, Expression right) implements Expression {
        @Override
        public Object compute(Scope scope) {
            Object value = left.evaluate(scope);
            return Values.truth(value) ? value : right.evaluate(scope);
        }
    }

    /** {@code not a}. */
    record Not(Expression operand) implements Expression {
        @Override
        public Object compute(Scope scope) {
            return !Values.truth(operand.evaluate(scope));
        }
    }

    /** {@code a if condition else b}; undefined where there is no else. */
    record Conditional(Expression condition, Expression then, Expression otherwise) implements Expression {
        @Override
        public Object compute(Scope scope) {
            if (Values.truth(condition.evaluate(scope))) {
                return then.evaluate(scope);
            }
            return otherwise == null
                    ? Undefined.because("the inline if-expression evaluated to false and no else section was defined")
                    : otherwise.evaluate(scope);
        }
    }

    /** The arguments of a call as written; {@code *rest} and {@code **rest} are null where there are none. */
    record ArgumentList(
            List<Expression> positional,
            Map<String, Expression> named,
            Expression restPositional,
            Expression restNamed) {
        private static final MarkedText CALLER = MarkedText.ofTemplate("caller");
        static final ArgumentList NONE = new ArgumentList(List.of(), Map.of(), null, null);

        Arguments evaluate(Scope scope, Macro caller) {
            if (this == NONE && caller == null) {
                return Arguments.NONE;
            }
            scope.rendering.allocateItems(named.size());
            List<Object> values = values(positional, scope);
            if (restPositional != null) {
                values.addAll(Values.list(scope.rendering, restPositional.evaluate(scope)));
            }
            Map<MarkedText, Object> byName = new LinkedHashMap<>();
            for (Map.Entry<String, Expression> argument : named.entrySet()) {
                byName.put(
                        MarkedText.ofTemplate(argument.getKey()),
                        argument.getValue().evaluate(scope));
            }
            if (restNamed != null) {
                addAll(scope.rendering, restNamed.evaluate(scope), byName);
            }
            if (caller != null && byName.put(CALLER, caller) != null) {
                throw Failures.failed("got multiple values for argument 'caller'");
            }
            return new Arguments(values, byName);
        }

        private static void addAll(Rendering rendering, Object more, Map<MarkedText, Object> byName) {
            if (!(more instanceof Map<?, ?> dict)) {
                throw Failures.failed("argument after ** must be a mapping, not " + Values.typeName(more));
            }
            rendering.allocateItems(dict.size());
            for (Map.Entry<?, ?> entry : dict.entrySet()) {
                if (byName.put(Values.string(entry.getKey(), "keywords"), entry.getValue()) != null) {
                    throw Failures.failed("got multiple values for argument '" + entry.getKey() + "'");
                }
            }
        }
    }

    private static List<Object> values(List<Expression> expressions, Scope scope) {
        scope.rendering.allocateItems(expressions.size());
        List<Object> values = new ArrayList<>(expressions.size());
        for (Expression expression : expressions) {
            values.add(expression.evaluate(scope));
        }
        return values;
    }
}
