package dev.lathe.text.template;

/** What a filter, a test or a method does with its subject. */
@FunctionalInterface
interface Operation {
    Object apply(Rendering rendering, Object subject, Arguments arguments);

    /** Applies it, and pays for going through a text and for a new one. */
    default Object run(Rendering rendering, Object subject, Arguments arguments) {
        if (subject instanceof String text) {
            rendering.payReading(text);
        }
        Object result = apply(rendering, subject, arguments);
        if (result instanceof String text && text != subject) {
            rendering.allocate(text.length());
        }
        return result;
    }
}
