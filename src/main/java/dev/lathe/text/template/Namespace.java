package dev.lathe.text.template;

import java.util.Map;

/** {@code namespace()}: the one value that a template may change, by {@code set ns.name = ...}. */
record Namespace(Map<Object, Object> attributes) implements Attributed {
    @Override
    public Object attribute(String name) {
        return attributes.getOrDefault(MarkedText.ofTemplate(name), Access.ABSENT);
    }

    @Override
    public String typeName() {
        return "Namespace";
    }
}
