package dev.lathe.decode;

import dev.lathe.model.InferenceState;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.LayeredModel;
import dev.lathe.model.LayeredState;
import dev.lathe.model.SkippedParts;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The model drafts for itself with some of its parts left out, in its own state and on its own keys and values. What it
 * evaluated before the first part left out is where the verifying pass goes on.
 */
final class SelfDraft implements Draft {
    private final String name;
    private final IntFunction<SkippedParts> parts; // by number of layers

    SelfDraft(String name, IntFunction<SkippedParts> parts) {
        this.name = name;
        this.parts = parts;
    }

    @Override
    public String name() {
        return name;
    }

    /** A model always predicts something. */
    @Override
    public Draft orElse(Draft other) {
        return this;
    }

    @Override
    public void check(LanguageModel target) {
        if (!(target instanceof LayeredModel layered)) {
            throw new IllegalArgumentException(
                    "the draft \"" + name + "\" leaves out layers of the model, but this model"
                            + " cannot be evaluated layer by layer; draft with another model or with n-grams");
        }
        parts.apply(layered.layerCount()).check(layered.layerCount());
    }

    @Override
    public Draft.Run start(DecodingContext context) {
        return new Run(context, parts);
    }

    @Override
    public String toString() {
        return name;
    }

    private static final class Run implements Draft.Run {
        private final DecodingContext context;
        private final LayeredState state;
        private final SkippedParts skipped;
        private DraftTree tree;
        private TokenBatch batch; // the tree's nodes that the state holds
        private long passes;
        private long rows;

        Run(DecodingContext context, IntFunction<SkippedParts> parts) {
            this.context = context;
            this.state = (LayeredState) context.state();
            skipped = parts.apply(state.layerCount());
        }

        @Override
        public FloatMatrix predict(DraftTree tree, int... nodes) {
            rows += appendNodes(tree);
            passes++;
            int root = state.openRows() - tree.size();
            return state.preview(
                    skipped, Arrays.stream(nodes).map(node -> root + node).toArray());
        }

        @Override
        public FloatMatrix verify(InferenceState target, DraftTree tree) {
            appendNodes(tree);
            state.deepen(state.layerCount());
            return state.logits(IntStream.range(state.openRows() - tree.size(), state.openRows())
                    .toArray());
        }

        /** Makes the state hold all nodes: those not asked about too, so that rows are nodes. Returns how many came. */
        private int appendNodes(DraftTree newTree) {
            boolean grows = newTree == tree;
            if (!grows && state.length() >= context.length()) {
                state.rewind(context.length() - 1); // of the tree asked about, another one is to be verified
            }
            int held = grows ? batch.size() : 0;
            int added = newTree.size() - held;
            if (added > 0) {
                int[] tokens = IntStream.range(held, newTree.size())
                        .map(newTree::token)
                        .toArray();
                int[] parents = IntStream.range(held, newTree.size())
                        .map(newTree::parent)
                        .toArray();
                batch = grows ? batch.grow(tokens, parents) : TokenBatch.tree(tokens, parents);
                state.append(batch);
            }
            tree = newTree;
            return added;
        }

        @Override
        public long passes() {
            return passes;
        }

        @Override
        public long rows() {
            return rows;
        }

        @Override
        public void close() {}
    }
}
