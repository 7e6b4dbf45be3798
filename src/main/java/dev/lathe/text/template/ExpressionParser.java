package dev.lathe.text.template;

import dev.lathe.text.TemplateException;
import dev.lathe.text.TemplateException.Reason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Parses expressions; every method is one level of precedence, the loosest first. */
final class ExpressionParser {
    private final TokenCursor tokens;
    private Set<String> names = new HashSet<>();
    private final List<TemplateException> unknown = new ArrayList<>();
    private int conditions;

    ExpressionParser(TokenCursor tokens) {
        this.tokens = tokens;
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

    /** Enters a part that may not run: an unknown filter there fails only if it is reached, as in Jinja2. */
    void enterCondition() {
        conditions++;
    }

    void leaveCondition() {
        conditions--;
    }

    /** Fails if a filter or test is unknown where it is sure to run. */
    void requireAllKnown() {
        if (!unknown.isEmpty()) {
            throw unknown.getFirst();
        }
    }

    private void forgetUnknown(int from) {
        unknown.subList(from, unknown.size()).clear();
    }

    Expression expression() {
        tokens.enter();
        Expression value = conditional();
        tokens.leave();
        return value;
    }

    /** One expression, or several with commas between, which make a tuple. */
    Expression tuple(boolean withConditional) {
        return tuple(withConditional, false);
    }

    private Expression tuple(boolean withConditional, boolean mayBeEmpty) {
        List<Expression> items = new ArrayList<>();
        boolean several = false;
        while (!isTupleEnd()) {
            items.add(withConditional ? expression() : or());
            if (!tokens.skipOperator(",")) {
                break;
            }
            several = true;
        }
        if (!several && items.size() == 1) {
            return items.getFirst();
        }
        if (!several && !mayBeEmpty) {
            throw tokens.error("expected an expression, got " + tokens.current().describe());
        }
        return new Expression.TupleOf(items);
    }

    private boolean isTupleEnd() {
        return tokens.is(Token.Type.OUTPUT_END)
                || tokens.is(Token.Type.TAG_END)
                || tokens.isOperator(")")
                || tokens.isName("recursive");
    }

    private Expression conditional() {
        int before = unknown.size();
        Expression value = or();
        while (tokens.skipName("if")) {
            forgetUnknown(before);
            Expression condition = or();
            Expression otherwise = null;
            if (tokens.skipName("else")) {
                int beforeElse = unknown.size();
                tokens.enter();
                otherwise = conditional();
                tokens.leave();
                forgetUnknown(beforeElse);
            }
            value = new Expression.Conditional(condition, value, otherwise);
        }
        return value;
    }

    Expression or() {
        Expression left = and();
        while (tokens.skipName("or")) {
            left = new Expression.Or(left, and());
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.skipName("and")) {
            left = new Expression.And(left, not());
        }
        return left;
    }

    private Expression not() {
        if (!tokens.skipName("not")) {
            return comparison();
        }
        tokens.enter();
        Expression operand = not();
        tokens.leave();
        return new Expression.Not(operand);
    }

    private Expression comparison() {
        Expression first = sum();
        List<String> symbols = new ArrayList<>();
        List<Expression> others = new ArrayList<>();
        while (true) {
            Token token = tokens.current();
            if (token.type() == Token.Type.OPERATOR && isComparison(token.text())) {
                tokens.next();
                symbols.add(token.text());
            } else if (tokens.skipName("in")) {
                symbols.add("in");
            } else if (tokens.isName("not") && tokens.following().is(Token.Type.NAME, "in")) {
                tokens.next();
                tokens.next();
                symbols.add("not in");
            } else {
                return symbols.isEmpty() ? first : new Expression.Comparison(first, symbols, others);
            }
            others.add(sum());
        }
    }

    private static boolean isComparison(String symbol) {
        return switch (symbol) {
            case "==", "!=", "<", "<=", ">", ">=" -> true;
            default -> false;
        };
    }

    private Expression sum() {
        Expression left = concat();
        while (tokens.isOperator("+") || tokens.isOperator("-")) {
            String symbol = tokens.next().text();
            left = new Expression.Binary(symbol, left, concat());
        }
        return left;
    }

    private Expression concat() {
        Expression first = product();
        if (!tokens.isOperator("~")) {
            return first;
        }
        List<Expression> parts = new ArrayList<>();
        parts.add(first);
        while (tokens.skipOperator("~")) {
            parts.add(product());
        }
        return new Expression.Concat(parts);
    }

    private Expression product() {
        Expression left = power();
        while (tokens.isOperator("*") || tokens.isOperator("/") || tokens.isOperator("//") || tokens.isOperator("%")) {
            String symbol = tokens.next().text();
            left = new Expression.Binary(symbol, left, power());
        }
        return left;
    }

    /** Goes from left to right in Jinja2, unlike in Python. */
    private Expression power() {
        Expression left = unary(true);
        while (tokens.skipOperator("**")) {
            left = new Expression.Binary("**", left, unary(true));
        }
        return left;
    }

    private Expression unary(boolean withFilters) {
        Expression value;
        if (tokens.isOperator("-") || tokens.isOperator("+")) {
            String symbol = tokens.next().text();
            tokens.enter();
            value = new Expression.Unary(symbol, unary(false));
            tokens.leave();
        } else {
            value = primary();
        }
        value = postfix(value);
        return withFilters ? filtersAndTests(value) : value;
    }

    private Expression primary() {
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
        Object joined = value;
        while (joined instanceof String first && tokens.current().value() instanceof String second) {
            joined = first.concat(second);
            tokens.next();
        }
        return new Expression.Literal(joined);
    }

    private Expression parenthesized() {
        tokens.expectOperator("(");
        tokens.enter();
        Expression value = tuple(true, true);
        tokens.leave();
        tokens.expectOperator(")");
        return value;
    }

    private Expression list() {
        tokens.expectOperator("[");
        List<Expression> items = new ArrayList<>();
        while (!tokens.isOperator("]")) {
            items.add(expression());
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
            keys.add(expression());
            tokens.expectOperator(":");
            values.add(expression());
            if (!tokens.skipOperator(",")) {
                break;
            }
        }
        tokens.expectOperator("}");
        return new Expression.DictOf(keys, values);
    }

    private Expression postfix(Expression owner) {
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
        Expression start = tokens.isOperator(":") ? null : expression();
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
        return tokens.isOperator(":") || tokens.isOperator("]") ? null : expression();
    }

    private Expression filtersAndTests(Expression subject) {
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
            operation = unknown("filter", token, name, Filters.isMissing(name));
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
            operation = unknown("test", token, name, false);
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
        String name = tokens.expect(Token.Type.NAME, what).text();
        while (tokens.skipOperator(".")) {
            name = name.concat(".").concat(tokens.expect(Token.Type.NAME, what).text());
        }
        return name;
    }

    private Operation unknown(String kind, Token token, String name, boolean missing) {
        TemplateException failure = missing
                ? new TemplateException(
                        Reason.UNSUPPORTED, "the " + kind + " '" + name + "' of Jinja2 is not supported", token.line())
                : new TemplateException(Reason.SYNTAX, "no " + kind + " is named '" + name + "'", token.line());
        if (conditions == 0) {
            unknown.add(failure);
        }
        return (rendering, subject, arguments) -> {
            throw new TemplateException(failure.reason(), failure.detail(), failure.line());
        };
    }

    private Expression.ArgumentList optionalArguments() {
        return tokens.isOperator("(") ? arguments() : Expression.ArgumentList.NONE;
    }

    private Expression.ArgumentList arguments() {
        tokens.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        Expression restPositional = null;
        Expression restNamed = null;
        while (!tokens.isOperator(")")) {
            boolean valid = restNamed == null;
            if (tokens.skipOperator("**")) {
                restNamed = expression();
            } else if (tokens.skipOperator("*")) {
                valid &= restPositional == null;
                restPositional = expression();
            } else if (tokens.is(Token.Type.NAME) && tokens.following().is(Token.Type.OPERATOR, "=")) {
                String name = tokens.next().text();
                tokens.next();
                valid &= named.put(name, expression()) == null;
            } else {
                valid &= restPositional == null && named.isEmpty();
                positional.add(expression());
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
