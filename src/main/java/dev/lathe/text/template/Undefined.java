package dev.lathe.text.template;

/**
 * The value of what is not there: prints as nothing, is false and empty; any other use fails.
 *
 * @param owner what was asked for it, or {@link Access#ABSENT} for a variable
 * @param name the variable, attribute or element asked for
 * @param hint the whole message instead, or null
 */
record Undefined(Object owner, Object name, String hint) {
    static Undefined variable(String name) {
        return new Undefined(Access.ABSENT, name, null);
    }

    static Undefined member(Object owner, Object name) {
        return new Undefined(owner, name, null);
    }

    static Undefined because(String hint) {
        return new Undefined(Access.ABSENT, null, hint);
    }

    String message() {
        if (hint != null) {
            return hint;
        }
        if (owner == Access.ABSENT) {
            return "'" + name + "' is undefined";
        }
        String ownerType = owner == null ? "None" : Values.typeName(owner) + " object";
        return name instanceof MarkedText || name instanceof String
                ? "'" + ownerType + "' has no attribute '" + name + "'"
                : ownerType + " has no element " + (name instanceof Number ? name : Values.typeName(name));
    }
}
