package dev.lathe.route;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * Chooses by rules: the first whose condition holds. Immutable; every method returns changed rules.
 *
 * <pre>{@code
 * Rules<String> rules = Rules.<String>otherwise(1).when(prompt -> prompt.length() < 200, 0);
 * }</pre>
 *
 * @param <Q> a query
 */
public final class Rules<Q> implements Selector<Q> {
    private final List<Rule<Q>> rules;
    private final int otherwise;

    private record Rule<Q>(Predicate<? super Q> condition, int candidate) {}

    private Rules(List<Rule<Q>> rules, int otherwise) {
        this.rules = List.copyOf(rules);
        this.otherwise = otherwise;
    }

    /** No rules yet: one candidate for all queries. */
    public static <Q> Rules<Q> otherwise(int candidate) {
        return new Rules<>(List.of(), checked(candidate));
    }

    /** With one rule more, after the others. */
    public Rules<Q> when(Predicate<? super Q> condition, int candidate) {
        List<Rule<Q>> more = new ArrayList<>(rules);
        more.add(new Rule<>(Objects.requireNonNull(condition, "condition"), checked(candidate)));
        return new Rules<>(more, otherwise);
    }

    @Override
    public int choose(Q query) {
        for (Rule<Q> rule : rules) {
            if (rule.condition().test(query)) {
                return rule.candidate();
            }
        }
        return otherwise;
    }

    private static int checked(int candidate) {
        if (candidate < 0) {
            throw new IllegalArgumentException("candidate " + candidate + ": expected an index from 0 on");
        }
        return candidate;
    }
}
