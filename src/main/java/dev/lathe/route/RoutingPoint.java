package dev.lathe.route;

import java.util.List;

/**
 * What thresholds cost and bring on a set of queries. Immutable.
 *
 * @param thresholds one for each candidate but the last
 * @param cost mean cost of a query
 * @param quality mean quality of an answer
 * @param shares of the queries that each candidate answers
 */
public record RoutingPoint(List<Double> thresholds, double cost, double quality, List<Double> shares) {
    /** Copies the lists. */
    public RoutingPoint {
        thresholds = List.copyOf(thresholds);
        shares = List.copyOf(shares);
    }

    /** The thresholds as {@link Cascade#of} and {@link Selector#firstSufficient} take them. */
    public double[] thresholdArray() {
        return thresholds.stream().mapToDouble(Double::doubleValue).toArray();
    }

    boolean isDominatedBy(RoutingPoint other) {
        return other.cost <= cost && other.quality >= quality && (other.cost < cost || other.quality > quality);
    }
}
