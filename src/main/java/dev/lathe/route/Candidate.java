package dev.lathe.route;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * A model that may answer a query, and how it is asked. Immutable; as thread-safe as the model.
 *
 * @param <Q> a query, such as a prompt or the messages of a conversation
 * @param <A> an answer
 * @param name what reports call it
 * @param cost of one query on average, in a unit that all candidates share: seconds, joules, money; above 0
 * @param model answers a query
 */
public record Candidate<Q, A>(String name, double cost, Function<? super Q, ? extends A> model) {
    /** Checks the cost. */
    public Candidate {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(model, "model");
        if (!(cost > 0 && cost < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "candidate " + name + " costs " + cost + ": expected a finite number above 0");
        }
    }

    static <Q, A> List<Candidate<Q, A>> checked(List<Candidate<Q, A>> candidates) {
        if (candidates.size() < 2) {
            throw new IllegalArgumentException(
                    candidates.size() + " candidates leave nothing to choose: expected at least 2");
        }
        return List.copyOf(candidates);
    }
}
