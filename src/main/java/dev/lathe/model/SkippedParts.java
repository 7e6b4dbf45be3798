package dev.lathe.model;

import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Halves of layers to leave out: their residual connection alone remains. Immutable.
 *
 * <p>Zhang et al., "Draft &amp; Verify: Lossless Large Language Model Acceleration via Self-Speculative Decoding", arXiv
 * 2309.08168, section 3.2.
 *
 * @param attention layers whose attention is left out, counted from 0
 * @param feedForward layers whose feed-forward part is left out
 */
public record SkippedParts(Set<Integer> attention, Set<Integer> feedForward) {
    /** Copies the sets. */
    public SkippedParts {
        attention = Set.copyOf(attention);
        feedForward = Set.copyOf(feedForward);
        if (attention.isEmpty() && feedForward.isEmpty()) {
            throw new IllegalArgumentException("no part is left out: name at least one layer");
        }
    }

    /** Whole layers. */
    public static SkippedParts layers(int... layers) {
        Set<Integer> both = IntStream.of(layers).boxed().collect(Collectors.toSet());
        return new SkippedParts(both, both);
    }

    /** All layers but the first ones: an early exit. */
    public static SkippedParts after(int firstLayers, int layerCount) {
        if (firstLayers < 1 || firstLayers >= layerCount) {
            throw new IllegalArgumentException("the first " + firstLayers + " of " + layerCount
                    + " layers: expected from 1 to " + (layerCount - 1));
        }
        return layers(IntStream.range(firstLayers, layerCount).toArray());
    }

    /** The first layer of which a part is left out. */
    public int firstLayer() {
        return Stream.concat(attention.stream(), feedForward.stream())
                .mapToInt(Integer::intValue)
                .min()
                .orElseThrow();
    }

    /** How much of a model of so many layers is left out: halves of layers out of all halves. */
    public double share(int layerCount) {
        return (attention.size() + feedForward.size()) / (2.0 * layerCount);
    }

    /**
     * Checks that all parts exist.
     *
     * @throws IllegalArgumentException if a layer is negative or beyond the last
     */
    public void check(int layerCount) {
        Set<Integer> all = new TreeSet<>(attention);
        all.addAll(feedForward);
        for (int layer : all) {
            if (layer < 0 || layer >= layerCount) {
                throw new IllegalArgumentException("layer " + layer + " cannot be left out of a model of " + layerCount
                        + " layers: expected from 0 to " + (layerCount - 1));
            }
        }
    }
}
