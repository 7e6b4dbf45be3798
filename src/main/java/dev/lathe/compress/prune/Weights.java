package dev.lathe.compress.prune;

import dev.lathe.compress.ModelEdit;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;

/** Reads and writes parts of a model's matrices and vectors. */
final class Weights {
    private Weights() {}

    /** Puts a matrix in place of another in its type where that is one of plain numbers, else as F16. */
    static void replace(ModelEdit model, String name, FloatMatrix matrix) {
        model.putMatrix(name, matrix, model.plainType(name));
    }

    /** Keeps some rows of a matrix. */
    static void keepRows(ModelEdit model, String name, int[] kept) throws IOException {
        FloatMatrix matrix = model.floats(name);
        FloatMatrix result = FloatMatrix.zeros(kept.length, matrix.columns());
        for (int row = 0; row < kept.length; row++) {
            System.arraycopy(
                    matrix.data(), matrix.offset(kept[row]), result.data(), result.offset(row), matrix.columns());
        }
        replace(model, name, result);
    }

    /** Keeps some elements of a vector, if the model has it. */
    static void keepElements(ModelEdit model, String name, int[] kept) throws IOException {
        if (model.tensor(name).isEmpty()) {
            return;
        }
        float[] vector = model.floats(name).data();
        float[] result = new float[kept.length];
        for (int i = 0; i < kept.length; i++) {
            result[i] = vector[kept[i]];
        }
        model.putVector(name, result);
    }

    /** Some columns of a matrix. */
    static FloatMatrix columns(FloatMatrix matrix, int[] kept) {
        FloatMatrix result = FloatMatrix.zeros(matrix.rows(), kept.length);
        for (int row = 0; row < matrix.rows(); row++) {
            for (int i = 0; i < kept.length; i++) {
                result.data()[result.offset(row) + i] = matrix.get(row, kept[i]);
            }
        }
        return result;
    }
}
