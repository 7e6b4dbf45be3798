package dev.lathe.measure;

import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import java.util.ArrayList;
import java.util.List;

/** A model whose logits are a function of the position and the token there alone, and which notes what it is fed. */
final class TableModel implements LanguageModel {
    /** Logit of {@code next} after {@code token} at {@code position}. */
    interface Table {
        float logit(int position, int token, int next);
    }

    final List<List<Integer>> windowsSeen = new ArrayList<>();
    private final int vocabularySize;
    private final int contextLength;
    private final Table table;

    TableModel(int vocabularySize, int contextLength, Table table) {
        this.vocabularySize = vocabularySize;
        this.contextLength = contextLength;
        this.table = table;
    }

    @Override
    public int vocabularySize() {
        return vocabularySize;
    }

    @Override
    public int contextLength() {
        return contextLength;
    }

    @Override
    public InferenceState newState(int capacity, CacheType cacheType) {
        return new State(capacity);
    }

    private final class State implements InferenceState {
        private final int capacity;
        private List<Integer> held = new ArrayList<>();

        State(int capacity) {
            this.capacity = capacity;
        }

        @Override
        public int capacity() {
            return capacity;
        }

        @Override
        public int length() {
            return held.size();
        }

        @Override
        public FloatMatrix forward(TokenBatch batch) {
            int wanted = 0;
            float[] logits = new float[batch.size() * vocabularySize];
            for (int row = 0; row < batch.size(); row++) {
                held.add(batch.token(row));
                if (batch.logitsWanted(row)) {
                    for (int next = 0; next < vocabularySize; next++) {
                        logits[wanted * vocabularySize + next] = table.logit(held.size() - 1, batch.token(row), next);
                    }
                    wanted++;
                }
            }
            return new FloatMatrix(logits, wanted, vocabularySize);
        }

        @Override
        public void rewind(int length) {
            held = new ArrayList<>();
            windowsSeen.add(held);
        }

        @Override
        public void keep(int... rows) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Snapshot snapshot() {
            throw new UnsupportedOperationException();
        }

        @Override
        public InferenceState fork() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void restore(Snapshot snapshot) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
