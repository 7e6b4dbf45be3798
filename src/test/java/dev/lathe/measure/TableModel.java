package dev.lathe.measure;

import dev.lathe.decode.ToyLanguageModel;
import dev.lathe.model.CacheType;
import dev.lathe.model.ForwardingModel;
import dev.lathe.model.ForwardingState;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import java.util.ArrayList;
import java.util.List;

/** A model whose logits are a function of the position and the token there alone, and which notes what it is fed. */
final class TableModel implements ForwardingModel {
    /** Logit of {@code next} after {@code token} at {@code position}. */
    interface Table {
        float logit(int position, int token, int next);
    }

    final List<List<Integer>> windowsSeen = new ArrayList<>();
    private final ToyLanguageModel model;

    TableModel(int vocabularySize, int contextLength, Table table) {
        model = new ToyLanguageModel(vocabularySize, contextLength, (path, row) -> {
            for (int next = 0; next < row.length; next++) {
                row[next] = table.logit(path.length - 1, path[path.length - 1], next);
            }
        });
    }

    @Override
    public LanguageModel inner() {
        return model;
    }

    @Override
    public InferenceState newState(int capacity, CacheType cacheType) {
        return new State(model.newState(capacity, cacheType), windowsSeen);
    }

    private record State(InferenceState inner, List<List<Integer>> windows) implements ForwardingState {
        @Override
        public FloatMatrix forward(TokenBatch batch) {
            for (int row = 0; row < batch.size(); row++) {
                windows.getLast().add(batch.token(row));
            }
            return inner.forward(batch);
        }

        @Override
        public void rewind(int length) {
            windows.add(new ArrayList<>());
            inner.rewind(length);
        }

        @Override
        public InferenceState fork() {
            throw new UnsupportedOperationException();
        }
    }
}
