package dev.lathe.lab.choose;

import dev.lathe.figures.Table;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Variants of a model, such as its quantizations, with what was measured of them. Immutable.
 *
 * @param all at least one
 */
public record Variants(List<Variant> all) {
    private static final double MEGABYTE = 1e6;

    /**
     * A variant. Every figure is the caller's own measurement.
     *
     * @param name such as {@code Q4_0}
     * @param loss what is to be small, such as nats a character
     * @param bytes of memory, with the key/value cache that is needed
     * @param secondsPerToken compute
     * @param joulesPerToken energy, measured or modelled like the others'
     * @param moneyPerMillionTokens price
     * @param downloadBytes over the network, once
     */
    public record Variant(
            String name,
            double loss,
            long bytes,
            double secondsPerToken,
            double joulesPerToken,
            double moneyPerMillionTokens,
            long downloadBytes) {}

    /** Copies the list. */
    public Variants {
        all = List.copyOf(all);
        if (all.isEmpty()) {
            throw new IllegalArgumentException("no variants: expected at least one");
        }
    }

    /**
     * The smallest variant whose loss is within a target: what is larger is waste.
     *
     * @param mostLoss the largest loss that is good enough
     */
    public Optional<Variant> smallestSufficient(double mostLoss) {
        return all.stream()
                .filter(variant -> variant.loss <= mostLoss)
                .min(Comparator.comparingLong(Variant::bytes).thenComparingDouble(Variant::loss));
    }

    /**
     * The variant within a target whose tokens take the least energy, for hours in which the grid's carbon is dear; of
     * equals the smaller.
     *
     * @param mostLoss the largest loss that is good enough
     */
    public Optional<Variant> leastEnergy(double mostLoss) {
        return all.stream()
                .filter(variant -> variant.loss <= mostLoss)
                .min(Comparator.comparingDouble(Variant::joulesPerToken).thenComparingLong(Variant::bytes));
    }

    /** The best variant that a device can hold and that is fast enough. */
    public Optional<Variant> best(long memoryBytes, double mostSecondsPerToken) {
        return all.stream()
                .filter(variant -> variant.bytes <= memoryBytes && variant.secondsPerToken <= mostSecondsPerToken)
                .min(Comparator.comparingDouble(Variant::loss).thenComparingLong(Variant::bytes));
    }

    /** Variants than which no other is at least as good in loss, bytes, time and energy and better in one. */
    public List<Variant> front() {
        return all.stream()
                .filter(variant -> all.stream().noneMatch(other -> dominates(other, variant)))
                .toList();
    }

    private static boolean dominates(Variant a, Variant b) {
        boolean noWorse = a.loss <= b.loss
                && a.bytes <= b.bytes
                && a.secondsPerToken <= b.secondsPerToken
                && a.joulesPerToken <= b.joulesPerToken;
        return noWorse
                && (a.loss < b.loss
                        || a.bytes < b.bytes
                        || a.secondsPerToken < b.secondsPerToken
                        || a.joulesPerToken < b.joulesPerToken);
    }

    /**
     * What each needs by kind of resource: compute, memory, energy, money, network (the five of Bai et al.: Beyond
     * Efficiency: A Systematic Survey of Resource-Efficient Large Language Models, 2024, arXiv:2401.00625).
     */
    public Table table() {
        Table table = Table.of("variant", "loss", "ms/token", "memory MB", "J/token", "money/1M tokens", "network MB");
        for (Variant variant : all) {
            table = table.row(
                    variant.name,
                    variant.loss,
                    1e3 * variant.secondsPerToken,
                    variant.bytes / MEGABYTE,
                    variant.joulesPerToken,
                    variant.moneyPerMillionTokens,
                    variant.downloadBytes / MEGABYTE);
        }
        return table;
    }
}
