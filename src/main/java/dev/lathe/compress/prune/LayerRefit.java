package dev.lathe.compress.prune;

import dev.lathe.compress.LayerTensors;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.TransformContext;
import dev.lathe.model.ActivationObserver;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.LayerwiseModel;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Lets the down matrix of the layer before a removed one give what that would have added, by damped least squares over the
 * calibration tokens. A token counts by the inverse square of its hidden row's length, since the norm that reads it next divides by
 * that.
 *
 * <p>What a layer adds can be guessed from these inputs only in part, and a fit without damping guesses more of the texts' chance
 * than of the layer. So every fourth text is held out, the damping that makes up for most there is taken, and a matrix that would
 * make up for nothing there is left as it is.
 *
 * @param matrix refitted; empty where nothing was gained on the texts held out, or there is only one text
 * @param madeUp share of what the layer added, on the texts held out, that the refitted matrix makes up for
 */
record LayerRefit(Optional<FloatMatrix> matrix, double madeUp) {
    private static final int HELD_OUT = 4;
    private static final double[] DAMPINGS = {1e-5, 0.01, 0.1, 0.3, 1, 3, 10};

    /** The name of the matrix that is refitted when a layer goes. */
    static String matrix(int layer) {
        return LayerTensors.name(layer - 1, "ffn_down.weight");
    }

    /**
     * Refits for one layer.
     *
     * @param model still with the layer
     * @param texts what the model is run on
     */
    static LayerRefit of(ModelEdit model, int layer, List<int[]> texts, TransformContext context) throws IOException {
        FloatMatrix weights = model.floats(matrix(layer));
        CrossProducts fitted = new CrossProducts(weights.columns(), weights.rows());
        CrossProducts heldOut = new CrossProducts(weights.columns(), weights.rows());
        collect(model, layer, texts, fitted, heldOut, context);
        return of(weights, fitted, heldOut, context.workers());
    }

    /** Refits a matrix by what was seen on texts; one part of them chooses the damping. */
    static LayerRefit of(FloatMatrix weights, CrossProducts fitted, CrossProducts heldOut, Workers workers) {
        double most = 0;
        double best = 0;
        for (double damping : DAMPINGS) {
            double madeUp = heldOut.madeUpBy(fitted.change(damping, workers), workers);
            if (madeUp > most) {
                most = madeUp;
                best = damping;
            }
        }
        if (most == 0) {
            return new LayerRefit(Optional.empty(), 0);
        }
        fitted.add(heldOut);
        double[] change = fitted.change(best, workers);
        FloatMatrix result = FloatMatrix.zeros(weights.rows(), weights.columns());
        for (int i = 0; i < change.length; i++) {
            result.data()[i] = (float) (weights.data()[i] + change[i]);
        }
        return new LayerRefit(Optional.of(result), most);
    }

    private static void collect(
            ModelEdit model,
            int layer,
            List<int[]> texts,
            CrossProducts fitted,
            CrossProducts heldOut,
            TransformContext context)
            throws IOException {
        LayerwiseModel runner = LayerwiseModel.of(model, context.workers());
        List<FloatMatrix> hidden = runner.embed(texts);
        for (int before = 0; before < layer - 1; before++) {
            LayerwiseModel.Layer block = runner.layer(before);
            hidden.replaceAll(text -> block.run(text, ActivationObserver.NONE));
        }
        LayerwiseModel.Layer previous = runner.layer(layer - 1);
        LayerwiseModel.Layer removed = runner.layer(layer);
        int columns = runner.config().layers().get(layer - 1).feedForwardSize();
        for (int i = 0; i < hidden.size(); i++) {
            FloatMatrix text = hidden.get(i);
            FloatMatrix inner = FloatMatrix.zeros(text.rows(), columns);
            FloatMatrix between = runAndKeep(previous, text, inner);
            FloatMatrix added = removed.run(between, ActivationObserver.NONE);
            for (int row = 0; row < text.rows(); row++) {
                double length = length(added, row);
                for (int at = added.offset(row); at < added.offset(row + 1); at++) {
                    added.data()[at] -= between.data()[at];
                }
                divide(inner, row, length);
                divide(added, row, length);
            }
            boolean isHeldOut = i % HELD_OUT == HELD_OUT - 1 || hidden.size() < HELD_OUT && i == hidden.size() - 1;
            (isHeldOut ? heldOut : fitted).add(inner, added, context.workers());
        }
    }

    /** Runs a layer and keeps what its down matrix reads in {@code inner}, [tokens x inner]. */
    private static FloatMatrix runAndKeep(LayerwiseModel.Layer layer, FloatMatrix text, FloatMatrix inner) {
        int[] row = {0};
        return layer.run(text, (site, rows) -> {
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
