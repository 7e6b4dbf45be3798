package dev.lathe.text.template;

import java.util.HashMap;
import java.util.Map;

/** Variables of one block of the template, over those of the blocks around it. */
final class Scope {
    final Rendering rendering;
    private final Scope parent;
    private final Map<String, Object> variables;

    /** The outermost scope, of the variables given to the template. */
    Scope(Rendering rendering, Map<String, Object> variables) {
        this.rendering = rendering;
        this.parent = null;
        this.variables = variables;
    }

    /** An empty scope inside of another. */
    Scope(Scope parent) {
        this.rendering = parent.rendering;
        this.parent = parent;
        this.variables = new HashMap<>(4);
    }

    Object lookup(String name) {
        int depth = 0;
        for (Scope scope = this; scope != null; scope = scope.parent) {
            rendering.spend(depth++ & 1); // A look into a scope is quicker than a node.
            Object value = scope.variables.getOrDefault(name, Access.ABSENT);
            if (value != Access.ABSENT) {
                return value;
            }
        }
        Object global = Globals.named(name);
        return global == null ? Undefined.variable(name) : global;
    }

    void set(String name, Object value) {
        variables.put(name, value);
    }
}
