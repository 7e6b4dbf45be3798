package dev.lathe.compress.prune;

import dev.lathe.compress.ActivationStatistics;
import dev.lathe.compress.LayerEdit;
import dev.lathe.compress.LayerSet;
import dev.lathe.compress.LayerSweep;
import dev.lathe.compress.LayerTensors;
import dev.lathe.compress.LayerTransform;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.RemovedShare;
import dev.lathe.compress.StepRecorder;
import dev.lathe.compress.TransformContext;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.FeedForwardConfig;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.model.config.LayerShapes;
import dev.lathe.model.config.TensorShape;
import dev.lathe.tensor.BlockMask;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Removes blocks of {@value BlockMask#ROWS} rows and some columns from the layers' matrices. Feed-forward channels are put in order
 * first, so that those that bring little share blocks, which changes nothing of what the model computes. Then all blocks of all
 * matrices are put in order on the whole model, what they lose is scaled by what each matrix's error does to the predictions, and
 * those that lose least for their cost are chosen. Then layer after layer they are removed, and the least-squares fit of what is left
 * to the outputs of the whole matrix takes its place. Made by {@link Prune}. Immutable and thread-safe.
 *
 * <p>Absent blocks take no bytes and no time. The file has Lathe's own architecture; {@link #asZeros} keeps the model's, and
 * saves nothing.
 */
public final class BlockPruning implements LayerTransform {
    private static final int COLUMNS = 32;

    private final double fraction;
    private final int columns;
    private final LayerSet layers;
    private final boolean zeros;
    private final boolean compensated;
    private final BlockCosts costs;

    private BlockPruning(
            double fraction, int columns, LayerSet layers, boolean zeros, boolean compensated, BlockCosts costs) {
        RemovedShare.require(fraction);
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
    public void edit(ModelEdit model, TransformContext context, StepRecorder recorder) throws IOException {
        if (fraction == 0) {
            return;
        }
        for (int layer = 0; layer < Shapes.layers(model).size(); layer++) {
            requireWholeBlocks(model, layer);
        }
        BlockScores scores = new BlockScores(model, layers, columns, context.workers());
        List<BlockScores.Trial> trials = new ArrayList<>();
        List<int[]> sequences = context.requireCalibration(name());
        LayerSweep.of(scores.model(), sequences, context.workers())
                .reporting(context, name() + ": scores")
                .edit(scores.model(), recorder, layers::sites, layer -> {
                    ActivationStatistics ordered = scores.add(layer.layer(), layer.read());
                    trials.addAll(scores.trials(layer.layer(), ordered, fraction, compensated));
                });
        scores.scale(context, name(), trials);
        Map<String, BitSet> kept = keep(scores);
        LayerSweep.of(model, sequences, context.workers())
                .reporting(context, name())
                .edit(model, recorder, layers::sites, layer -> prune(layer, scores, kept));
        if (zeros) {
            recorder.note("zeros are stored like other weights: no byte and no time is saved by this step alone");
        }
    }

    /** Whether blocks divide every matrix of the layer. */
    @Override
    public boolean suits(ModelEdit model, int layer) {
        return layers.sites(layer).stream()
                .flatMap(site -> LayerTensors.readers(model, layer, site).stream())
                .map(model::require)
                .allMatch(tensor -> tensor.dimension(0) % columns == 0 && tensor.dimension(1) % BlockMask.ROWS == 0);
    }

    @Override
    public Set<ActivationSite> gramSites(ModelEdit model, int layer) {
        return layers.sites(layer);
    }

    /** Prunes one layer alone: the share is one of the blocks of its own matrices, chosen by the errors of their outputs. */
    @Override
    public void edit(LayerEdit layer) throws IOException {
        requireWholeBlocks(layer.model(), layer.layer());
        BlockScores scores = new BlockScores(layer.model(), layers, columns, layer.workers());
        scores.add(layer.layer(), layer.read());
        prune(layer, scores, keep(scores));
    }

    private void requireWholeBlocks(ModelEdit model, int layer) {
        FeedForwardConfig feedForward = Shapes.layers(model).get(layer).feedForward();
        if (feedForward.experts().isPresent()
                && layers.sites(layer).stream()
                        .anyMatch(site -> site.isOfExperts()
                                || !LayerTensors.readers(model, layer, site).isEmpty()
                                        && site == ActivationSite.FEED_FORWARD_DOWN)) {
            throw new IllegalArgumentException(name() + ": experts of layer " + layer
                    + " have no form without blocks; prune blocks of attention, or channels of experts, instead");
        }
        for (TensorShape shape : zeros ? List.<TensorShape>of() : LayerShapes.of(Shapes.model(model), layer)) {
            if (shape.fusion().isPresent()
                    && layers.sites(layer).stream()
                            .anyMatch(site -> site.readers().contains(shape.role()))
                    && shape.fusion()
                            .get()
                            .isIn(role -> model.tensor(role.weight(layer)).isPresent())) {
                throw new IllegalArgumentException(name() + ": " + shape.role().weight(layer)
                        + " stands in a larger matrix, of which no range without blocks can be read: add asZeros(), or prune"
                        + " feed-forward channels instead");
            }
        }
        for (ActivationSite site : layers.sites(layer)) {
            for (String name : LayerTensors.readers(model, layer, site)) {
                long length = model.require(name).dimension(0);
                if (length % columns != 0) {
                    throw new IllegalArgumentException(name() + ": blocks of " + columns + " columns do not divide "
                            + name + " of " + length + " columns");
                }
            }
        }
    }

    private Map<String, BitSet> keep(BlockScores scores) throws IOException {
        BlockAllocation allocation = new BlockAllocation();
        for (Map.Entry<String, BlockOrder> matrix : scores.orders().entrySet()) {
            TensorInfo tensor = scores.model().require(matrix.getKey());
            int rows = Math.toIntExact(tensor.dimension(1));
            int length = Math.toIntExact(tensor.dimension(0));
            allocation.add(matrix.getKey(), matrix.getValue(), costs.of(rows, length, columns));
        }
        return allocation.keep(fraction);
    }

    private void prune(LayerEdit layer, BlockScores scores, Map<String, BitSet> kept) throws IOException {
        ModelEdit model = layer.model();
        ActivationStatistics read = layer.read();
        int[] channels = scores.channels(layer.layer());
        if (channels != null && losesChannelBlocks(model, layer.layer(), kept)) {
            ChannelOrder.apply(model, layer.layer(), channels);
            read = read.ordered(ActivationSite.FEED_FORWARD_DOWN, channels);
        }
        for (ActivationSite site : layers.sites(layer.layer())) {
            for (String name : layer.readers(site)) {
                FloatMatrix before = model.floats(name);
                BlockMask mask = new BlockMask(before.rows(), before.columns(), columns, kept.get(name));
                if (mask.presentCount() == mask.blockCount()) {
                    continue;
                }
                FloatMatrix after = BlockFit.of(before, mask, read.gram(site), compensated, layer.workers());
                String note = mask.presentCount() + " of " + mask.blockCount() + " blocks";
                if (zeros) {
                    Weights.replace(model, name, after);
                    layer.recorder().replaced(name, before, after, note);
                } else {
                    SparseStorage.putBlocks(model, name, after, mask);
                    layer.recorder().reshaped(LatheFormat.blocks(name), note);
                }
            }
        }
    }

    /** Whether the order of a layer's channels matters: where none of their blocks go, they stay as they are. */
    private boolean losesChannelBlocks(ModelEdit model, int layer, Map<String, BitSet> kept) {
        return Stream.of(ActivationSite.FEED_FORWARD, ActivationSite.FEED_FORWARD_DOWN)
                .filter(layers.sites(layer)::contains)
                .flatMap(site -> LayerTensors.readers(model, layer, site).stream())
                .map(name -> new BlockMask(
                        Math.toIntExact(model.require(name).dimension(1)),
                        Math.toIntExact(model.require(name).dimension(0)),
                        columns,
                        kept.get(name)))
                .anyMatch(mask -> mask.presentCount() < mask.blockCount());
    }
}
