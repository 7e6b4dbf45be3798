package dev.lathe.text.template;

import dev.lathe.text.template.TemplateException.Reason;
import java.util.List;

/** A place in the tokens of a template. */
final class TokenCursor {
    private static final int MAX_NESTING = 100;

    private final List<Token> tokens;
    private int at;
    private int nesting;

    TokenCursor(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(at);
    }

    Token following() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    /** Returns the current token and goes on; never beyond the end. */
    Token next() {
        Token token = current();
        at = Math.min(at + 1, tokens.size() - 1);
        return token;
    }

    boolean is(Token.Type type) {
        return current().type() == type;
    }

    boolean isOperator(String symbol) {
        return current().is(Token.Type.OPERATOR, symbol);
    }

    boolean isName(String name) {
        return current().is(Token.Type.NAME, name);
    }

    boolean skipOperator(String symbol) {
        boolean found = isOperator(symbol);
        if (found) {
            next();
        }
        return found;
    }

    boolean skipName(String name) {
        boolean found = isName(name);
        if (found) {
            next();
        }
        return found;
    }

    Token expect(Token.Type type, String what) {
        if (!is(type)) {
            throw error("expected " + what + ", got " + current().describe());
        }
        return next();
    }

    void expectOperator(String symbol) {
        if (!skipOperator(symbol)) {
            throw error("expected '" + symbol + "', got " + current().describe());
        }
    }

    void expectName(String name) {
        if (!skipName(name)) {
            throw error("expected '" + name + "', got " + current().describe());
        }
    }

    void enter() {
        if (++nesting > MAX_NESTING) {
            throw new TemplateException(
                    Reason.LIMIT,
                    "nested more than " + MAX_NESTING + " levels deep",
                    current().line());
        }
    }

    void leave() {
        nesting--;
    }

    TemplateException error(String detail) {
        return new TemplateException(Reason.SYNTAX, detail, current().line());
    }

    TemplateException unsupported(String what) {
        return new TemplateException(
                Reason.UNSUPPORTED, what + " is not supported", current().line());
    }
}
