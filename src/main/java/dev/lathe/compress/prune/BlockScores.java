package dev.lathe.compress.prune;

import dev.lathe.compress.ActivationStatistics;
import dev.lathe.compress.GramMatrix;
import dev.lathe.compress.LayerSet;
import dev.lathe.compress.LayerTensors;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.Sensitivity;
import dev.lathe.compress.TransformContext;
import dev.lathe.model.ActivationSite;
import dev.lathe.tensor.BlockMask;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * In which order the blocks of a model's matrices go, and what each loses, so that those of all matrices can be compared.
 *
 * <p>Each layer's feed-forward channels are put in order first, so that those that matter little share blocks. Within a layer's
 * feed-forward part, losses are errors of what it adds. But an error of the same size does more harm in one matrix than in
 * another: {@link #scale} scales each matrix's losses to how far the predictions move when it is pruned alone.
 */
final class BlockScores {
    private static final double LEAST_LOSS = 1e-6; // what is less cannot be measured
    private static final double MOST_REMOVED = 0.9;

    private final ModelEdit model; // with its channels in order
    private final LayerSet layers;
    private final int columns;
    private final Workers workers;
    private final Map<Integer, int[]> channels = new HashMap<>();
    private final Map<String, BlockOrder> orders = new LinkedHashMap<>();
    private final Map<String, double[]> rowImportances = new HashMap<>(); // what the error of each output counts

    /** Reads a model and leaves it as it is. */
    BlockScores(ModelEdit model, LayerSet layers, int columns, Workers workers) {
        this.model = new ModelEdit(model);
        this.layers = layers;
        this.columns = columns;
        this.workers = workers;
    }

    /** The model with the channels of all layers in order that were added. */
    ModelEdit model() {
        return model;
    }

    /** In which order the channels of a layer are; null if as they were. */
    int[] channels(int layer) {
        return channels.get(layer);
    }

    /** The order of each matrix. */
    Map<String, BlockOrder> orders() {
        return orders;
    }

    /**
     * Puts the channels of a layer in order, and then the blocks of its matrices.
     *
     * @param read what its matrices read, with the Gram matrices of their sites
     * @return what they read with the channels in order
     */
    ActivationStatistics add(int layer, ActivationStatistics read) throws IOException {
        ActivationStatistics ordered = read;
        if (layers.contains(layer, ActivationSite.FEED_FORWARD_DOWN)) {
            GramMatrix gram = read.gram(ActivationSite.FEED_FORWARD_DOWN);
            int[] order = ChannelOrder.of(model, layer, gram, workers);
            ChannelOrder.apply(model, layer, order);
            channels.put(layer, order);
            ordered = read.ordered(ActivationSite.FEED_FORWARD_DOWN, order);
        }
        for (ActivationSite site : layers.sites(layer)) {
            for (String name : LayerTensors.readers(model, layer, site)) {
                FloatMatrix weights = model.floats(name);
                double[] importances = new double[weights.rows()];
                Arrays.fill(importances, 1);
                if (site == ActivationSite.FEED_FORWARD) {
                    importances = ChannelOrder.importances(model, layer, weights, ordered, workers);
                }
                rowImportances.put(name, importances);
                FloatMatrix scaled = scaled(weights, importances);
                orders.put(name, BlockOrder.of(scaled, ordered.gram(site), columns, workers));
            }
        }
        return ordered;
    }

    /** Scales the losses of each matrix to how far predictions move when it alone is what it becomes in a trial. */
    void scale(TransformContext context, String step, List<Trial> trials) throws IOException {
        double[] increases = Sensitivity.measure(
                model, context, step, trials.stream().map(Trial::change).toList());
        for (int i = 0; i < increases.length; i++) {
            double loss = trials.get(i).loss();
            double factor = loss > 0 ? increases[i] / loss : 1;
            orders.computeIfPresent(trials.get(i).name(), (name, order) -> order.scaled(factor));
        }
    }

    /**
     * A matrix pruned alone.
     *
     * @param loss the error of its outputs, relative to them
     */
    record Trial(String name, int layer, FloatMatrix pruned, double loss) {
        Sensitivity.Change change() {
            return new Sensitivity.Change(Sensitivity.Place.LAYER, layer, edit -> edit.putMatrix(name, pruned));
        }
    }

    /** A layer's matrices, each pruned alone by a share of its blocks, or by a larger one if that would lose nothing. */
    List<Trial> trials(int layer, ActivationStatistics ordered, double share, boolean compensated) throws IOException {
        List<Trial> trials = new ArrayList<>();
        for (ActivationSite site : layers.sites(layer)) {
            for (String name : LayerTensors.readers(model, layer, site)) {
                FloatMatrix weights = model.floats(name);
                double removed = Math.max(share, 1.0 / orders.get(name).blocks().length);
                Trial trial = trial(name, layer, weights, ordered.gram(site), removed, compensated);
                while (trial.loss() < LEAST_LOSS && removed < MOST_REMOVED) {
                    removed = Math.min(MOST_REMOVED, 2 * removed);
                    trial = trial(name, layer, weights, ordered.gram(site), removed, compensated);
                }
                trials.add(trial);
            }
        }
        return trials;
    }

    private Trial trial(
            String name, int layer, FloatMatrix weights, GramMatrix gram, double share, boolean compensated) {
        BlockAllocation alone = new BlockAllocation();
        alone.add(name, orders.get(name), 1);
        BlockMask mask = new BlockMask(
                weights.rows(), weights.columns(), columns, alone.keep(share).get(name));
        FloatMatrix pruned = BlockFit.of(weights, mask, gram, compensated, workers);
        FloatMatrix change = FloatMatrix.zeros(weights.rows(), weights.columns());
        for (int i = 0; i < weights.rows() * weights.columns(); i++) {
            change.data()[i] = weights.data()[i] - pruned.data()[i];
        }
        double squares = squares(name, weights, gram);
        return new Trial(name, layer, pruned, squares > 0 ? squares(name, change, gram) / squares : 0);
    }

    /** The squares of all outputs, by their importances. */
    private double squares(String name, FloatMatrix matrix, GramMatrix gram) {
        double[] outputs = BlockOrder.outputSquares(matrix, gram, workers);
        double sum = 0;
        for (int row = 0; row < outputs.length; row++) {
            sum += rowImportances.get(name)[row] * outputs[row];
        }
        return sum;
    }

    private static FloatMatrix scaled(FloatMatrix matrix, double[] importances) {
        FloatMatrix result = FloatMatrix.zeros(matrix.rows(), matrix.columns());
        for (int row = 0; row < matrix.rows(); row++) {
            double scale = Math.sqrt(importances[row]);
            for (int i = 0; i < matrix.columns(); i++) {
                result.data()[result.offset(row) + i] = (float) (scale * matrix.get(row, i));
            }
        }
        return result;
    }
}
