package dev.lathe.text.template;

import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/** A part of a template that does something. */
sealed interface Statement {
    /** How a statement ended. */
    enum Flow {
        NORMAL,
        BREAK,
        CONTINUE
    }

    /** Does it. */
    Flow execute(Scope scope);

    /** Runs statements in order, until one leaves its loop. */
    static Flow runAll(List<Statement> statements, Scope scope) {
        scope.rendering.enter();
        Flow flow = Flow.NORMAL;
        for (int i = 0; i < statements.size() && flow == Flow.NORMAL; i++) {
            scope.rendering.spend(1);
            flow = statements.get(i).execute(scope);
        }
        scope.rendering.leave();
        return flow;
    }

    /** Runs a body whose text goes to {@code use}, unless the body leaves its loop. */
    private static Flow capture(List<Statement> body, Scope scope, int line, Consumer<MarkedText> use) {
        Rendering rendering = scope.rendering;
        Buffer outer = rendering.out;
        rendering.out = new Buffer(rendering);
        Flow flow = runAll(body, new Scope(scope));
        MarkedText text = rendering.out.toText();
        rendering.out = outer;
        rendering.line = line;
        if (flow == Flow.NORMAL) {
            use.accept(text);
        }
        return flow;
    }

    /** Plain text. */
    record PlainText(String text) implements Statement {
        @Override
        public Flow execute(Scope scope) {
            scope.rendering.out.append(text);
            return Flow.NORMAL;
        }
    }

    /** {@code {{ value }}}. */
    record Output(Expression value, int line) implements Statement {
        @Override
        public Flow execute(Scope scope) {
            scope.rendering.line = line;
            scope.rendering.out.append(Representation.str(scope.rendering, value.evaluate(scope)));
            return Flow.NORMAL;
        }
    }

    /** {@code if}, {@code elif} and {@code else}; the condition of an else is null. */
    record If(List<Branch> branches) implements Statement {
        record Branch(Expression condition, List<Statement> body, int line) {}

        @Override
        public Flow execute(Scope scope) {
            for (Branch branch : branches) {
                scope.rendering.line = branch.line();
                if (branch.condition() == null
                        || Values.truth(branch.condition().evaluate(scope))) {
                    return runAll(branch.body(), scope);
                }
            }
            return Flow.NORMAL;
        }
    }

    /** {@code for target in items if condition}; the condition may be null. */
    record For(
            Target target,
            Expression items,
            Expression condition,
            List<Statement> body,
            List<Statement> otherwise,
            int line)
            implements Statement {
        @Override
        public Flow execute(Scope scope) {
            scope.rendering.line = line;
            Iterator<?> iterator = Values.iterate(scope.rendering, items.evaluate(scope));
            Loop loop = new Loop(scope.rendering, condition == null ? iterator : chosen(scope, iterator));
            boolean empty = true;
            while (loop.advance()) {
                Scope inner = new Scope(scope);
                inner.set("loop", loop);
                target.assign(inner, loop.current());
                Flow flow = runAll(body, inner);
                scope.rendering.line = line;
                if (flow == Flow.BREAK) {
                    break;
                }
                // Jinja2 notes the iteration at the end of the body only, so a skipped one does not count.
                empty &= flow == Flow.CONTINUE;
            }
            return empty ? runAll(otherwise, new Scope(scope)) : Flow.NORMAL;
        }

        private Iterator<Object> chosen(Scope scope, Iterator<?> iterator) {
            return new LookAhead() {
                @Override
                Object compute() {
                    while (iterator.hasNext()) {
                        Object item = iterator.next();
                        Scope inner = new Scope(scope);
                        target.assign(inner, item);
                        if (Values.truth(condition.evaluate(inner))) {
                            return item;
                        }
                    }
                    return Access.ABSENT;
                }
            };
        }
    }

    /** {@code break} or {@code continue}. */
    record Leave(Flow flow) implements Statement {
        @Override
        public Flow execute(Scope scope) {
            return flow;
        }
    }

    /** {@code set target = value}. */
    record Assign(Target target, Expression value, int line) implements Statement {
        @Override
        public Flow execute(Scope scope) {
            scope.rendering.line = line;
            target.assign(scope, value.evaluate(scope));
            return Flow.NORMAL;
        }
    }

    /** {@code set target} to the text of its body, through filters where there are any. */
    record AssignText(Target target, List<Expression.Filter> filters, List<Statement> body, int line)
            implements Statement {
        @Override
        public Flow execute(Scope scope) {
            return capture(body, scope, line, text -> target.assign(scope, filtered(text, filters, scope)));
        }
    }

    /** {@code filter} around its body. */
    record FilterText(List<Expression.Filter> filters, List<Statement> body, int line) implements Statement {
        @Override
        public Flow execute(Scope scope) {
            return capture(body, scope, line, text -> {
                Object filtered = filtered(text, filters, scope);
                scope.rendering.out.append(Representation.str(scope.rendering, filtered));
            });
        }
    }

    /** {@code with a = b}: variables of the body; values are those of the scope around it. */
    record With(List<Target> targets, List<Expression> values, List<Statement> body, int line) implements Statement {
        @Override
        public Flow execute(Scope scope) {
            scope.rendering.line = line;
            Scope inner = new Scope(scope);
            for (int i = 0; i < targets.size(); i++) {
                targets.get(i).assign(inner, values.get(i).evaluate(scope));
            }
            return runAll(body, inner);
        }
    }

    /** The body of {@code generation}, which marks what a model is trained to write. */
    record Block(List<Statement> body) implements Statement {
        @Override
        public Flow execute(Scope scope) {
            return runAll(body, new Scope(scope));
        }
    }

    /** {@code macro name(parameters)}. */
    record DefineMacro(String name, List<Macro.Parameter> parameters, Macro.Uses uses, List<Statement> body)
            implements Statement {
        @Override
        public Flow execute(Scope scope) {
            scope.set(name, macro(scope));
            return Flow.NORMAL;
        }

        Macro macro(Scope scope) {
            return new Macro(name, parameters, uses, body, scope);
        }
    }

    /** {@code call(parameters) macro(...)}: a call that gets the body as its {@code caller}. */
    record CallBlock(DefineMacro caller, Expression.Call call, int line) implements Statement {
        @Override
        public Flow execute(Scope scope) {
            scope.rendering.line = line;
            Object text = call.call(scope, caller.macro(scope));
            scope.rendering.out.append(Representation.str(scope.rendering, text));
            return Flow.NORMAL;
        }
    }

    private static Object filtered(Object text, List<Expression.Filter> filters, Scope scope) {
        Object value = text;
        for (Expression.Filter filter : filters) {
            value = filter.apply(scope, value);
        }
        return value;
    }
}
