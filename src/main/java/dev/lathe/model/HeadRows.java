package dev.lathe.model;

import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;

/** The rows of a state whose logits are wanted: normed one by one, then taken through the head together. */
final class HeadRows {
    private final DecoderModel model;
    private Activations normed; // [rows x hidden]
    private float[] logits = {}; // [rows x vocabulary]
    private int count;

    HeadRows(DecoderModel model) {
        this.model = model;
    }

    /** Makes room for so many rows, all of which are then to be set. */
    void reserve(int rows) {
        if (normed == null || normed.matrix().rows() < rows) {
            normed = new Activations(
                    Math.max(1, rows), model.config().streamSizes().last());
        }
        if (logits.length < (long) rows * model.vocabularySize()) {
            logits = new float[Math.multiplyExact(rows, model.vocabularySize())];
        }
        count = rows;
    }

    /** Norms row {@code from} of the residual stream for row {@code target} of the logits. */
    void set(int target, FloatMatrix hidden, int from) {
        model.norm(hidden, from, normed.matrix(), target);
    }

    /** Logits [rows x vocabulary]; valid until rows are reserved again. */
    FloatMatrix logits() {
        FloatMatrix result = new FloatMatrix(logits, count, model.vocabularySize());
        if (count > 0) {
            normed.set(count);
            model.logits(normed, result);
        }
        return result;
    }
}
