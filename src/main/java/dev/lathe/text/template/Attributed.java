package dev.lathe.text.template;

/** A value of the interpreter's own that has attributes. */
interface Attributed {
    /** The attribute, or {@link Access#ABSENT}. */
    Object attribute(String name);

    /** The name of its Python type. */
    String typeName();
}
