package dev.lathe.text.template;

/** What a filter, a test or a method does with its subject. */
@FunctionalInterface
interface Operation {
    Object apply(Rendering rendering, Object subject, Arguments arguments);

    /** Applies it, and pays for going through a text. */
    default Object run(Rendering rendering, Object subject, Arguments arguments) {
        if (subject instanceof MarkedText text) {
            rendering.payReading(text);
        }
        return apply(rendering, subject, arguments);
    }
}
