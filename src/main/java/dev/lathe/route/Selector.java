package dev.lathe.route;

/**
 * Chooses a model for a query before anything is generated.
 *
 * @param <Q> a query
 */
@FunctionalInterface
public interface Selector<Q> {
    /** The index of a candidate, from 0. */
    int choose(Q query);

    /**
     * The first candidate whose estimated quality reaches its threshold; the last one where none does. With candidates
     * from the cheapest on, this is the cheapest that is believed to suffice. A threshold of 0 always takes a candidate
     * whose estimate is a probability, one above 1 never does.
     *
     * @param thresholds one for each candidate but the last
     * @throws IllegalArgumentException when choosing, if an estimate is no number
     */
    static <Q> Selector<Q> firstSufficient(SuccessEstimate<? super Q> estimate, double... thresholds) {
        double[] least = Thresholds.checked(thresholds);
        return query -> {
            for (int candidate = 0; candidate < least.length; candidate++) {
                if (Thresholds.isReached(estimate.of(query, candidate), least[candidate])) {
                    return candidate;
                }
            }
            return least.length;
        };
    }
}
