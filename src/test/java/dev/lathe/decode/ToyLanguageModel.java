package dev.lathe.decode;

import dev.lathe.model.CacheType;
import dev.lathe.model.ContextFullException;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ObjLongConsumer;

/**
 * A model whose logits are a given law of the path's tokens, with every rule of {@link InferenceState} enforced: what a
 * strategy does wrong fails here. Logits of a past pass are overwritten with NaN at the next call.
 */
public final class ToyLanguageModel implements LanguageModel {
    private final int vocabularySize;
    private final int contextLength;
    private final Law law;
    private final AtomicLong passes = new AtomicLong();
    private final AtomicLong rows = new AtomicLong();
    private volatile Runnable beforePass = () -> {};
    private volatile boolean writesStates = true;

    public ToyLanguageModel(int vocabularySize, int contextLength, Law law) {
        this.vocabularySize = vocabularySize;
        this.contextLength = contextLength;
        this.law = law;
    }

    /** Logits after a path of tokens. */
    @FunctionalInterface
    public interface Law {
        void logits(int[] path, float[] row);

        /** Roughly normal logits of this spread, hashed from the last tokens. */
        static Law hashed(int order, float spread, long seed) {
            return (path, row) -> {
                long hash = seed;
                for (int i = Math.max(0, path.length - order); i < path.length; i++) {
                    hash = Double.doubleToLongBits(new Uniforms(hash).at(path[i]));
                }
                for (int token = 0; token < row.length; token++) {
                    Uniforms numbers = new Uniforms(hash + 31L * token);
                    double sum = 0;
                    for (int i = 0; i < 4; i++) {
                        sum += numbers.at(i) - 0.5;
                    }
                    row[token] = (float) (spread * sum * Math.sqrt(3));
                }
            };
        }

        /** Probabilities by the last token alone. */
        static Law bigram(double[][] probabilities) {
            return (path, row) -> {
                for (int token = 0; token < row.length; token++) {
                    row[token] = (float) StrictMath.log(probabilities[path[path.length - 1]][token]);
                }
            };
        }

        /** The token after t is t + 1, surely; the last is followed by 0. */
        static Law counting() {
            return (path, row) -> {
                Arrays.fill(row, 0);
                row[(path[path.length - 1] + 1) % row.length] = 50;
            };
        }
    }

    public long passes() {
        return passes.get();
    }

    public long rows() {
        return rows.get();
    }

    /** From now on states are not written, as those of a model that has no form of them. */
    public void refuseToWrite() {
        writesStates = false;
    }

    /** Does this at the beginning of each pass. */
    public void beforePass(Runnable action) {
        beforePass = action;
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
        if (capacity <= 0) {
            throw new IllegalArgumentException("capacity " + capacity);
        }
        return new State(capacity);
    }

    private record Saved(ToyLanguageModel model, List<Integer> tokens, List<Object> pages)
            implements InferenceState.Snapshot {
        @Override
        public int length() {
            return tokens.size();
        }

        @Override
        public long byteCount() {
            return 4L * tokens.size();
        }

        @Override
        public void write(WritableByteChannel target) throws IOException {
            if (!model.writesStates) {
                throw new UnsupportedOperationException("states of this model cannot be written");
            }
            ByteBuffer buffer = ByteBuffer.allocate(4 * (1 + tokens.size())).putInt(tokens.size());
            tokens.forEach(buffer::putInt);
            buffer.flip();
            while (buffer.hasRemaining()) {
                target.write(buffer);
            }
        }
    }

    private final class State implements InferenceState {
        private final int capacity;
        private List<Integer> tokens = new ArrayList<>();
        private List<Object> pages = new ArrayList<>();
        private int batchStart;
        private TokenBatch batch = TokenBatch.noLogits();
        private boolean unpruned;
        private boolean closed;
        private FloatMatrix logits = FloatMatrix.zeros(0, vocabularySize);

        State(int capacity) {
            this.capacity = capacity;
        }

        @Override
        public int capacity() {
            return capacity;
        }

        @Override
        public int length() {
            return tokens.size();
        }

        @Override
        public FloatMatrix forward(TokenBatch next) {
            beforePass.run();
            touch();
            int evaluated = next.evaluatedRows();
            if (evaluated > 0 && !next.isGrownFrom(batch)) {
                throw new IllegalArgumentException("grown from another batch");
            }
            if (unpruned && evaluated == 0) {
                throw new IllegalStateException("a pass after an unpruned tree");
            }
            if (tokens.size() + next.size() - evaluated > capacity) {
                throw new ContextFullException(tokens.size(), next.size() - evaluated, capacity);
            }
            int wanted = 0;
            for (int row = 0; row < next.size(); row++) {
                if (next.token(row) < 0 || next.token(row) >= vocabularySize) {
                    throw new IllegalArgumentException("token " + next.token(row));
                }
                wanted += next.logitsWanted(row) ? 1 : 0;
            }
            batchStart = tokens.size() - evaluated;
            batch = next;
            unpruned = !next.isChain();
            logits = FloatMatrix.zeros(wanted, vocabularySize);
            float[] values = new float[vocabularySize];
            for (int row = evaluated, out = 0; row < next.size(); row++) {
                tokens.add(next.token(row));
                if (next.logitsWanted(row)) {
                    law.logits(path(row), values);
                    System.arraycopy(values, 0, logits.data(), logits.offset(out++), vocabularySize);
                }
            }
            passes.incrementAndGet();
            rows.addAndGet(next.size() - evaluated);
            return logits;
        }

        private int[] path(int row) {
            List<Integer> reversed = new ArrayList<>();
            for (int node = row; node != TokenBatch.ROOT; node = batch.parent(node)) {
                reversed.add(batch.token(node));
            }
            List<Integer> path = new ArrayList<>(tokens.subList(0, batchStart));
            path.addAll(reversed.reversed());
            return path.stream().mapToInt(Integer::intValue).toArray();
        }

        @Override
        public void rewind(int length) {
            touch();
            if (length < 0 || length > tokens.size()) {
                throw new IllegalArgumentException("rewind to " + length + " of " + tokens.size());
            }
            if (unpruned && length > batchStart) {
                throw new IllegalStateException("rewind into an unpruned tree");
            }
            cut(length);
        }

        @Override
        public void keep(int... rows) {
            touch();
            int parent = TokenBatch.ROOT;
            List<Integer> kept = new ArrayList<>();
            for (int row : rows) {
                if (row < 0 || row >= batch.size() || batch.parent(row) != parent) {
                    throw new IllegalArgumentException("no path: " + Arrays.toString(rows));
                }
                kept.add(batch.token(row));
                parent = row;
            }
            cut(batchStart);
            tokens.addAll(kept);
        }

        private void cut(int length) {
            tokens = new ArrayList<>(tokens.subList(0, length));
            batch = TokenBatch.noLogits();
            batchStart = length;
            unpruned = false;
        }

        @Override
        public Snapshot snapshot() {
            touch();
            turnPages();
            return new Saved(ToyLanguageModel.this, List.copyOf(tokens), List.copyOf(pages));
        }

        @Override
        public InferenceState fork() {
            State fork = new State(capacity);
            fork.restore(snapshot());
            return fork;
        }

        @Override
        public void restore(Snapshot snapshot) {
            touch();
            if (!(snapshot instanceof Saved saved) || saved.model() != ToyLanguageModel.this) {
                throw new IllegalArgumentException("the snapshot comes from another model");
            }
            if (saved.length() > capacity) {
                throw new IllegalArgumentException("the snapshot does not fit");
            }
            tokens = new ArrayList<>(saved.tokens());
            pages = new ArrayList<>(saved.pages());
            cut(tokens.size());
        }

        @Override
        public void read(ReadableByteChannel source) throws IOException {
            touch();
            ByteBuffer count = filled(source, 4);
            ByteBuffer ids = filled(source, 4 * count.getInt());
            tokens = new ArrayList<>();
            while (ids.hasRemaining()) {
                tokens.add(ids.getInt());
            }
            cut(tokens.size());
        }

        private static ByteBuffer filled(ReadableByteChannel source, int bytes) throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(bytes);
            while (buffer.hasRemaining()) {
                if (source.read(buffer) < 0) {
                    throw new EOFException();
                }
            }
            return buffer.flip();
        }

        /** Pages of 8 positions of 4 bytes, which forks share. */
        @Override
        public void pages(ObjLongConsumer<Object> told) {
            turnPages();
            pages.forEach(page -> told.accept(page, 32));
        }

        private void turnPages() {
            int count = (tokens.size() + 7) / 8;
            while (pages.size() > count) {
                pages.removeLast();
            }
            while (pages.size() < count) {
                pages.add(new Object());
            }
        }

        @Override
        public void close() {
            closed = true;
        }

        private void touch() {
            if (closed) {
                throw new IllegalStateException("the state is closed");
            }
            Arrays.fill(logits.data(), Float.NaN);
        }
    }
}
