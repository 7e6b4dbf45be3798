package dev.lathe.text.template;

/** What a filter, a test or a method does with its subject. */
@FunctionalInterface
interface Operation {
    Object apply(Rendering rendering, Object subject, Arguments arguments);
}
