package dev.lathe.compress.prune;

import dev.lathe.compress.RemovedShare;
import java.util.Arrays;

/** A share for each layer, or one for all. Immutable. */
final class LayerFractions {
    private final double[] values; // one for all layers, or one each

    private LayerFractions(double[] values) {
        this.values = values.clone();
        for (double value : values) {
            RemovedShare.require(value);
        }
    }

    /** The same of every layer. */
    static LayerFractions uniform(double value) {
        return new LayerFractions(new double[] {value});
    }

    /** One a layer. */
    static LayerFractions each(double... values) {
        return new LayerFractions(values);
    }

    double at(int layer) {
        return values.length == 1 ? values[0] : values[layer];
    }

    /** @throws IllegalArgumentException if there is not one for each of so many layers */
    void requireCount(int layers) {
        if (values.length != 1 && values.length != layers) {
            throw new IllegalArgumentException(
                    values.length + " shares for a model of " + layers + " layers: give one for each, or one for all");
        }
    }

    /** Such as {@code 20%} or {@code 20%/10%/30%}. */
    @Override
    public String toString() {
        return String.join(
                "/",
                Arrays.stream(values)
                        .mapToObj(value -> Math.round(1000 * value) / 10.0 + "%")
                        .toArray(String[]::new));
    }
}
