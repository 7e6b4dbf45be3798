package dev.lathe.text.template;

import dev.lathe.text.TemplateException;
import dev.lathe.text.TemplateException.Reason;
import java.util.ArrayList;
import java.util.List;

/**
 * Filters and tests of a template that are not known. As in Jinja2 one makes the template fail when it is parsed,
 * unless it stands in a part that may not run: there it fails only if it is reached.
 */
final class UnknownNames {
    private final List<TemplateException> failures = new ArrayList<>();
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
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
    }

    /** How many there are so far. */
    int mark() {
        return failures.size();
    }

    /** Lets those since a mark fail only if they are reached. */
    void forget(int mark) {
        failures.subList(mark, failures.size()).clear();
    }

    /** Stands for the unknown filter or test; fails where it is reached. */
    Operation operation(String kind, Token token, String name, boolean missing) {
        TemplateException failure = missing
                ? new TemplateException(
                        Reason.UNSUPPORTED, "the " + kind + " '" + name + "' of Jinja2 is not supported", token.line())
                : new TemplateException(Reason.SYNTAX, "no " + kind + " is named '" + name + "'", token.line());
        if (conditions == 0) {
            failures.add(failure);
        }
        return (rendering, subject, arguments) -> {
            throw new TemplateException(failure.reason(), failure.detail(), failure.line());
        };
    }
}
