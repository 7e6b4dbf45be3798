package dev.lathe.compress.search;

import dev.lathe.compress.ActivationStatistics;
import dev.lathe.compress.LayerTensors;
import dev.lathe.compress.ModelEdit;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.model.ActivationSite;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.codec.MatrixCodec;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** Rounds the matrices of one part to the nearest numbers of a type. */
final class Rounding {
    private Rounding() {}

    /** Mean squares of the columns of the part's matrices, by name. */
    static Map<String, float[]> importances(ModelEdit model, Part part, ActivationStatistics statistics) {
        Map<String, float[]> importances = new HashMap<>();
        for (ActivationSite site : part.sites()) {
            float[] means = statistics.meanSquares(site);
            LayerTensors.readers(model, part.layer(), site).forEach(name -> importances.put(name, means));
        }
        return importances;
    }

    /**
     * A model of which one part's matrices are rounded to the nearest numbers of a type.
     *
     * @param stride one row of so many is rounded: errors of rows add up, and rounding takes most of the time
     */
    static ModelEdit of(
            ModelEdit from, Part part, TensorType type, Map<String, float[]> importances, int stride, Workers workers)
            throws IOException {
        ModelEdit edit = new ModelEdit(from);
        for (TensorInfo tensor : part.tensors(from)) {
            TensorType actual = Part.typeOf(tensor, type);
            if (actual != tensor.type()) {
                FloatMatrix weights = edit.floats(tensor.name());
                FloatMatrix some = everyRow(weights, stride);
                float[] columns = importances.get(tensor.name());
                byte[] blocks = MatrixCodec.encode(actual, some.data(), some.rows(), some.columns(), columns, workers);
                float[] nearest = MatrixCodec.decode(actual, blocks, some.rows(), some.columns(), workers);
                for (int row = 0; row < some.rows(); row++) {
                    System.arraycopy(
                            nearest, some.offset(row), weights.data(), weights.offset(row * stride), some.columns());
                }
                edit.putMatrix(tensor.name(), weights);
            }
        }
        return edit;
    }

    private static FloatMatrix everyRow(FloatMatrix matrix, int stride) {
        FloatMatrix some = FloatMatrix.zeros((matrix.rows() + stride - 1) / stride, matrix.columns());
        for (int row = 0; row < some.rows(); row++) {
            System.arraycopy(
                    matrix.data(), matrix.offset(row * stride), some.data(), some.offset(row), matrix.columns());
        }
        return some;
    }
}
