package dev.lathe.compress.prune;

import dev.lathe.compress.ActivationStatistics;
import dev.lathe.compress.GramMatrix;
import dev.lathe.compress.LayerTensors;
import dev.lathe.compress.ModelEdit;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.TensorName;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.util.stream.IntStream;

/**
 * The order of a layer's feed-forward channels by what they bring to the layer's output, the most first. What a layer computes does
 * not depend on their order, but neighbours in the same blocks that matter as little can go together.
 */
final class ChannelOrder {
    private ChannelOrder() {}

    /** Channels in the reverse of the order in which they would go, the cheapest first, while the others make up for each. */
    static int[] of(ModelEdit model, int layer, GramMatrix channels, Workers workers) throws IOException {
        FloatMatrix down = model.floats(down(layer));
        ColumnElimination elimination =
                new ColumnElimination(channels, down, ColumnElimination.singles(down.columns()), workers);
        int[] order = new int[down.columns()];
        for (int i = order.length - 1; i >= 0; i--) {
            elimination.removeCheapest();
            order[i] = elimination.lastRemoved();
        }
        return order;
    }

    /** Puts a layer's channels in another order. */
    static void apply(ModelEdit model, int layer, int[] order) throws IOException {
        Weights.replace(model, down(layer), Weights.columns(model.floats(down(layer)), order));
        Weights.keepElements(model, TensorRole.FEED_FORWARD_SUB_NORM.weight(layer), order);
        for (String matrix : LayerTensors.readers(model, layer, ActivationSite.FEED_FORWARD)) {
            int copies =
                    Math.toIntExact(model.require(matrix).dimension(1)) / order.length; // 2 where gate and up are one
            int[] rows = IntStream.range(0, copies * order.length)
                    .map(row -> row / order.length * order.length + order[row % order.length])
                    .toArray();
            Weights.keepRows(model, matrix, rows);
            Weights.keepElements(model, TensorName.biasOf(matrix), rows);
        }
    }

    /**
     * What the squared error of each output of the gate or up matrix counts, so that a relative error of it counts as one of what
     * its channel adds to the layer's output: the channel's squares times those of its column of the down matrix, over those of
     * the output.
     */
    static double[] importances(
            ModelEdit model, int layer, FloatMatrix matrix, ActivationStatistics read, Workers workers)
            throws IOException {
        FloatMatrix down = model.floats(down(layer));
        double[] channels = read.squares(ActivationSite.FEED_FORWARD_DOWN);
        double[] outputs = BlockOrder.outputSquares(matrix, read.gram(ActivationSite.FEED_FORWARD), workers);
        double[] importances = new double[matrix.rows()];
        for (int row = 0; row < importances.length; row++) {
            int channel = row % channels.length; // gate and up may stand one below the other
            double column = 0;
            for (int i = 0; i < down.rows(); i++) {
                column += (double) down.get(i, channel) * down.get(i, channel);
            }
            importances[row] = outputs[row] > 0 ? channels[channel] * column / outputs[row] : 0;
        }
        return importances;
    }

    private static String down(int layer) {
        return TensorRole.DOWN.weight(layer);
    }
}
