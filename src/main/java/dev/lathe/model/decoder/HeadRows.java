package dev.lathe.model.decoder;

import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;

/** The rows of a state whose logits are wanted: normed one by one, then taken through the head together. */
final class HeadRows {
    private static final int KEPT_ROWS = 64; // room for more is given up when it is not needed

    private final DecoderModel model;
    private Activations normed; // [rows x hidden]
    private float[] logits = {}; // [rows x vocabulary]
    private int count;

    HeadRows(DecoderModel model) {
        this.model = model;
    }

    /** Makes room for so many rows, all of which are then to be set. */
    void reserve(int rows) {
        long size = (long) rows * model.vocabularySize();
        if (size > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(rows + " rows of logits for " + model.vocabularySize()
                    + " tokens are more than an array holds: want the logits of fewer rows at a time");
        }
        if (normed != null && normed.matrix().rows() > KEPT_ROWS && rows <= KEPT_ROWS) {
            clear();
        }
        if (normed == null || normed.matrix().rows() < rows) {
            normed = new Activations(
                    Math.max(1, rows), model.config().streamSizes().last());
        }
        if (logits.length < size) {
            logits = new float[0]; // not both at a time
            logits = new float[(int) size];
        }
        count = rows;
    }

    /** Gives the memory back. */
    void clear() {
        normed = null;
        logits = new float[0];
        count = 0;
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
