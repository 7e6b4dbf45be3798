package dev.lathe.text.template;

/** A method together with the object it belongs to. */
record BoundMethod(Object self, Operation method) implements Invocable {
    @Override
    public Object call(Rendering rendering, Arguments arguments) {
        return method.run(rendering, self, arguments);
    }
}
