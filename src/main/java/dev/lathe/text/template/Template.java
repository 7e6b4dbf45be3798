package dev.lathe.text.template;

import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A parsed template. Immutable and thread-safe; each rendering has its own state. */
public final class Template {
    private static final int MAX_SOURCE = 4_000_000;
    private static final int MAX_VALUE_DEPTH = 200;

    private final List<Statement> statements;

    private Template(List<Statement> statements) {
        this.statements = statements;
    }

    /**
     * Parses a template.
     *
     * @throws TemplateException if the source is no template, or needs what is not implemented
     */
    public static Template parse(String source) {
        if (source.length() > MAX_SOURCE) {
            throw Failures.limit("the source has " + source.length() + " characters, more than " + MAX_SOURCE);
        }
        return new Template(Parser.parse(source));
    }

    /**
     * Renders the template.
     *
     * @param variables what it can name: null, strings, booleans, numbers, and lists and maps of them
     * @param clock the present time, for {@code strftime_now}
     * @throws TemplateException if it refuses, fails, takes more steps or memory than a rendering may, or its thread is
     *     interrupted
     * @throws IllegalArgumentException if a variable has another type
     */
    public String render(Map<String, ?> variables, Clock clock) {
        return renderMarked(variables, clock).text();
    }

    /**
     * Renders the template, and tells which characters it wrote itself and which were given by the variables. A variable
     * may hold {@link MarkedText}, which keeps its origin.
     *
     * @throws TemplateException as {@link #render} does
     * @throws IllegalArgumentException as {@link #render} does
     */
    public MarkedText renderMarked(Map<String, ?> variables, Clock clock) {
        Rendering rendering = new Rendering(clock);
        Map<String, Object> values = new HashMap<>();
        for (Map.Entry<String, ?> variable : variables.entrySet()) {
            values.put(variable.getKey(), value(rendering, variable.getKey(), variable.getValue(), MAX_VALUE_DEPTH));
        }
        try {
            Statement.runAll(statements, new Scope(new Scope(rendering, values)));
            return rendering.out.toText();
        } catch (TemplateException failure) {
            if (failure.line() > 0) {
                throw failure;
            }
            throw new TemplateException(failure.reason(), failure.detail(), rendering.line, failure);
        }
    }

    /** An immutable copy of what the caller gave, as Python's values; it grants the rendering its budget. */
    private static Object value(Rendering rendering, String name, Object given, int depth) {
        if (depth == 0) {
            throw new IllegalArgumentException("template variable '" + name + "' is nested more than " + MAX_VALUE_DEPTH
                    + " levels deep: expected plain data without cycles");
        }
        rendering.grant(1);
        if (given instanceof MarkedText text) {
            rendering.grant(text.length());
            return text;
        }
        if (given instanceof CharSequence text) {
            rendering.grant(text.length());
            return MarkedText.ofData(text.toString());
        }
        if (given == null || given instanceof Boolean || given instanceof Long || given instanceof Double) {
            return given;
        }
        if (given instanceof Integer || given instanceof Short || given instanceof Byte) {
            return ((Number) given).longValue();
        }
        if (given instanceof Float real) {
            return (double) real;
        }
        if (given instanceof Map<?, ?> map) {
            Map<Object, Object> copy = new LinkedHashMap<>();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                if (!(entry.getKey() instanceof String key)) {
                    throw new IllegalArgumentException("template variable '" + name + "' has a map with the key "
                            + entry.getKey() + ": expected keys of type String");
                }
                rendering.grant(key.length());
                copy.put(MarkedText.ofData(key), value(rendering, name, entry.getValue(), depth - 1));
            }
            return copy;
        }
        if (given instanceof Iterable<?> items) {
            List<Object> copy = new ArrayList<>();
            for (Object item : items) {
                copy.add(value(rendering, name, item, depth - 1));
            }
            return copy;
        }
        throw new IllegalArgumentException(
                "template variable '" + name + "' holds a " + given.getClass().getName()
                        + ": expected null, a string, boolean or number, or a list or map of them");
    }
}
