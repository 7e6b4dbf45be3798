package dev.lathe.route;

import java.util.List;

/**
 * An answer, and who gave it. Immutable.
 *
 * @param <A> an answer
 * @param answer of the candidate that answered last
 * @param candidate its index
 * @param name its name
 * @param cost of all candidates that answered, as they state it
 * @param scores by which a cascade judged the answers that it looked at, the accepted one's last if it was judged;
 *     empty of a router
 */
public record Routed<A>(A answer, int candidate, String name, double cost, List<Double> scores) {
    /** Copies the list. */
    public Routed {
        scores = List.copyOf(scores);
    }
}
