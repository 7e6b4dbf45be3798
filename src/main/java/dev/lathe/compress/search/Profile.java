package dev.lathe.compress.search;

import java.util.List;
import java.util.stream.IntStream;

/**
 * What the variants of one part of a model cost: a sub-network of its own, measured on its own cached inputs.
 *
 * @param part the part
 * @param variants what can be done with it
 * @param costs by variant: bytes of its tensors, seconds for one token, divergence of predictions in nats
 */
record Profile(Part part, List<Variant> variants, double[][] costs) {
    /** Where bytes stand in a point of costs. */
    static final int BYTES = 0;

    /** Where seconds stand. */
    static final int SECONDS = 1;

    /** Where divergence stands. */
    static final int DIVERGENCE = 2;

    Profile {
        variants = List.copyOf(variants);
        if (costs.length != variants.size()) {
            throw new IllegalArgumentException(costs.length + " costs of " + variants.size() + " variants");
        }
    }

    /** Only some of the variants. */
    Profile only(int... indices) {
        return new Profile(
                part,
                IntStream.of(indices).mapToObj(variants::get).toList(),
                IntStream.of(indices).mapToObj(i -> costs[i]).toArray(double[][]::new));
    }

    /** Without variants that another is as good as in each of these objectives, and better than in one. Costs add up over parts, so none of those is ever missed. */
    Profile efficient(int... objectives) {
        double[][] points = ParetoFronts.project(costs, objectives);
        return only(IntStream.range(0, points.length)
                .filter(i ->
                        IntStream.range(0, points.length).noneMatch(j -> ParetoFronts.dominates(points[j], points[i])))
                .toArray());
    }
}
