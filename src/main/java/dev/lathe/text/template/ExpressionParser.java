package dev.lathe.text.template;

import java.util.ArrayList;
import java.util.List;

/** Parses expressions; every method is one level of precedence, the loosest first. */
final class ExpressionParser {
    final OperandParser operands;
    private final TokenCursor tokens;
    private final UnknownNames unknown;

    ExpressionParser(TokenCursor tokens, UnknownNames unknown) {
        this.tokens = tokens;
        this.unknown = unknown;
        this.operands = new OperandParser(tokens, this, unknown);
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

    Expression tuple(boolean withConditional, boolean mayBeEmpty) {
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
        int before = unknown.mark();
        Expression value = or();
        while (tokens.skipName("if")) {
            unknown.forget(before);
            Expression condition = or();
            Expression otherwise = null;
            if (tokens.skipName("else")) {
                int beforeElse = unknown.mark();
                tokens.enter();
                otherwise = conditional();
                tokens.leave();
                unknown.forget(beforeElse);
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
            value = operands.primary();
        }
        value = operands.postfix(value);
        return withFilters ? operands.filtersAndTests(value) : value;
    }
}
