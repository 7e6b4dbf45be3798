package dev.lathe.compress.search;

import dev.lathe.measure.LogSoftmax;
import dev.lathe.model.ActivationObserver;
import dev.lathe.model.LayerwiseModel;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.util.List;

/**
 * By how much a model's predictions differ from those of the model as it was: the mean Kullback-Leibler divergence of its
 * distributions from the old ones, in nats a token.
 */
final class Impairment {
    /** Rows whose logits are in memory at once. */
    private static final int ROWS = 64;

    private final LayerwiseModel original;
    private final LayerwiseModel.Head head;
    private final List<FloatMatrix> last; // hidden rows after all layers
    private final int layers;

    /**
     * A measure against a model.
     *
     * @param last its hidden rows after all layers, of each text
     */
    Impairment(LayerwiseModel original, List<FloatMatrix> last) throws IOException {
        this.original = original;
        this.last = last;
        head = original.head();
        layers = original.config().layers().size();
    }

    /** The divergence when these hidden rows stand after a layer's attention, and all that follows is as it was. */
    double afterAttention(int layer, List<FloatMatrix> hidden) throws IOException {
        LayerwiseModel.Layer block = original.layer(layer);
        return afterLayer(
                layer,
                hidden.stream()
                        .map(text -> block.runFeedForward(text, ActivationObserver.NONE))
                        .toList());
    }

    /** The divergence when these hidden rows stand after a layer, and all that follows is as it was. */
    double afterLayer(int layer, List<FloatMatrix> hidden) throws IOException {
        List<FloatMatrix> rows = hidden;
        for (int next = layer + 1; next < layers; next++) {
            LayerwiseModel.Layer block = original.layer(next);
            rows = rows.stream()
                    .map(text -> block.run(text, ActivationObserver.NONE))
                    .toList();
        }
        return of(head, rows);
    }

    /** The divergence of another head on hidden rows after all layers. */
    double of(LayerwiseModel.Head other, List<FloatMatrix> hidden) {
        double sum = 0;
        long count = 0;
        for (int text = 0; text < hidden.size(); text++) {
            for (int from = 0; from < hidden.get(text).rows(); from += ROWS) {
                FloatMatrix before = head.logits(piece(last.get(text), from));
                FloatMatrix after = other.logits(piece(hidden.get(text), from));
                for (int row = 0; row < before.rows(); row++) {
                    sum += LogSoftmax.of(before, row).divergence(LogSoftmax.of(after, row));
                }
                count += before.rows();
            }
        }
        return sum / count;
    }

    private static FloatMatrix piece(FloatMatrix matrix, int from) {
        int rows = Math.min(ROWS, matrix.rows() - from);
        FloatMatrix piece = FloatMatrix.zeros(rows, matrix.columns());
        System.arraycopy(matrix.data(), matrix.offset(from), piece.data(), 0, rows * matrix.columns());
        return piece;
    }

    /** The divergence of a whole other model that reads the same texts. */
    double ofModel(LayerwiseModel other, List<int[]> texts) throws IOException {
        return of(other.head(), hidden(other, texts));
    }

    /** Hidden rows of texts after all layers of a model. */
    static List<FloatMatrix> hidden(LayerwiseModel model, List<int[]> texts) throws IOException {
        List<FloatMatrix> hidden = model.embed(texts);
        for (int layer = 0; layer < model.config().layers().size(); layer++) {
            LayerwiseModel.Layer block = model.layer(layer);
            hidden.replaceAll(text -> block.run(text, ActivationObserver.NONE));
        }
        return hidden;
    }
}
