package dev.lathe.text.template;

/** A value that can be called. */
@FunctionalInterface
interface Invocable {
    Object call(Rendering rendering, Arguments arguments);
}
