package dev.lathe;

import dev.lathe.decode.PrefixTree;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Models without weights that answer by a script, with the tokenizer of the model in the repository and a chat template.
 * What they answer depends on the prompt alone, so tests know it beforehand.
 */
public final class ScriptedModels {
    private static final String ANSWER = "[answer]";
    private static final float HIGHEST = 100;
    private static final String TEMPLATE =
            "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}" + ANSWER;

    private ScriptedModels() {}

    /**
     * A model that answers what the first key says that its prompt contains: the first of the answers that the request
     * allows.
     *
     * @param repository the folder of the repository
     */
    public static Model load(Path repository, int contextLength, Map<String, List<String>> script) throws IOException {
        return load(repository, contextLength, script, () -> {});
    }

    /**
     * As {@link #load(Path, int, Map)}, with something to be done before each pass: a test that waits there has the
     * model wait.
     */
    public static Model load(Path repository, int contextLength, Map<String, List<String>> script, Runnable beforePass)
            throws IOException {
        Model real = Model.load(repository.resolve("examples/models/lathe-java-f16.gguf"), new LoadOptions(1));
        return new Model(
                new Scripted(real.tokenizer(), contextLength, script, beforePass),
                real.tokenizer(),
                real.metadata().toBuilder()
                        .string("tokenizer.chat_template", TEMPLATE)
                        .build(),
                null,
                Optional.empty(),
                real.loadReport(),
                Optional::empty,
                Optional::empty,
                new PrefixTree(0),
                real::close);
    }

    private record Scripted(
            Tokenizer tokenizer, int contextLength, Map<String, List<String>> script, Runnable beforePass)
            implements LanguageModel {
        @Override
        public int vocabularySize() {
            return tokenizer.vocabularySize();
        }

        @Override
        public InferenceState newState(int capacity, CacheType cacheType) {
            return new State(this, capacity);
        }

        /** Puts the logits of the next token: the sooner an answer is listed, the higher its logit. */
        void putNext(float[] logits, int offset, int... tokens) {
            String text = tokenizer.decode(tokens);
            int asked = text.lastIndexOf(ANSWER);
            int end = asked < 0 ? text.length() : asked + ANSWER.length();
            String prompt = text.substring(0, end);
            String said = text.substring(end);
            List<String> answers = script.entrySet().stream()
                    .filter(entry -> prompt.contains(entry.getKey()))
                    .findFirst()
                    .orElseThrow()
                    .getValue();
            float logit = HIGHEST;
            for (String answer : answers) {
                if (answer.startsWith(said)) {
                    logits[offset + next(answer.substring(said.length()))] = logit;
                }
                logit -= 40; // far enough that no temperature changes the order
            }
        }

        private int next(String rest) {
            return rest.isEmpty() ? tokenizer.eos().orElseThrow() : tokenizer.encode(rest, false, false)[0];
        }
    }

    private static final class State implements InferenceState {
        private final Scripted model;
        private final int capacity;
        private int[] tokens = {};

        State(Scripted model, int capacity) {
            this.model = model;
            this.capacity = capacity;
        }

        @Override
        public int capacity() {
            return capacity;
        }

        @Override
        public int length() {
            return tokens.length;
        }

        @Override
        public FloatMatrix forward(TokenBatch batch) {
            model.beforePass.run();
            FloatMatrix logits = FloatMatrix.zeros(batch.size(), model.vocabularySize());
            int rows = 0;
            for (int row = 0; row < batch.size(); row++) {
                tokens = Arrays.copyOf(tokens, tokens.length + 1);
                tokens[tokens.length - 1] = batch.token(row);
                if (batch.logitsWanted(row)) {
                    model.putNext(logits.data(), logits.offset(rows++), tokens);
                }
            }
            int size = rows * model.vocabularySize();
            return new FloatMatrix(Arrays.copyOf(logits.data(), size), rows, model.vocabularySize());
        }

        @Override
        public void rewind(int length) {
            tokens = Arrays.copyOf(tokens, length);
        }

        @Override
        public void keep(int... rows) {
            throw new UnsupportedOperationException("no trees");
        }

        @Override
        public Snapshot snapshot() {
            throw new UnsupportedOperationException("no snapshots");
        }

        @Override
        public void restore(Snapshot snapshot) {
            throw new UnsupportedOperationException("no snapshots");
        }

        @Override
        public InferenceState fork() {
            State fork = new State(model, capacity);
            fork.tokens = tokens.clone();
            return fork;
        }

        @Override
        public void close() {}
    }
}
