package dev.lathe.model.decoder;

import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;

/** Zeros in place of what is below a threshold: products do without the weights that meet them. */
final class SmallElements {
    private SmallElements() {}

    /** Of the first rows of activations, which are then announced anew. */
    static void drop(Activations activations, int rows, float threshold, Workers workers) {
        if (threshold > 0) {
            FloatMatrix matrix = activations.matrix();
            dropWhere(new FloatMatrix(matrix.data(), rows, matrix.columns()), threshold, matrix, workers);
            activations.set(rows);
        }
    }

    /** Elements of the target where those of other rows of the same shape are small. */
    static void dropWhere(FloatMatrix rows, float threshold, FloatMatrix target, Workers workers) {
        if (threshold > 0) {
            RowLoop.run(workers, rows.rows(), rows.columns(), row -> {
                float[] data = rows.data();
                for (int i = rows.offset(row); i < rows.offset(row) + rows.columns(); i++) {
                    target.data()[i] = Math.abs(data[i]) < threshold ? 0f : target.data()[i];
                }
            });
        }
    }
}
