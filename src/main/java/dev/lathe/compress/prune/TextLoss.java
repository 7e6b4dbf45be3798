package dev.lathe.compress.prune;

import dev.lathe.compress.LayerSweep;
import dev.lathe.compress.ModelEdit;
import dev.lathe.measure.LogSoftmax;
import dev.lathe.model.decoder.LayerwiseModel;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** How well a model in the making predicts texts; one layer is in memory at a time. */
final class TextLoss {
    private static final int ROWS = 64; // whose logits are in memory at once

    private TextLoss() {}

    /** The mean negative log likelihood of all tokens but the first of each text, in nats. */
    static double of(ModelEdit model, List<int[]> texts, Workers workers) throws IOException {
        List<FloatMatrix> hidden = LayerSweep.of(model, texts, workers).toEnd().hidden();
        LayerwiseModel.Head head = LayerwiseModel.of(model, workers).head();
        double sum = 0;
        long tokens = 0;
        for (int i = 0; i < hidden.size(); i++) {
            int predicted = texts.get(i).length - 1;
            for (int from = 0; from < predicted; from += ROWS) {
                int to = Math.min(predicted, from + ROWS);
                FloatMatrix logits = head.logits(rows(hidden.get(i), from, to));
                for (int row = from; row < to; row++) {
                    sum -= LogSoftmax.of(logits, row - from).of(texts.get(i)[row + 1]);
                }
            }
            tokens += predicted;
        }
        return sum / tokens;
    }

    private static FloatMatrix rows(FloatMatrix matrix, int from, int to) {
        float[] data = Arrays.copyOfRange(matrix.data(), matrix.offset(from), matrix.offset(to));
        return new FloatMatrix(data, to - from, matrix.columns());
    }
}
