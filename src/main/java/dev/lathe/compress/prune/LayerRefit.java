package dev.lathe.compress.prune;

import dev.lathe.compress.GramMatrix;
import dev.lathe.compress.LayerTensors;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.TransformContext;
import dev.lathe.model.ActivationObserver;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.LayerwiseModel;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.util.List;

/**
 * Lets the down matrix of the layer before a removed one give what that would have added, by least squares over the calibration
 * tokens. A token counts by the inverse square of its hidden row's length, since the norm that reads it next divides by that.
 */
final class LayerRefit {
    private LayerRefit() {}

    /** The name of the matrix that is refitted when a layer goes. */
    static String matrix(int layer) {
        return LayerTensors.name(layer - 1, "ffn_down.weight");
    }

    static FloatMatrix of(ModelEdit model, int layer, List<int[]> texts, TransformContext context) throws IOException {
        return products(model, layer, texts, context)
                .refit(model.floats(matrix(layer)), Damping.FITTING, context.workers());
    }

    static CrossProducts products(ModelEdit model, int layer, List<int[]> texts, TransformContext context)
            throws IOException {
        LayerwiseModel runner = LayerwiseModel.of(model, context.workers());
        List<FloatMatrix> hidden = runner.embed(texts);
        for (int before = 0; before < layer - 1; before++) {
            LayerwiseModel.Layer block = runner.layer(before);
            hidden.replaceAll(text -> block.run(text, ActivationObserver.NONE));
        }
        LayerwiseModel.Layer previous = runner.layer(layer - 1);
        LayerwiseModel.Layer removed = runner.layer(layer);
        FloatMatrix weights = model.floats(matrix(layer));
        CrossProducts products = new CrossProducts(new GramMatrix(weights.columns()), weights.rows());
        for (FloatMatrix text : hidden) {
            FloatMatrix inner = FloatMatrix.zeros(text.rows(), weights.columns());
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
