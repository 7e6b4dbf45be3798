package dev.lathe.text.template;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The functions that every template has, after Jinja2's own the ones that Hugging Face adds. */
final class Globals {
    private Globals() {}

    /** The global function of this name, or null. A new one is a line here. */
    static Invocable named(String name) {
        return switch (name) {
            case "range" -> Globals::range;
            case "dict" -> Globals::dict;
            case "namespace" -> Globals::namespace;
            case "cycler" -> Globals::cycler;
            case "joiner" -> Globals::joiner;
            case "raise_exception" -> Globals::raise;
            case "strftime_now" -> Globals::strftimeNow;
            case "lipsum" ->
                (rendering, arguments) -> {
                    throw Failures.unsupported("the function 'lipsum'");
                };
            default -> null;
        };
    }

    private static Object range(Rendering rendering, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("range", 1, "", "", "");
        return bound.has(1)
                ? new Range(bound.integer(0, 0), bound.integer(1, 0), bound.integer(2, 1))
                : new Range(0, bound.integer(0, 0), 1);
    }

    private static Map<Object, Object> dict(Rendering rendering, Arguments arguments) {
        Arguments.Bound bound = new Arguments(arguments.positional(), Map.of()).bind("dict", 0, "");
        Map<Object, Object> dict = new LinkedHashMap<>();
        if (bound.has(0) && bound.get(0) instanceof Map<?, ?> other) {
            rendering.allocateItems(other.size());
            dict.putAll(other);
        } else if (bound.has(0)) {
            for (Iterator<?> pairs = Values.iterate(rendering, bound.get(0)); pairs.hasNext(); ) {
                List<Object> pair = Values.list(rendering, pairs.next());
                if (pair.size() != 2) {
                    throw Failures.failed(
                            "dict: every item must be a pair of key and value, got one of " + pair.size());
                }
                put(rendering, dict, pair.get(0), pair.get(1));
            }
        }
        rendering.allocateItems(arguments.named().size());
        dict.putAll(arguments.named());
        return dict;
    }

    /** Puts an entry in, in place of one whose key is equal in Python. */
    static void put(Rendering rendering, Map<Object, Object> dict, Object key, Object value) {
        rendering.allocateItems(1);
        if (key instanceof MarkedText text) {
            rendering.payReading(text);
            dict.put(key, value);
            return;
        }
        Object wanted = Values.key(rendering, key);
        for (Map.Entry<Object, Object> entry : dict.entrySet()) {
            rendering.spend(1);
            if (Objects.equals(Values.key(rendering, entry.getKey()), wanted)) {
                entry.setValue(value);
                return;
            }
        }
        dict.put(key instanceof Markup markup ? markup.text() : key, value);
    }

    /** A dict of named arguments. */
    static Map<Object, Object> dict(Rendering rendering, Map<MarkedText, Object> named) {
        rendering.allocateItems(named.size());
        return named.isEmpty() ? new HashMap<>(0) : new LinkedHashMap<>(named);
    }

    private static Object namespace(Rendering rendering, Arguments arguments) {
        return new Namespace(dict(rendering, arguments));
    }

    private static Object raise(Rendering rendering, Arguments arguments) {
        Object message = arguments.bind("raise_exception", 1, "message").get(0);
        throw new TemplateException(
                TemplateException.Reason.REFUSED,
                Representation.str(rendering, message).text(),
                rendering.line);
    }

    private static Object strftimeNow(Rendering rendering, Arguments arguments) {
        return DateFormat.now(
                rendering, arguments.bind("strftime_now", 1, "format").string(0));
    }

    private static Object joiner(Rendering ignored, Arguments arguments) {
        Object separator = arguments.bind("joiner", 0, "sep").get(0, MarkedText.ofTemplate(", "));
        return new Invocable() {
            private boolean used;

            @Override
            public Object call(Rendering rendering, Arguments none) {
                Object text = used ? separator : MarkedText.ofTemplate("");
                used = true;
                return text;
            }
        };
    }

    private static Object cycler(Rendering rendering, Arguments arguments) {
        List<Object> items = arguments.positional();
        if (items.isEmpty() || !arguments.named().isEmpty()) {
            throw Failures.failed("cycler takes the items to cycle through");
        }
        rendering.allocateItems(items.size());
        return new Cycler(Tuple.of(items.toArray()));
    }

    private static final class Cycler implements Attributed {
        private final Tuple items;
        private int position;

        Cycler(Tuple items) {
            this.items = items;
        }

        @Override
        public Object attribute(String name) {
            return switch (name) {
                case "current" -> items.get(position);
                case "items" -> items;
                case "pos" -> (long) position;
                case "next" ->
                    (Invocable) (rendering, none) -> {
                        Object item = items.get(position);
                        position = (position + 1) % items.size();
                        return item;
                    };
                case "reset" ->
                    (Invocable) (rendering, none) -> {
                        position = 0;
                        return null;
                    };
                default -> Access.ABSENT;
            };
        }

        @Override
        public String typeName() {
            return "Cycler";
        }
    }
}
