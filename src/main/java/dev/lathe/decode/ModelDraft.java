package dev.lathe.decode;

import dev.lathe.model.InferenceState;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Objects;
import java.util.concurrent.CancellationException;

/**
 * Drafts with another model, in a state of its own that follows the text and stays with it: of a prompt, what is new is
 * evaluated when the draft is first asked, rows of drafts that were committed are kept, the others forgotten, and
 * tokens it has not seen are evaluated with the next draft's root.
 */
final class ModelDraft implements Draft {
    private final LanguageModel model;

    ModelDraft(LanguageModel model) {
        this.model = Objects.requireNonNull(model, "model");
    }

    @Override
    public String name() {
        return "model";
    }

    @Override
    public void check(LanguageModel target) {
        if (model.vocabularySize() != target.vocabularySize()) {
            throw new IllegalArgumentException(
                    "the draft's vocabulary has " + model.vocabularySize() + " tokens, the model's "
                            + target.vocabularySize() + ": choose a draft with the model's tokenizer");
        }
        long ours = model.vocabularyFingerprint();
        long theirs = target.vocabularyFingerprint();
        if (ours != theirs && ours != 0 && theirs != 0) {
            throw new IllegalArgumentException(
                    "the draft's vocabulary and the model's both have " + model.vocabularySize()
                            + " tokens, but not the same ones: choose a draft with the model's tokenizer");
        }
    }

    @Override
    public Draft.Run start(DecodingContext context) {
        return new Run(model, context);
    }

    @Override
    public String toString() {
        return name();
    }

    private static final class Run implements Draft.Run {
        private static final int NOT_EVALUATED = -1;
        private final DecodingContext context;
        private final LanguageModel model;
        private final EvaluatedText text; // what the state held when the prompt was evaluated
        private final InferenceState state;
        private final int vocabularySize;
        private DraftTree tree;
        private int[] rows = {}; // [tree node] row of the state's open batch, or NOT_EVALUATED
        private TokenBatch batch; // the rows after `committed` positions; null if nothing was evaluated for this tree
        private boolean promptEvaluated;
        private int committed;
        private long passCount;
        private long rowCount;

        Run(LanguageModel model, DecodingContext context) {
            this.context = context;
            this.model = model;
            this.vocabularySize = model.vocabularySize();
            this.text = context.takeDraftText(model);
            this.state = text.state();
            if (fits(prompt())) {
                text.reuse(prompt());
            } else {
                text.truncate(0);
            }
        }

        /** But for what is pending: a first tree's root. */
        private int[] prompt() {
            return Arrays.copyOf(context.tokens(), Math.min(context.promptLength(), context.length() - 1));
        }

        private boolean fits(int[] prompt) {
            return prompt.length > 0 && prompt.length <= state.capacity();
        }

        /**
         * Evaluates what is new of the prompt. Where the generation is cancelled meanwhile, the step under way ends without
         * a token: without a draft, verification by rejection would choose another one.
         */
        private void evaluatePrompt() {
            int[] prompt = prompt();
            int held = text.length();
            promptEvaluated = !fits(prompt)
                    || held == prompt.length
                    || text.evaluate(prompt, context::isCancelled, context::isCancelled, (done, all) -> passCount++)
                            != null;
            rowCount += text.length() - held;
            if (!promptEvaluated) {
                throw new CancellationException("the generation was cancelled while its draft evaluated the prompt");
            }
        }

        @Override
        public FloatMatrix predict(DraftTree asked, int... nodes) {
            follow(asked);
            if (!promptEvaluated) {
                context.asPromptTime(this::evaluatePrompt);
            }
            int[] missing = missingNodes(nodes);
            int newRows = missing.length + (batch == null ? context.length() - state.length() : 0);
            if (newRows > state.capacity() - state.length()) {
                return nothing(nodes.length); // the text has outgrown the draft's context
            }
            FloatMatrix logits = batch == null ? evaluateRoot() : null;
            return missing.length == 0 ? logits : evaluate(missing, nodes.length);
        }

        /** The prompt not counted, as its time is not. */
        @Override
        public int missingRows(DraftTree asked, int node) {
            follow(asked);
            int held = Math.max(state.length(), Math.min(context.promptLength(), context.length() - 1));
            return missingNodes(node).length + (batch == null ? context.length() - held : 0);
        }

        private void follow(DraftTree asked) {
            if (asked != tree) {
                forgetTree();
                tree = asked;
            }
        }

        /** Keeps of the last tree the path that was committed. */
        private void forgetTree() {
            if (batch != null) {
                int[] path = new int[batch.size()];
                int depth = 0;
                int parent = TokenBatch.ROOT;
                for (int row = 0; row < batch.size() && committed + depth < context.length() - 1; row++) {
                    if (batch.parent(row) == parent && batch.token(row) == context.token(committed + depth)) {
                        path[depth++] = row;
                        parent = row;
                    }
                }
                state.keep(Arrays.copyOf(path, depth));
                batch = null;
            }
        }

        /** The nodes and their ancestors, short of the root, as far as they were not evaluated; ascending. */
        private int[] missingNodes(int... nodes) {
            int known = batch == null ? 0 : rows.length;
            rows = Arrays.copyOf(rows, tree.size());
            Arrays.fill(rows, known, rows.length, NOT_EVALUATED);
            BitSet missing = new BitSet();
            for (int node : nodes) {
                for (int at = node; at > 0 && rows[at] == NOT_EVALUATED; at = tree.parent(at)) {
                    missing.set(at);
                }
            }
            return missing.stream().toArray();
        }

        /** Evaluates what is missing of the text; logits of the root. */
        private FloatMatrix evaluateRoot() {
            committed = state.length();
            int[] tokens = new int[context.length() - committed];
            Arrays.setAll(tokens, i -> context.token(committed + i));
            batch = TokenBatch.lastLogits(tokens);
            rows[0] = tokens.length - 1;
            return forward(tokens.length);
        }

        /** Evaluates nodes, parents first; logits of the last {@code wanted} of them. */
        private FloatMatrix evaluate(int[] nodes, int wanted) {
            int[] tokens = new int[nodes.length];
            int[] parents = new int[nodes.length];
            for (int i = 0; i < nodes.length; i++) {
                tokens[i] = tree.token(nodes[i]);
                parents[i] = rows[tree.parent(nodes[i])];
                rows[nodes[i]] = batch.size() + i;
            }
            batch = batch.grow(tokens, parents);
            FloatMatrix logits = forward(nodes.length);
            return wanted == nodes.length ? logits : lastRows(logits, wanted);
        }

        private FloatMatrix forward(int newRows) {
            passCount++;
            rowCount += newRows;
            return state.forward(batch);
        }

        private FloatMatrix lastRows(FloatMatrix logits, int count) {
            int from = logits.offset(logits.rows() - count);
            return new FloatMatrix(
                    Arrays.copyOfRange(logits.data(), from, from + count * vocabularySize), count, vocabularySize);
        }

        private FloatMatrix nothing(int count) {
            FloatMatrix none = FloatMatrix.zeros(count, vocabularySize);
            Arrays.fill(none.data(), Float.NEGATIVE_INFINITY);
            return none;
        }

        @Override
        public long passes() {
            return passCount;
        }

        @Override
        public long rows() {
            return rowCount;
        }

        /** Leaves the state to the next generation of the text, with what surely holds of it. */
        @Override
        public void close() {
            int held = Math.min(batch == null ? state.length() : committed, context.length());
            text.hold(Arrays.copyOf(context.tokens(), held));
            context.leaveDraftText(model, text);
        }
    }
}
