package dev.lathe.model.decoder;

import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A state with the tokens that it should hold. */
record PagedText(InferenceState state, List<Integer> tokens) {
    static final int CAPACITY = 400;

    static PagedText empty(DecoderModel model, CacheType type) {
        return new PagedText(model.newState(CAPACITY, type), new ArrayList<>());
    }

    PagedText fork() {
        return new PagedText(state.fork(), new ArrayList<>(tokens));
    }

    /** Forgets what comes after a random position. */
    void rewind(Random random) {
        int length = random.nextInt(tokens.size() + 1);
        state.rewind(length);
        tokens.subList(length, tokens.size()).clear();
    }

    void restore(InferenceState.Snapshot snapshot, List<Integer> saved) {
        state.restore(snapshot);
        tokens.clear();
        tokens.addAll(saved);
    }

    /** Evaluates a tree of three tokens and keeps the second of its two paths. */
    void keepOneOfTwo(int... tree) {
        state.forward(TokenBatch.tree(tree, new int[] {-1, -1, 1}));
        state.keep(1, 2);
        tokens.add(tree[1]);
        tokens.add(tree[2]);
    }

    int[] array() {
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Logits after some tokens in a new state. */
    static float[] fresh(DecoderModel model, CacheType type, int... tokens) {
        try (InferenceState state = model.newState(CAPACITY, type)) {
            return state.forward(TokenBatch.lastLogits(tokens)).row(0);
        }
    }
}
