package dev.lathe.compress.prune;

import dev.lathe.compress.ActivationStatistics;
import dev.lathe.compress.GramMatrix;
import dev.lathe.compress.LayerSet;
import dev.lathe.compress.LayerSweep;
import dev.lathe.compress.LayerTensors;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.StepRecorder;
import dev.lathe.compress.StepReport;
import dev.lathe.compress.Transform;
import dev.lathe.compress.TransformContext;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.LatheFormat;
import dev.lathe.tensor.BlockMask;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.util.BitSet;
import java.util.Map;

/**
 * Removes blocks of {@value BlockMask#ROWS} rows and some columns from the layers' matrices: first all blocks of all matrices are
 * put in order on the whole model and those that lose least for their cost chosen, then layer after layer they are removed, and the
 * least-squares fit of what is left to the outputs of the whole matrix takes its place. Made by {@link Prune}. Immutable and
 * thread-safe.
 *
 * <p>Absent blocks take no bytes and no time. The file has Lathe's own architecture; {@link #asZeros} keeps the model's, and
 * saves nothing.
 */
public final class BlockPruning implements Transform {
    private static final int COLUMNS = 32;

    private final double fraction;
    private final int columns;
    private final LayerSet layers;
    private final boolean zeros;
    private final boolean compensated;
    private final BlockCosts costs;

    private BlockPruning(
            double fraction, int columns, LayerSet layers, boolean zeros, boolean compensated, BlockCosts costs) {
        if (!(fraction >= 0 && fraction < 1)) {
            throw new IllegalArgumentException("removing a share of " + fraction + " of the blocks: expected 0 to 1");
        }
        if (columns < 1) {
            throw new IllegalArgumentException("blocks of " + columns + " columns: expected at least 1");
        }
        this.fraction = fraction;
        this.columns = columns;
        this.layers = layers;
        this.zeros = zeros;
        this.compensated = compensated;
        this.costs = costs;
    }

    static BlockPruning of(double fraction) {
        return new BlockPruning(fraction, COLUMNS, LayerSet.all(), false, true, BlockCosts.equal());
    }

    /** The same on these matrices alone; the share is one of their blocks. */
    public BlockPruning on(LayerSet layers) {
        return new BlockPruning(fraction, columns, layers, zeros, compensated, costs);
    }

    /**
     * Blocks of so many columns; {@value #COLUMNS} at first. Fewer columns lose less and gain less time, and only {@value
     * #COLUMNS} and its multiples can be quantized after.
     */
    public BlockPruning columns(int count) {
        return new BlockPruning(fraction, count, layers, zeros, compensated, costs);
    }

    /** Puts zeros where blocks are absent, so that the architecture stays the same. */
    public BlockPruning asZeros() {
        return new BlockPruning(fraction, columns, layers, true, compensated, costs);
    }

    /** The same without fitting what is left. */
    public BlockPruning withoutCompensation() {
        return new BlockPruning(fraction, columns, layers, zeros, false, costs);
    }

    /**
     * Blocks cost as much as this says, such as measured seconds, and the share is one of all cost; at first each costs the same.
     */
    public BlockPruning costs(BlockCosts costs) {
        return new BlockPruning(fraction, columns, layers, zeros, compensated, costs);
    }

    @Override
    public String name() {
        return "prune " + LayerFractions.uniform(fraction) + " of blocks of " + BlockMask.ROWS + "x" + columns + " of "
                + layers + costs.name() + (zeros ? " as zeros" : "") + (compensated ? "" : " without compensation");
    }

    @Override
    public Stage stage() {
        return Stage.SPARSITY;
    }

    @Override
    public StepReport apply(ModelEdit model, TransformContext context) throws IOException {
        StepRecorder recorder = new StepRecorder(model, name());
        if (fraction == 0) {
            return recorder.report();
        }
        LayerSweep sweep = new LayerSweep(model, context, name());
        BlockAllocation allocation = new BlockAllocation();
        sweep.run(layers::sites, (layer, statistics) -> score(model, layer, statistics, allocation, context));
        Map<String, BitSet> kept = allocation.keep(fraction);
        sweep.run(layers::sites, (layer, statistics) -> prune(model, layer, statistics, kept, recorder, context));
        if (zeros) {
            recorder.note("zeros are stored like other weights: no byte and no time is saved by this step alone");
        }
        return recorder.report();
    }

    /**
     * Prunes one layer alone: the share is one of the blocks of its own matrices.
     *
     * @param statistics what the layer's matrices read, with the Gram matrices of their sites
     */
    public void pruneLayer(ModelEdit model, int layer, ActivationStatistics statistics, TransformContext context)
            throws IOException {
        BlockAllocation allocation = new BlockAllocation();
        score(model, layer, statistics, allocation, context);
        prune(model, layer, statistics, allocation.keep(fraction), new StepRecorder(model, name()), context);
    }

    private void score(
            ModelEdit model,
            int layer,
            ActivationStatistics statistics,
            BlockAllocation allocation,
            TransformContext context)
            throws IOException {
        for (ActivationSite site : layers.sites(layer)) {
            for (String name : LayerTensors.readers(model, layer, site)) {
                FloatMatrix weights = model.floats(name);
                if (weights.columns() % columns != 0) {
                    throw new IllegalArgumentException(name() + ": blocks of " + columns + " columns do not divide "
                            + name + " of " + weights.columns() + " columns");
                }
                BlockOrder order = BlockOrder.of(weights, statistics.gram(site), columns, context.workers());
                allocation.add(name, order, costs.of(weights.rows(), weights.columns(), columns));
            }
        }
    }

    private void prune(
            ModelEdit model,
            int layer,
            ActivationStatistics statistics,
            Map<String, BitSet> kept,
            StepRecorder recorder,
            TransformContext context)
            throws IOException {
        for (ActivationSite site : layers.sites(layer)) {
            GramMatrix gram = statistics.gram(site);
            for (String name : LayerTensors.readers(model, layer, site)) {
                FloatMatrix before = model.floats(name);
                BlockMask mask = new BlockMask(before.rows(), before.columns(), columns, kept.get(name));
                if (mask.presentCount() == mask.blockCount()) {
                    continue;
                }
                FloatMatrix after = BlockFit.masked(before, mask);
                if (compensated) {
                    after = BlockFit.fitted(before, mask, gram, context.workers());
                }
                String note = mask.presentCount() + " of " + mask.blockCount() + " blocks";
                if (zeros) {
                    Weights.replace(model, name, after);
                    recorder.replaced(name, before, after, note);
                } else {
                    SparseStorage.putBlocks(model, name, after, mask);
                    recorder.reshaped(LatheFormat.blocks(name), note);
                }
            }
        }
    }
}
