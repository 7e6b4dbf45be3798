package dev.lathe.retrieval;

/**
 * How next tokens of neighbors are mixed into a model's distribution: {@code weight} times that of the neighbors, the
 * rest the model's. Immutable; each method named after a component returns changed options.
 *
 * <p>Khandelwal et al., "Generalization through Memorization: Nearest Neighbor Language Models", 2020, arXiv
 * 1911.00172, section 3 (k and lambda); the temperature as in Khandelwal et al., "Nearest Neighbor Machine
 * Translation", 2021, arXiv 2010.00710, section 3.
 *
 * @param count neighbors that are looked for (k), at least 1
 * @param weight the neighbors' share (lambda), from 0 to below 1; with 0 the model's logits are the same to the bit
 * @param temperature what differences of similarity are divided by before their exponentials are taken: the smaller,
 *     the more the nearest ones count
 * @param leastSimilarity what is less similar is no neighbor; where none is left, the model is alone: so a store of
 *     texts that are far from this one does little harm
 */
public record NeighborOptions(int count, double weight, double temperature, double leastSimilarity) {
    /** 64 neighbors with a quarter of the weight; docs/retrieval.md has what was tried. */
    public static final NeighborOptions DEFAULT = new NeighborOptions(64, 0.25, 0.02, 0.85);

    /** Checks each component. */
    public NeighborOptions {
        if (count < 1) {
            throw new IllegalArgumentException(count + " neighbors: expected at least 1");
        }
        if (!(weight >= 0 && weight < 1)) {
            throw new IllegalArgumentException(
                    "the neighbors' weight is " + weight + ": expected 0 to below 1, where the model says nothing");
        }
        if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("the neighbors' temperature is " + temperature + ": expected above 0");
        }
        if (Double.isNaN(leastSimilarity)) {
            throw new IllegalArgumentException("the least similarity is no number");
        }
    }

    /** With so many neighbors. */
    public NeighborOptions count(int value) {
        return new NeighborOptions(value, weight, temperature, leastSimilarity);
    }

    /** With this share of the neighbors. */
    public NeighborOptions weight(double value) {
        return new NeighborOptions(count, value, temperature, leastSimilarity);
    }

    /** With this temperature. */
    public NeighborOptions temperature(double value) {
        return new NeighborOptions(count, weight, value, leastSimilarity);
    }

    /** Without neighbors less similar than this. */
    public NeighborOptions leastSimilarity(double value) {
        return new NeighborOptions(count, weight, temperature, value);
    }
}
