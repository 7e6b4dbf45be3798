package dev.lathe.compress.search;

import dev.lathe.compress.ActivationStatistics;
import dev.lathe.compress.LayerSet;
import dev.lathe.compress.LayerTensors;
import dev.lathe.compress.LowRank;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.TransformContext;
import dev.lathe.compress.prune.BlockPruning;
import dev.lathe.compress.prune.Prune;
import dev.lathe.compress.search.Part.Kind;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.tensor.BlockMask;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.stream.DoubleStream;

/**
 * What goes of one half of a layer. Each knows which parts it suits and how to make itself from what a part's matrices read. A
 * new way to make a part smaller is a new record here, and a line in {@link #choices} that offers it. Immutable.
 */
sealed interface Reduction {
    /** The part as it is. */
    Reduction NONE = new None();

    /** Whether it can be made of a part. */
    boolean suits(ModelEdit model, Part part);

    /**
     * Makes it.
     *
     * @param statistics what the layer's matrices read, with all Gram matrices
     */
    void make(ModelEdit model, Part part, ActivationStatistics statistics, TransformContext context) throws IOException;

    /** What can be done with any half of a layer: nothing, then each way with every share, the smallest first. */
    static List<Reduction> choices(double... shares) {
        List<Reduction> choices = new ArrayList<>(List.of(NONE));
        for (DoubleFunction<Reduction> way : List.<DoubleFunction<Reduction>>of(Units::new, Rank::new, Blocks::new)) {
            DoubleStream.of(shares).sorted().mapToObj(way).forEach(choices::add);
        }
        return List.copyOf(choices);
    }

    /** Nothing. */
    record None() implements Reduction {
        @Override
        public boolean suits(ModelEdit model, Part part) {
            return true;
        }

        @Override
        public void make(ModelEdit model, Part part, ActivationStatistics statistics, TransformContext context) {}

        @Override
        public String toString() {
            return "whole";
        }
    }

    /**
     * Heads of the attention with their keys and values, or channels of the feed-forward part.
     *
     * @param removed share that goes
     */
    record Units(double removed) implements Reduction {
        /** Shares of heads are whole groups. */
        @Override
        public boolean suits(ModelEdit model, Part part) {
            int groups = ModelConfig.of(model.metadata(), 1)
                    .layers()
                    .get(part.layer())
                    .keyValueHeadCount();
            return part.kind() == Kind.FEED_FORWARD || removed * groups == Math.rint(removed * groups);
        }

        @Override
        public void make(ModelEdit model, Part part, ActivationStatistics statistics, TransformContext context)
                throws IOException {
            if (part.kind() == Kind.ATTENTION) {
                Prune.heads(removed).pruneLayer(model, part.layer(), statistics, context);
            } else {
                Prune.feedForward(removed).pruneLayer(model, part.layer(), statistics, context);
            }
        }

        @Override
        public String toString() {
            return "-" + percent(removed) + " units";
        }
    }

    /**
     * Products of smaller matrices in the place of matrices.
     *
     * @param removed share of their parameters that goes
     */
    record Rank(double removed) implements Reduction {
        private LowRank of(Part part) {
            ActivationSite[] sites = part.sites().toArray(ActivationSite[]::new);
            return LowRank.whitened(removed).on(sites[0], sites);
        }

        @Override
        public boolean suits(ModelEdit model, Part part) {
            return of(part).suitsLayer(model, part.layer());
        }

        @Override
        public void make(ModelEdit model, Part part, ActivationStatistics statistics, TransformContext context)
                throws IOException {
            of(part).factorLayer(model, part.layer(), statistics, context);
        }

        @Override
        public String toString() {
            return "-" + percent(removed) + " rank";
        }
    }

    /**
     * Matrices without some of their blocks.
     *
     * @param removed share of the blocks that goes
     */
    record Blocks(double removed) implements Reduction {
        private static final int COLUMNS = 32;

        private BlockPruning of(Part part) {
            return Prune.blocks(removed).columns(COLUMNS).on(LayerSet.at(part.sites()));
        }

        /** Blocks divide every matrix. */
        @Override
        public boolean suits(ModelEdit model, Part part) {
            return part.sites().stream()
                    .flatMap(site -> LayerTensors.readers(model, part.layer(), site).stream())
                    .map(model::require)
                    .allMatch(
                            tensor -> tensor.dimension(0) % COLUMNS == 0 && tensor.dimension(1) % BlockMask.ROWS == 0);
        }

        @Override
        public void make(ModelEdit model, Part part, ActivationStatistics statistics, TransformContext context)
                throws IOException {
            of(part).pruneLayer(model, part.layer(), statistics, context);
        }

        @Override
        public String toString() {
            return "-" + percent(removed) + " blocks";
        }
    }

    private static String percent(double share) {
        return BigDecimal.valueOf(share).movePointRight(2).stripTrailingZeros().toPlainString() + "%";
    }
}
