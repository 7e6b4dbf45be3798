package dev.lathe.text.template;

import java.util.List;

/** What {@code set} and {@code for} assign to. */
sealed interface Target {
    void assign(Scope scope, Object value);

    /** A variable of the present scope. */
    record Variable(String name) implements Target {
        @Override
        public void assign(Scope scope, Object value) {
            scope.set(name, value);
        }
    }

    /** {@code a, b}. */
    record Several(List<Target> targets) implements Target {
        @Override
        public void assign(Scope scope, Object value) {
            List<Object> values = Values.list(scope.rendering, value);
            if (values.size() != targets.size()) {
                throw Failures.failed((values.size() > targets.size() ? "too many" : "not enough")
                        + " values to unpack (expected " + targets.size() + ", got " + values.size() + ")");
            }
            for (int i = 0; i < values.size(); i++) {
                targets.get(i).assign(scope, values.get(i));
            }
        }
    }

    /** {@code ns.name}. */
    record Member(String owner, String name) implements Target {
        @Override
        public void assign(Scope scope, Object value) {
            if (!(scope.lookup(owner) instanceof Namespace namespace)) {
                throw Failures.failed("cannot assign attribute on non-namespace object");
            }
            scope.rendering.allocateItems(1);
            namespace.attributes().put(MarkedText.ofTemplate(name), value);
        }
    }
}
