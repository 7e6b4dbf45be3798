package dev.lathe.compress.search;

import dev.lathe.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/** What was measured of one half of a layer, before the gain of the final encoding is known. */
final class PartCosts {
    private final Part part;
    private final double[] typeDivergences; // nats, by type, of the whole part
    private final List<Reduced> reductions = new ArrayList<>();

    private record Reduced(Reduction reduction, double divergence, double left, double[][] bytesAndSeconds) {}

    PartCosts(Part part, double[] typeDivergences) {
        this.part = part;
        this.typeDivergences = typeDivergences;
    }

    Part part() {
        return part;
    }

    /**
     * A reduction.
     *
     * @param divergence of it alone, in nats
     * @param left what share of a type's divergence falls on what is left
     * @param bytesAndSeconds by type
     */
    void add(Reduction reduction, double divergence, double left, double[][] bytesAndSeconds) {
        reductions.add(new Reduced(reduction, divergence, left, bytesAndSeconds));
    }

    /**
     * All variants.
     *
     * @param gains by type: what share of its divergence the final encoding leaves
     */
    Profile profile(List<TensorType> types, double[] gains) {
        List<Variant> variants = new ArrayList<>();
        List<double[]> costs = new ArrayList<>();
        for (Reduced one : reductions) {
            for (int i = 0; i < types.size(); i++) {
                double divergence = one.divergence() + one.left() * gains[i] * typeDivergences[i];
                variants.add(new Variant(one.reduction(), types.get(i)));
                costs.add(new double[] {one.bytesAndSeconds()[i][0], one.bytesAndSeconds()[i][1], divergence});
            }
        }
        return new Profile(part, variants, costs.toArray(double[][]::new));
    }
}
