package dev.lathe.compress.search;

import dev.lathe.compress.LayerSet;
import dev.lathe.compress.LayerTransform;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.RemovedShare;
import dev.lathe.compress.lowrank.LowRank;
import dev.lathe.compress.prune.Prune;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.DoubleStream;

/**
 * What is removed from one half of a layer: a share of it, in one of several ways. Immutable.
 *
 * @param way how
 * @param removed share that is removed; 0 where the part stays whole
 */
record Reduction(Way way, double removed) {
    /** The part as it is. */
    static final Reduction NONE = new Reduction(Way.WHOLE, 0);

    /** Ways to make a part smaller; a new one is one more constant. */
    enum Way {
        /** Nothing is removed. */
        WHOLE((part, share) -> null),
        /** Heads of the attention with their keys and values, or channels of the feed-forward part. */
        UNITS((part, share) -> part.kind() == Part.Kind.ATTENTION ? Prune.heads(share) : Prune.feedForward(share)),
        /** Products of smaller matrices in the place of matrices. */
        RANK((part, share) -> LowRank.whitened(share).on(part.sites())),
        /** Matrices without some of their blocks. */
        BLOCKS((part, share) -> Prune.blocks(share).on(LayerSet.at(part.sites())));

        private final Maker maker;

        Way(Maker maker) {
            this.maker = maker;
        }

        private interface Maker {
            LayerTransform make(Part part, double share);
        }
    }

    /** What can be done with any half of a layer: nothing, then each way with every share, the smallest first. */
    static List<Reduction> choices(double... shares) {
        List<Reduction> choices = new ArrayList<>(List.of(NONE));
        Arrays.stream(Way.values())
                .filter(way -> way != Way.WHOLE)
                .forEach(way -> DoubleStream.of(shares)
                        .sorted()
                        .mapToObj(share -> new Reduction(way, share))
                        .forEach(choices::add));
        return List.copyOf(choices);
    }

    /** What makes it of a part; empty where the part stays whole. */
    Optional<LayerTransform> of(Part part) {
        return Optional.ofNullable(way.maker.make(part, removed));
    }

    /** Whether it can be made of a part. */
    boolean suits(ModelEdit model, Part part) {
        return of(part).map(transform -> transform.suits(model, part.layer())).orElse(true);
    }

    /** Such as {@code -25% units}. */
    @Override
    public String toString() {
        return way == Way.WHOLE
                ? "whole"
                : "-" + RemovedShare.percent(removed) + "% " + way.name().toLowerCase(Locale.ROOT);
    }
}
