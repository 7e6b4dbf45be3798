package dev.lathe.decode;

import dev.lathe.model.InferenceState;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import java.util.Arrays;
import java.util.function.Consumer;

/** A model with its rows of logits changed: a draft as bad as wanted, at every place of a real text. */
public final class ChangedModel extends InterceptedModel {
    private final Consumer<float[]> change;

    private ChangedModel(LanguageModel model, Consumer<float[]> change) {
        super(model);
        this.change = change;
    }

    /** Every token has the logit of its neighbour. */
    public static LanguageModel shuffled(LanguageModel model) {
        return new ChangedModel(model, row -> {
            float last = row[row.length - 1];
            System.arraycopy(row, 0, row, 1, row.length - 1);
            row[0] = last;
        });
    }

    /** The least probable token is the most probable. */
    public static LanguageModel adversarial(LanguageModel model) {
        return new ChangedModel(model, row -> {
            for (int token = 0; token < row.length; token++) {
                row[token] = -row[token];
            }
        });
    }

    @Override
    protected FloatMatrix forward(InferenceState state, TokenBatch batch) {
        FloatMatrix logits = state.forward(batch);
        for (int row = 0; row < logits.rows(); row++) {
            int offset = logits.offset(row);
            float[] values = Arrays.copyOfRange(logits.data(), offset, offset + logits.columns());
            change.accept(values);
            System.arraycopy(values, 0, logits.data(), offset, values.length);
        }
        return logits;
    }
}
