package dev.lathe.text.template;

import java.util.List;
import java.util.Map;

/**
 * A macro: called, it renders its body where it was defined and returns the text.
 *
 * @param name its name; null for the body of a {@code call} block
 * @param parameters what it takes
 * @param uses which of the names {@code caller}, {@code varargs} and {@code kwargs} the body mentions; without the
 *     mention the macro refuses such arguments
 * @param body what it renders
 * @param scope where it was defined
 */
record Macro(String name, List<Parameter> parameters, Uses uses, List<Statement> body, Scope scope)
        implements Invocable, Attributed {

    /** A parameter; its default is null where it has none. */
    record Parameter(String name, Expression otherwise) {}

    record Uses(boolean caller, boolean varargs, boolean kwargs) {}

    @Override
    public Object call(Rendering rendering, Arguments arguments) {
        Scope inner = new Scope(scope);
        bind(rendering, inner, arguments);
        int line = rendering.line;
        Buffer outer = rendering.out;
        rendering.out = new Buffer(rendering);
        Statement.runAll(body, inner);
        MarkedText text = rendering.out.toText();
        rendering.out = outer;
        rendering.line = line;
        return text;
    }

    private void bind(Rendering rendering, Scope inner, Arguments arguments) {
        rendering.allocateItems(parameters.size());
        List<Object> positional = arguments.positional();
        Map<Object, Object> named = Globals.dict(rendering, arguments.named());
        boolean takesCaller = false;
        for (int i = 0; i < parameters.size(); i++) {
            Parameter parameter = parameters.get(i);
            takesCaller |= parameter.name().equals("caller");
            MarkedText key = MarkedText.ofTemplate(parameter.name());
            boolean given = i < positional.size() || named.containsKey(key);
            Object value = i < positional.size() ? positional.get(i) : given ? named.remove(key) : null;
            if (!given) {
                value = parameter.otherwise() == null
                        ? Undefined.because("parameter '" + parameter.name() + "' was not provided")
                        : parameter.otherwise().evaluate(inner);
            }
            inner.set(parameter.name(), value);
        }
        if (uses.caller() && !takesCaller) {
            Object caller = named.remove(MarkedText.ofTemplate("caller"));
            inner.set("caller", caller == null ? Undefined.because("No caller defined") : caller);
        }
        int extra = positional.size() - parameters.size();
        if (uses.varargs()) {
            rendering.allocateItems(Math.max(0, extra));
            inner.set(
                    "varargs",
                    Tuple.of(
                            extra > 0
                                    ? positional
                                            .subList(parameters.size(), positional.size())
                                            .toArray()
                                    : new Object[0]));
        } else if (extra > 0) {
            throw Failures.failed("macro '" + name + "' takes not more than " + parameters.size() + " argument(s)");
        }
        if (uses.kwargs()) {
            inner.set("kwargs", named);
        } else if (!named.isEmpty()) {
            throw Failures.failed("macro '" + name + "' takes no keyword argument '"
                    + named.keySet().iterator().next() + "'");
        }
    }

    @Override
    public Object attribute(String attribute) {
        return switch (attribute) {
            case "name" -> name == null ? null : MarkedText.ofTemplate(name);
            case "arguments" ->
                Tuple.of(parameters.stream()
                        .map(parameter -> MarkedText.ofTemplate(parameter.name()))
                        .toArray());
            case "caller" -> uses.caller();
            case "catch_varargs" -> uses.varargs();
            case "catch_kwargs" -> uses.kwargs();
            default -> Access.ABSENT;
        };
    }

    @Override
    public String typeName() {
        return "Macro";
    }
}
