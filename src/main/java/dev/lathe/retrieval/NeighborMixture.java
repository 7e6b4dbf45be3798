package dev.lathe.retrieval;

import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Softmax;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Mixes the next tokens of neighbors into rows of logits: p = (1 - w) p(model) + w p(neighbors), where a neighbor's
 * share of the latter is exp(similarity / temperature), normalized.
 *
 * <p>A softmax does not change when all logits move together. So the logits of tokens that no neighbor has stay as they
 * are, to the bit, and those of the others grow by log(1 + w p(neighbors) / ((1 - w) p(model))). All sums are in double
 * and in a fixed order.
 */
record NeighborMixture(NeighborOptions options) {
    /** Changes a row in place. */
    void apply(FloatMatrix logits, int row, List<Neighbor> neighbors) {
        if (options.weight() == 0 || neighbors.isEmpty() || neighbors.getFirst().score() < options.leastSimilarity()) {
            return;
        }
        double logNormalizer = Softmax.logSumExp(logits.data(), logits.offset(row), logits.columns());
        double odds = options.weight() / (1 - options.weight());
        shares(neighbors).forEach((token, share) -> {
            int at = logits.offset(row) + token;
            double logRatio = StrictMath.log(odds * share) + logNormalizer - logits.data()[at];
            logits.data()[at] += (float) log1pExp(logRatio);
        });
    }

    /** log(1 + exp(x)); a ratio of any size has one. */
    private static double log1pExp(double x) {
        return x > 0 ? x + StrictMath.log1p(StrictMath.exp(-x)) : StrictMath.log1p(StrictMath.exp(x));
    }

    /** The neighbors' distribution over tokens. */
    private Map<Integer, Double> shares(List<Neighbor> neighbors) {
        double nearest = neighbors.getFirst().score();
        double total = 0;
        Map<Integer, Double> shares = new TreeMap<>();
        for (Neighbor neighbor : neighbors) {
            if (neighbor.score() < options.leastSimilarity()) {
                break; // so are all that follow
            }
            double share = StrictMath.exp((neighbor.score() - nearest) / options.temperature());
            total += share;
            shares.merge(neighbor.label(), share, Double::sum);
        }
        double sum = total;
        shares.replaceAll((token, share) -> share / sum);
        shares.values().removeIf(share -> share == 0); // too far to count
        return shares;
    }
}
