package dev.lathe.text.template;

import dev.lathe.text.template.TemplateException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Parses tags and the text between them. */
final class Parser {
    private final TokenCursor tokens;
    private final UnknownNames unknown = new UnknownNames();
    private final ExpressionParser expressions;
    private int loops;

    private Parser(List<Token> tokens) {
        this.tokens = new TokenCursor(tokens);
        this.expressions = new ExpressionParser(this.tokens, unknown);
    }

    static List<Statement> parse(String source) {
        Parser parser = new Parser(Lexer.tokens(source));
        List<Statement> statements = parser.statements(List.of(), parser.tokens.current());
        parser.unknown.requireAllKnown();
        return statements;
    }

    /** Up to a tag of one of these names, which becomes the current token; up to the end where there are none. */
    private List<Statement> statements(List<String> ends, Token opened) {
        tokens.enter();
        List<Statement> statements = new ArrayList<>();
        while (!tokens.is(Token.Type.END)) {
            Token token = tokens.next();
            switch (token.type()) {
                case TEXT -> statements.add(new Statement.PlainText(token.text()));
                case OUTPUT_BEGIN -> {
                    statements.add(new Statement.Output(expressions.tuple(true), token.line()));
                    tokens.expect(Token.Type.OUTPUT_END, "'}}'");
                }
                default -> {
                    if (tokens.is(Token.Type.NAME)
                            && ends.contains(tokens.current().text())) {
                        tokens.leave();
                        return statements;
                    }
                    statements.add(tag());
                    tokens.expect(Token.Type.TAG_END, "'%}'");
                }
            }
        }
        if (!ends.isEmpty()) {
            throw new TemplateException(
                    Reason.SYNTAX,
                    "the template ends where 'end" + opened.text() + "' is missing for '" + opened.text() + "'",
                    opened.line());
        }
        tokens.leave();
        return statements;
    }

    /** The body of a tag: from its end to a tag of one of these names. */
    private List<Statement> body(Token opened, String... ends) {
        tokens.skipOperator(":");
        tokens.expect(Token.Type.TAG_END, "'%}'");
        return statements(List.of(ends), opened);
    }

    private List<Statement> wholeBody(Token opened, String end) {
        List<Statement> body = body(opened, end);
        tokens.next();
        return body;
    }

    private Statement tag() {
        Token tag = tokens.expect(Token.Type.NAME, "the name of a tag");
        return switch (tag.text()) {
            case "if" -> ifTag(tag);
            case "for" -> forTag(tag);
            case "set" -> setTag(tag);
            case "macro" -> macroTag(tag);
            case "call" -> callTag(tag);
            case "filter" -> filterTag(tag);
            case "with" -> withTag(tag);
            case "print" -> new Statement.Output(expressions.expression(), tag.line());
            case "generation" -> new Statement.Block(outsideOfLoops(() -> wholeBody(tag, "endgeneration")));
            case "break", "continue" -> leaveTag(tag);
            case "extends", "block", "include", "import", "from", "autoescape" ->
                throw new TemplateException(
                        Reason.UNSUPPORTED, "the tag '" + tag.text() + "' is not supported", tag.line());
            default ->
                throw new TemplateException(
                        Reason.SYNTAX, "an unknown or misplaced tag '" + tag.text() + "'", tag.line());
        };
    }

    private Statement ifTag(Token tag) {
        List<Statement.If.Branch> branches = new ArrayList<>();
        unknown.enterCondition();
        Token branch = tag;
        while (!branch.text().equals("endif")) {
            boolean last = branch.text().equals("else");
            Expression condition = last ? null : expressions.tuple(false);
            List<Statement> body = last ? body(tag, "endif") : body(tag, "elif", "else", "endif");
            branches.add(new Statement.If.Branch(condition, body, branch.line()));
            branch = tokens.next();
        }
        unknown.leaveCondition();
        return new Statement.If(branches);
    }

    private Statement forTag(Token tag) {
        loops++;
        Target target = target(false);
        loops--;
        tokens.expectName("in");
        Expression items = expressions.tuple(false);
        Expression condition = tokens.skipName("if") ? expressions.expression() : null;
        if (tokens.isName("recursive")) {
            throw tokens.unsupported("a recursive for");
        }
        loops++;
        List<Statement> body = body(tag, "else", "endfor");
        loops--;
        List<Statement> otherwise = tokens.next().text().equals("else") ? wholeBody(tag, "endfor") : List.of();
        return new Statement.For(target, items, condition, body, otherwise, tag.line());
    }

    private Statement leaveTag(Token tag) {
        if (loops == 0) {
            throw new TemplateException(Reason.SYNTAX, "'" + tag.text() + "' outside of a loop", tag.line());
        }
        return new Statement.Leave(tag.text().equals("break") ? Statement.Flow.BREAK : Statement.Flow.CONTINUE);
    }

    private Statement setTag(Token tag) {
        Target target = target(true);
        if (tokens.skipOperator("=")) {
            return new Statement.Assign(target, expressions.tuple(true), tag.line());
        }
        List<Expression.Filter> filters = expressions.operands.filterChain();
        return new Statement.AssignText(target, filters, wholeBody(tag, "endset"), tag.line());
    }

    private Statement filterTag(Token tag) {
        List<Expression.Filter> filters = new ArrayList<>();
        filters.add(expressions.operands.namedFilter(null));
        filters.addAll(expressions.operands.filterChain());
        return new Statement.FilterText(filters, wholeBody(tag, "endfilter"), tag.line());
    }

    private Statement withTag(Token tag) {
        List<Target> targets = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!tokens.is(Token.Type.TAG_END)) {
            if (!targets.isEmpty()) {
                tokens.expectOperator(",");
            }
            targets.add(single(false));
            tokens.expectOperator("=");
            values.add(expressions.expression());
        }
        return new Statement.With(targets, values, wholeBody(tag, "endwith"), tag.line());
    }

    private Statement macroTag(Token tag) {
        String name = variable(
                        tokens.expect(Token.Type.NAME, "the name of the macro").text())
                .name();
        return macro(name, parameters(), tag, "endmacro");
    }

    private Statement callTag(Token tag) {
        List<Macro.Parameter> parameters = tokens.isOperator("(") ? parameters() : List.of();
        if (!(expressions.expression() instanceof Expression.Call call)) {
            throw tokens.error("'call' needs the call of a macro");
        }
        return new Statement.CallBlock(macro(null, parameters, tag, "endcall"), call, tag.line());
    }

    private Statement.DefineMacro macro(String name, List<Macro.Parameter> parameters, Token tag, String end) {
        Set<String> before = expressions.operands.collectNames();
        List<Statement> body = outsideOfLoops(() -> wholeBody(tag, end));
        Set<String> used = expressions.operands.namesSince(before);
        Macro.Uses uses = new Macro.Uses(used.contains("caller"), used.contains("varargs"), used.contains("kwargs"));
        return new Statement.DefineMacro(name, parameters, uses, body);
    }

    private interface BodyParser {
        List<Statement> parse();
    }

    /** A body that no break or continue can leave. */
    private List<Statement> outsideOfLoops(BodyParser body) {
        int outer = loops;
        loops = 0;
        List<Statement> statements = body.parse();
        loops = outer;
        return statements;
    }

    private List<Macro.Parameter> parameters() {
        List<Macro.Parameter> parameters = new ArrayList<>();
        tokens.expectOperator("(");
        boolean optional = false;
        while (!tokens.isOperator(")")) {
            if (!parameters.isEmpty()) {
                tokens.expectOperator(",");
            }
            String name = variable(tokens.expect(Token.Type.NAME, "the name of a parameter")
                            .text())
                    .name();
            boolean hasDefault = tokens.skipOperator("=");
            if (optional && !hasDefault) {
                throw tokens.error("non-default argument follows default argument");
            }
            optional = hasDefault;
            parameters.add(new Macro.Parameter(name, hasDefault ? expressions.expression() : null));
        }
        tokens.expectOperator(")");
        return parameters;
    }

    /** One target, or several with commas between. */
    private Target target(boolean withMembers) {
        List<Target> targets = new ArrayList<>();
        targets.add(single(withMembers));
        boolean several = false;
        while (tokens.skipOperator(",")) {
            several = true;
            if (!tokens.is(Token.Type.NAME) && !tokens.isOperator("(")) {
                break;
            }
            targets.add(single(withMembers));
        }
        return several ? new Target.Several(targets) : targets.getFirst();
    }

    private Target single(boolean withMembers) {
        if (tokens.skipOperator("(")) {
            tokens.enter();
            Target target = target(false);
            tokens.leave();
            tokens.expectOperator(")");
            return target;
        }
        String name = tokens.expect(Token.Type.NAME, "the name of a variable").text();
        if (withMembers && tokens.skipOperator(".")) {
            return new Target.Member(
                    name,
                    tokens.expect(Token.Type.NAME, "the name of an attribute").text());
        }
        return variable(name);
    }

    private Target.Variable variable(String name) {
        return switch (name) {
            case "true", "false", "none", "True", "False", "None" ->
                throw tokens.error("can't assign to '" + name + "'");
            case "loop" -> throwIfInLoop();
            default -> new Target.Variable(name);
        };
    }

    private Target.Variable throwIfInLoop() {
        if (loops > 0) {
            throw tokens.unsupported("assigning to 'loop' in a loop");
        }
        return new Target.Variable("loop");
    }
}
