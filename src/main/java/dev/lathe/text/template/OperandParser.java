package dev.lathe.text.template;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Parses what stands between operators: literals, names, and the items, calls, filters and tests after them. */
final class OperandParser {
    private final TokenCursor tokens;
    private final ExpressionParser expressions;
    private final UnknownNames unknown;
    private Set<String> names = new HashSet<>();

    OperandParser(TokenCursor tokens, ExpressionParser expressions, UnknownNames unknown) {
        this.tokens = tokens;
        this.expressions = expressions;
        this.unknown = unknown;
    }

    /** Begins to collect the names that are read, for the body of a macro; returns those read before. */
    Set<String> collectNames() {
        Set<String> before = names;
        names = new HashSet<>();
        return before;
    }

    /** Ends it: returns the names read since, and counts them as read by the outer part too. */
    Set<String> namesSince(Set<String> before) {
        Set<String> since = names;
        names = before;
        names.addAll(since);
        return since;
    }

    Expression primary() {
        Token token = tokens.current();
        switch (token.type()) {
            case NAME -> {
                return name(tokens.next().text());
            }
            case LITERAL -> {
                return literal(tokens.next().value());
            }
            case OPERATOR -> {
                switch (token.text()) {
                    case "(" -> {
                        return parenthesized();
                    }
                    case "[" -> {
                        return list();
                    }
                    case "{" -> {
                        return dict();
                    }
                    default -> {}
                }
            }
            default -> {}
        }
        throw tokens.error("unexpected " + token.describe());
    }

    private Expression name(String name) {
        switch (name) {
            case "true", "True" -> {
                return new Expression.Literal(true);
            }
            case "false", "False" -> {
                return new Expression.Literal(false);
            }
            case "none", "None" -> {
                return new Expression.Literal(null);
            }
            case "self" -> throw tokens.unsupported("the variable 'self'");
            default -> {
                names.add(name);
                return new Expression.Name(name);
            }
        }
    }

    /** Strings one after the other are one string. */
    private Expression literal(Object value) {
        if (!(value instanceof MarkedText first && tokens.current().value() instanceof MarkedText)) {
            return new Expression.Literal(value);
        }
        StringBuilder joined = new StringBuilder(first.text());
        while (tokens.current().value() instanceof MarkedText more) {
            joined.append(more.text());
            tokens.next();
        }
        return new Expression.Literal(MarkedText.ofTemplate(joined.toString()));
    }

    private Expression parenthesized() {
        tokens.expectOperator("(");
        tokens.enter();
        Expression value = expressions.tuple(true, true);
        tokens.leave();
        tokens.expectOperator(")");
        return value;
    }

    private Expression list() {
        tokens.expectOperator("[");
        List<Expression> items = new ArrayList<>();
        while (!tokens.isOperator("]")) {
            items.add(expressions.expression());
            if (!tokens.skipOperator(",")) {
                break;
            }
        }
        tokens.expectOperator("]");
        return new Expression.ListOf(items);
    }

    private Expression dict() {
        tokens.expectOperator("{");
        List<Expression> keys = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!tokens.isOperator("}")) {
            keys.add(expressions.expression());
            tokens.expectOperator(":");
            values.add(expressions.expression());
            if (!tokens.skipOperator(",")) {
                break;
            }
        }
        tokens.expectOperator("}");
        return new Expression.DictOf(keys, values);
    }

    Expression postfix(Expression owner) {
        Expression value = owner;
        while (true) {
            if (tokens.skipOperator(".")) {
                value = member(value);
            } else if (tokens.skipOperator("[")) {
                value = subscript(value);
            } else if (tokens.isOperator("(")) {
                value = new Expression.Call(value, arguments());
            } else {
                return value;
            }
        }
    }

    private Expression member(Expression owner) {
        Token token = tokens.current();
        if (token.type() == Token.Type.NAME) {
            tokens.next();
            return new Expression.Attribute(owner, token.text());
        }
        if (token.value() instanceof Long index) {
            tokens.next();
            return new Expression.Item(owner, new Expression.Literal(index));
        }
        throw tokens.error("expected name or number, got " + token.describe());
    }

    private Expression subscript(Expression owner) {
        Expression start = tokens.isOperator(":") ? null : expressions.expression();
        Expression result;
        if (tokens.skipOperator(":")) {
            Expression stop = bound();
            Expression step = tokens.skipOperator(":") ? bound() : null;
            result = new Expression.Slice(owner, start, stop, step);
        } else {
            result = new Expression.Item(owner, start);
        }
        if (tokens.isOperator(",")) {
            throw tokens.unsupported("a subscript of several values");
        }
        tokens.expectOperator("]");
        return result;
    }

    private Expression bound() {
        return tokens.isOperator(":") || tokens.isOperator("]") ? null : expressions.expression();
    }

    Expression filtersAndTests(Expression subject) {
        Expression value = subject;
        while (true) {
            if (tokens.isOperator("|")) {
                value = filter(value);
            } else if (tokens.skipName("is")) {
                value = test(value);
            } else if (tokens.isOperator("(")) {
                value = new Expression.Call(value, arguments());
            } else {
                return value;
            }
        }
    }

    private Expression.Filter filter(Expression subject) {
        tokens.expectOperator("|");
        return namedFilter(subject);
    }

    /** A filter without its bar; the subject may be null. */
    Expression.Filter namedFilter(Expression subject) {
        Token token = tokens.current();
        String name = dottedName("the name of a filter");
        Operation operation = Filters.named(name);
        if (operation == null) {
            operation = unknown.operation("filter", token, name, Filters.isMissing(name));
        }
        return new Expression.Filter(subject, operation, optionalArguments());
    }

    /** The filters after {@code filter name} or {@code set name}, without a subject. */
    List<Expression.Filter> filterChain() {
        List<Expression.Filter> filters = new ArrayList<>();
        while (tokens.skipOperator("|")) {
            filters.add(namedFilter(null));
        }
        return filters;
    }

    private Expression test(Expression subject) {
        boolean negated = tokens.skipName("not");
        Token token = tokens.current();
        String name = dottedName("the name of a test");
        Operation operation = Conditions.named(name);
        if (operation == null) {
            operation = unknown.operation("test", token, name, false);
        }
        Expression.ArgumentList arguments = Expression.ArgumentList.NONE;
        if (tokens.isOperator("(")) {
            arguments = arguments();
        } else if (isTestArgument()) {
            if (tokens.isName("is")) {
                throw tokens.error("You cannot chain multiple tests with is");
            }
            arguments = new Expression.ArgumentList(List.of(postfix(primary())), Map.of(), null, null);
        }
        Expression test = new Expression.Test(subject, operation, arguments);
        return negated ? new Expression.Not(test) : test;
    }

    private boolean isTestArgument() {
        if (tokens.is(Token.Type.NAME)) {
            return !tokens.isName("else") && !tokens.isName("or") && !tokens.isName("and");
        }
        return tokens.is(Token.Type.LITERAL) || tokens.isOperator("[") || tokens.isOperator("{");
    }

    private String dottedName(String what) {
        String first = tokens.expect(Token.Type.NAME, what).text();
        if (!tokens.isOperator(".")) {
            return first;
        }
        StringBuilder name = new StringBuilder(first);
        while (tokens.skipOperator(".")) {
            name.append('.').append(tokens.expect(Token.Type.NAME, what).text());
        }
        return name.toString();
    }

    private Expression.ArgumentList optionalArguments() {
        return tokens.isOperator("(") ? arguments() : Expression.ArgumentList.NONE;
    }

    private Expression.ArgumentList arguments() {
        tokens.expectOperator("(");
        if (tokens.skipOperator(")")) {
            return Expression.ArgumentList.NONE;
        }
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        Expression restPositional = null;
        Expression restNamed = null;
        while (!tokens.isOperator(")")) {
            boolean valid = restNamed == null;
            if (tokens.skipOperator("**")) {
                restNamed = expressions.expression();
            } else if (tokens.skipOperator("*")) {
                valid &= restPositional == null;
                restPositional = expressions.expression();
            } else if (tokens.is(Token.Type.NAME) && tokens.following().is(Token.Type.OPERATOR, "=")) {
                String name = tokens.next().text();
                tokens.next();
                valid &= named.put(name, expressions.expression()) == null;
            } else {
                valid &= restPositional == null && named.isEmpty();
                positional.add(expressions.expression());
            }
            if (!valid) {
                throw tokens.error("invalid syntax for function call expression");
            }
            if (!tokens.skipOperator(",")) {
                break;
            }
        }
        tokens.expectOperator(")");
        return new Expression.ArgumentList(positional, named, restPositional, restNamed);
    }
}
