package dev.lathe.compress.prune;

import dev.lathe.compress.GramMatrix;
import dev.lathe.compress.LayerSweep;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.TransformContext;
import dev.lathe.model.ActivationObserver;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.TensorRole;
import dev.lathe.model.decoder.LayerwiseModel;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Lets the down matrix of the layer before a removed one give what that would have added, by damped least squares over the
 * calibration tokens. A token counts by the inverse square of its hidden row's length, since the norm that reads it next divides by
 * that.
 *
 * <p>What a layer adds can be guessed from these inputs only in part, and hidden rows that are nearer to what they were need not
 * predict better: a refit may do harm. So every fourth text is held out, and the refit is taken only if the model
 * without the layer predicts those better with it; of several dampings the best one.
 *
 * @param matrix refitted; empty where no refit helps, or there is only one text
 * @param lossWithout of the texts held out, in nats a token, without the layer and with the matrix as it was
 * @param loss of the texts held out, never more
 */
record LayerRefit(Optional<FloatMatrix> matrix, double lossWithout, double loss) {
    private static final int HELD_OUT = 4;
    private static final double[] DAMPINGS = {0.1, 1, 10};

    /** The name of the matrix that is refitted when a layer goes. */
    static String matrix(int layer) {
        return TensorRole.DOWN.weight(layer - 1);
    }

    /**
     * Refits for one layer.
     *
     * @param model still with the layer
     * @param texts what the model is run on
     */
    static LayerRefit of(ModelEdit model, int layer, List<int[]> texts, TransformContext context) throws IOException {
        List<int[]> heldOut = heldOut(texts);
        if (heldOut.size() == texts.size()) {
            return new LayerRefit(Optional.empty(), Double.NaN, Double.NaN);
        }
        List<int[]> fitted = new ArrayList<>(texts);
        fitted.removeAll(heldOut);
        FloatMatrix weights = model.floats(matrix(layer));
        CrossProducts products = collect(model, layer, fitted, context);
        double without = lossWithout(model, layer, weights, heldOut, context);
        LayerRefit best = new LayerRefit(Optional.empty(), without, without);
        for (double damping : DAMPINGS) {
            FloatMatrix refitted = products.refit(weights, damping, context.workers());
            double loss = lossWithout(model, layer, refitted, heldOut, context);
            if (loss < best.loss) {
                best = new LayerRefit(Optional.of(refitted), without, loss);
            }
        }
        return best;
    }

    /** Every fourth text, or the last of fewer. */
    static List<int[]> heldOut(List<int[]> texts) {
        return IntStream.range(0, texts.size())
                .filter(i -> i % HELD_OUT == HELD_OUT - 1 || texts.size() < HELD_OUT && i == texts.size() - 1)
                .mapToObj(texts::get)
                .toList();
    }

    /** The loss on texts without the layer, with these weights in the matrix before. */
    private static double lossWithout(
            ModelEdit model, int layer, FloatMatrix weights, List<int[]> texts, TransformContext context)
            throws IOException {
        ModelEdit trial = new ModelEdit(model);
        Weights.replace(trial, matrix(layer), weights);
        LayerRemoval.remove(trial, layer);
        return TextLoss.of(trial, texts, context.workers());
    }

    private static CrossProducts collect(ModelEdit model, int layer, List<int[]> texts, TransformContext context)
            throws IOException {
        LayerwiseModel runner = LayerwiseModel.of(model, context.workers());
        LayerwiseModel.Layer previous = runner.layer(layer - 1);
        LayerwiseModel.Layer removed = runner.layer(layer);
        int inputs = Math.toIntExact(model.require(matrix(layer)).dimension(0));
        int outputs = Math.toIntExact(model.require(matrix(layer)).dimension(1));
        CrossProducts products = new CrossProducts(new GramMatrix(inputs), outputs);
        for (FloatMatrix text :
                LayerSweep.of(model, texts, context.workers()).to(layer - 1).hidden()) {
            FloatMatrix inner = FloatMatrix.zeros(text.rows(), inputs);
            FloatMatrix between = runAndKeep(previous, text, inner);
            FloatMatrix added = removed.run(between, ActivationObserver.NONE);
            for (int row = 0; row < text.rows(); row++) {
                double length = length(added, row);
                for (int i = added.offset(row); i < added.offset(row + 1); i++) {
                    added.data()[i] -= between.data()[i];
                }
                divide(inner, row, length);
                divide(added, row, length);
            }
            products.add(inner, added, context.workers());
        }
        return products;
    }

    /** Runs a layer and keeps what its down matrix reads in {@code inner}, [tokens x inner]. */
    private static FloatMatrix runAndKeep(LayerwiseModel.Layer layer, FloatMatrix text, FloatMatrix inner) {
        int[] row = {0};
        return layer.run(text, (site, _, rows) -> {
            if (site == ActivationSite.FEED_FORWARD_DOWN) {
                System.arraycopy(rows.data(), 0, inner.data(), inner.offset(row[0]), rows.rows() * rows.columns());
                row[0] += rows.rows();
            }
        });
    }

    private static double length(FloatMatrix matrix, int row) {
        double squares = 0;
        for (int i = matrix.offset(row); i < matrix.offset(row + 1); i++) {
            squares += (double) matrix.data()[i] * matrix.data()[i];
        }
        return squares > 0 ? Math.sqrt(squares) : 1;
    }

    private static void divide(FloatMatrix matrix, int row, double divisor) {
        for (int i = matrix.offset(row); i < matrix.offset(row + 1); i++) {
            matrix.data()[i] = (float) (matrix.data()[i] / divisor);
        }
    }
}
