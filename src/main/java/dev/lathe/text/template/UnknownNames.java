package dev.lathe.text.template;

import dev.lathe.text.template.TemplateException.Reason;
import java.util.ArrayList;
import java.util.List;

/**
 * Filters and tests of a template that are not known. As in Jinja2 one makes the template fail when it is parsed,
 * unless it stands in a part that may not run: there it fails only if it is reached.
 */
final class UnknownNames {
    private final List<Unknown> found = new ArrayList<>();
    private int conditions;

    /** Enters a part that may not run. */
    void enterCondition() {
        conditions++;
    }

    void leaveCondition() {
        conditions--;
    }

    /** Fails if a filter or test is unknown where it is sure to run. */
    void requireAllKnown() {
        if (!found.isEmpty()) {
            throw found.getFirst().failure();
        }
    }

    /** How many there are so far. */
    int mark() {
        return found.size();
    }

    /** Lets those since a mark fail only if they are reached. */
    void forget(int mark) {
        found.subList(mark, found.size()).clear();
    }

    /** Stands for the unknown filter or test; fails where it is reached. */
    Operation operation(String kind, Token token, String name, boolean missing) {
        Unknown unknown = new Unknown(kind, name, missing, token.line());
        if (conditions == 0) {
            found.add(unknown);
        }
        return unknown;
    }

    /** A name without a meaning; its exception is made only to be thrown. */
    private record Unknown(String kind, String name, boolean missing, int line) implements Operation {
        @Override
        public Object apply(Rendering rendering, Object subject, Arguments arguments) {
            throw failure();
        }

        TemplateException failure() {
            return missing
                    ? new TemplateException(
                            Reason.UNSUPPORTED, "the " + kind + " '" + name + "' of Jinja2 is not supported", line)
                    : new TemplateException(Reason.SYNTAX, "no " + kind + " is named '" + name + "'", line);
        }
    }
}
