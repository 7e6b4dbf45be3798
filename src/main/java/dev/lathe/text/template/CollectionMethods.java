package dev.lathe.text.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The methods of {@code dict}, {@code list} and {@code tuple}. */
final class CollectionMethods {
    /** Stands for a method that would change its object, which the sandbox of chat templates forbids. */
    static final Operation FORBIDDEN = new Operation() {
        @Override
        public Object apply(Rendering rendering, Object subject, Arguments arguments) {
            throw new AssertionError("a forbidden method is never bound");
        }
    };

    private CollectionMethods() {}

    /** The method of a dict of this name, or null. */
    static Operation ofDict(String name) {
        return switch (name) {
            case "items" -> (r, dict, a) -> view(DictView.Kind.ITEMS, dict, a);
            case "keys" -> (r, dict, a) -> view(DictView.Kind.KEYS, dict, a);
            case "values" -> (r, dict, a) -> view(DictView.Kind.VALUES, dict, a);
            case "get" -> CollectionMethods::get;
            case "copy" -> CollectionMethods::copyDict;
            case "clear", "pop", "popitem", "setdefault", "update" -> FORBIDDEN;
            case "fromkeys" -> throw Failures.unsupported("the dict method 'fromkeys'");
            default -> null;
        };
    }

    /** The method of a list or tuple of this name, or null. */
    static Operation ofList(String name, boolean tuple) {
        return switch (name) {
            case "count" -> CollectionMethods::count;
            case "index" -> CollectionMethods::index;
            case "copy" -> tuple ? null : CollectionMethods::copyList;
            case "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort" -> tuple ? null : FORBIDDEN;
            default -> null;
        };
    }

    private static Object view(DictView.Kind kind, Object dict, Arguments arguments) {
        arguments.bind(kind.typeName, 0);
        return new DictView(kind, (Map<?, ?>) dict);
    }

    private static Object get(Rendering rendering, Object dict, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("get", 1, "", "");
        Values.key(rendering, bound.get(0));
        Object found = Access.entry(rendering, (Map<?, ?>) dict, bound.get(0));
        return found == Access.ABSENT ? bound.get(1, null) : found;
    }

    private static Object copyDict(Rendering rendering, Object dict, Arguments arguments) {
        arguments.bind("copy", 0);
        rendering.allocateItems(((Map<?, ?>) dict).size());
        return new LinkedHashMap<>((Map<?, ?>) dict);
    }

    private static Object copyList(Rendering rendering, Object list, Arguments arguments) {
        arguments.bind("copy", 0);
        rendering.allocateItems(((List<?>) list).size());
        return new ArrayList<>((List<?>) list);
    }

    private static Object count(Rendering rendering, Object list, Arguments arguments) {
        Object wanted = arguments.bind("count", 1, "").get(0);
        long count = 0;
        for (Object item : (List<?>) list) {
            rendering.spend(1);
            count += Values.identicalOrEqual(rendering, item, wanted) ? 1 : 0;
        }
        return count;
    }

    private static Object index(Rendering rendering, Object self, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("index", 1, "", "", "");
        List<?> list = (List<?>) self;
        long start = bound.integer(1, 0);
        long end = bound.integer(2, list.size());
        start = Math.max(0, start < 0 ? start + list.size() : start);
        end = Math.min(list.size(), end < 0 ? end + list.size() : end);
        for (long i = start; i < end; i++) {
            rendering.spend(1);
            if (Values.equal(rendering, list.get((int) i), bound.get(0))) {
                return i;
            }
        }
        throw Failures.failed("the item is not in the " + Values.typeName(list));
    }
}
