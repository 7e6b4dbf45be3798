package dev.lathe.text.template;

import java.util.ArrayList;
import java.util.List;

/** The argument {@code attribute} of filters: {@code "a.b.0"}, or an index; the item itself where there is none. */
record AttributePath(List<Object> parts) {
    static AttributePath parse(Rendering rendering, Object attribute) {
        List<Object> parts = new ArrayList<>();
        if (attribute instanceof MarkedText path) {
            int start = 0;
            for (int dot = path.text().indexOf('.'); dot >= 0; dot = path.text().indexOf('.', start)) {
                parts.add(part(Text.part(rendering, path, start, dot)));
                start = dot + 1;
            }
            parts.add(part(Text.part(rendering, path, start, path.length())));
        } else if (attribute != null) {
            parts.add(attribute);
        }
        return new AttributePath(parts);
    }

    private static Object part(MarkedText part) {
        String name = part.text();
        boolean digits = !name.isEmpty() && name.length() < 10;
        for (int i = 0; i < name.length(); i++) {
            digits &= name.charAt(i) >= '0' && name.charAt(i) <= '9';
        }
        return digits ? (Object) Long.parseLong(name) : part;
    }

    Object of(Rendering rendering, Object item) {
        return of(rendering, item, null);
    }

    /** The attribute of an item; the default, where it is not null, stands for every undefined step of the way. */
    Object of(Rendering rendering, Object item, Object otherwise) {
        Object value = item;
        for (Object part : parts) {
            rendering.spend(1);
            value = Access.item(rendering, value, part);
            if (otherwise != null && value instanceof Undefined) {
                value = otherwise;
            }
        }
        return value;
    }
}
