package dev.lathe.text.template;

import java.util.ArrayList;
import java.util.List;

/** The argument {@code attribute} of filters: {@code "a.b.0"}, or an index; the item itself where there is none. */
record AttributePath(List<Object> parts) {
    static AttributePath of(Object attribute) {
        List<Object> parts = new ArrayList<>();
        if (attribute instanceof String path) {
            int start = 0;
            for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', start)) {
                parts.add(part(path.substring(start, dot)));
                start = dot + 1;
            }
            parts.add(part(path.substring(start)));
        } else if (attribute != null) {
            parts.add(attribute);
        }
        return new AttributePath(parts);
    }

    private static Object part(String name) {
        boolean digits = !name.isEmpty() && name.length() < 10;
        for (int i = 0; i < name.length(); i++) {
            digits &= name.charAt(i) >= '0' && name.charAt(i) <= '9';
        }
        return digits ? (Object) Long.parseLong(name) : name;
    }

    Object of(Rendering rendering, Object item) {
        return of(rendering, item, null);
    }

    /** The attribute of an item; the default, where it is not null, stands for every undefined step of the way. */
    Object of(Rendering rendering, Object item, Object otherwise) {
        Object value = item;
        for (Object part : parts) {
            value = Access.item(rendering, value, part);
            if (otherwise != null && value instanceof Undefined) {
                value = otherwise;
            }
        }
        return value;
    }
}
