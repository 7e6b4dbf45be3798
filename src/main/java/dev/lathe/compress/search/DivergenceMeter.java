package dev.lathe.compress.search;

import dev.lathe.compress.LayerSweep;
import dev.lathe.gguf.TensorSource;
import dev.lathe.measure.LogSoftmax;
import dev.lathe.model.decoder.LayerwiseModel;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.util.List;

/**
 * By how much a model's predictions differ from those of the model as it was: the mean Kullback-Leibler divergence of its
 * distributions from the old ones, in nats a token, on rows spread evenly over the texts.
 */
final class DivergenceMeter {
    /** Rows whose logits are in memory at once. */
    private static final int ROWS = 64;

    private final TensorSource original;
    private final LayerwiseModel.Head head;
    private final List<FloatMatrix> last; // hidden rows after all layers
    private final int stride; // one row of so many is measured
    private final Workers workers;

    /**
     * A measure against a model.
     *
     * @param sequences what both models read
     * @param rows how many rows to measure on, about
     */
    DivergenceMeter(TensorSource original, List<int[]> sequences, int rows, Workers workers) throws IOException {
        this.original = original;
        this.workers = workers;
        last = hidden(original, sequences);
        head = head(original);
        int all = last.stream().mapToInt(FloatMatrix::rows).sum();
        stride = Math.max(1, (all + rows - 1) / rows);
    }

    /** The divergence when these hidden rows stand after a part of a layer, and all that follows is as it was. */
    double behind(Part part, List<FloatMatrix> hidden) throws IOException {
        boolean isBehindAttention = part.kind() == Part.Kind.ATTENTION;
        int layer = isBehindAttention ? part.layer() : part.layer() + 1;
        LayerSweep rest = LayerSweep.from(original, layer, isBehindAttention, hidden, workers);
        return of(head, rest.toEnd().hidden());
    }

    /** The divergence of another head on hidden rows after all layers. */
    double of(LayerwiseModel.Head other, List<FloatMatrix> hidden) {
        double sum = 0;
        long count = 0;
        for (int text = 0; text < hidden.size(); text++) {
            for (int from = 0; from < hidden.get(text).rows(); from += ROWS * stride) {
                FloatMatrix before = head.logits(piece(last.get(text), from));
                FloatMatrix after = other.logits(piece(hidden.get(text), from));
                double[] byRow = new double[before.rows()];
                workers.run(
                        byRow.length,
                        row -> byRow[row] = LogSoftmax.of(before, row).divergence(LogSoftmax.of(after, row)));
                for (double one : byRow) {
                    sum += one;
                }
                count += byRow.length;
            }
        }
        return sum / count;
    }

    private FloatMatrix piece(FloatMatrix matrix, int from) {
        int rows = Math.min(ROWS, (matrix.rows() - from + stride - 1) / stride);
        FloatMatrix piece = FloatMatrix.zeros(rows, matrix.columns());
        for (int row = 0; row < rows; row++) {
            System.arraycopy(
                    matrix.data(),
                    matrix.offset(from + row * stride),
                    piece.data(),
                    piece.offset(row),
                    matrix.columns());
        }
        return piece;
    }

    /** The divergence of a whole other model that reads the same sequences. */
    double ofModel(TensorSource other, List<int[]> sequences) throws IOException {
        return of(head(other), hidden(other, sequences));
    }

    private List<FloatMatrix> hidden(TensorSource model, List<int[]> sequences) throws IOException {
        return LayerSweep.of(model, sequences, workers).toEnd().hidden();
    }

    private LayerwiseModel.Head head(TensorSource model) throws IOException {
        return LayerwiseModel.of(model, workers).head();
    }
}
