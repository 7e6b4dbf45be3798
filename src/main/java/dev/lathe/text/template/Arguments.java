package dev.lathe.text.template;

import java.util.List;
import java.util.Map;

/** The arguments of one call: by position, then by name. */
record Arguments(List<Object> positional, Map<MarkedText, Object> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());

    /** Those after the first {@code count} by position. */
    Arguments withoutFirst(int count) {
        return new Arguments(positional.subList(count, positional.size()), named);
    }

    /**
     * Puts every argument in its place, as Python does.
     *
     * @param callee what is called, for messages
     * @param required how many of the parameters must be given
     * @param parameters their names in order; an empty name cannot be given by name
     * @throws TemplateException if one is missing, given twice, or unknown
     */
    Bound bind(String callee, int required, String... parameters) {
        Object[] values = new Object[parameters.length];
        java.util.Arrays.fill(values, Access.ABSENT);
        if (positional.size() > parameters.length) {
            throw Failures.failed(
                    callee + " takes at most " + parameters.length + " arguments (" + positional.size() + " given)");
        }
        for (int i = 0; i < positional.size(); i++) {
            values[i] = positional.get(i);
        }
        for (Map.Entry<MarkedText, Object> argument : named.entrySet()) {
            int index = List.of(parameters).indexOf(argument.getKey().text());
            if (index < 0) {
                throw Failures.failed(callee + " got an unexpected keyword argument '" + argument.getKey() + "'");
            }
            if (values[index] != Access.ABSENT) {
                throw Failures.failed(callee + " got multiple values for argument '" + argument.getKey() + "'");
            }
            values[index] = argument.getValue();
        }
        for (int i = 0; i < required; i++) {
            if (values[i] == Access.ABSENT) {
                throw Failures.failed(callee + " missing a required argument, number " + (i + 1));
            }
        }
        return new Bound(callee, values);
    }

    /** Arguments in the order of their parameters. */
    record Bound(String callee, Object[] values) {
        boolean has(int index) {
            return values[index] != Access.ABSENT;
        }

        Object get(int index) {
            return values[index];
        }

        Object get(int index, Object otherwise) {
            return has(index) ? values[index] : otherwise;
        }

        boolean flag(int index, boolean otherwise) {
            return has(index) ? Values.truth(values[index]) : otherwise;
        }

        long integer(int index, long otherwise) {
            return has(index) ? Values.integer(values[index], callee) : otherwise;
        }

        String string(int index) {
            return text(index).text();
        }

        MarkedText text(int index) {
            return Values.string(values[index], callee);
        }

        /** Whether it was given, and not as None. */
        boolean isSet(int index) {
            return has(index) && values[index] != null;
        }
    }
}
