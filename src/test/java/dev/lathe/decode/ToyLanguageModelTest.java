package dev.lathe.decode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class ToyLanguageModelTest {
    private final ToyLanguageModel model = new ToyLanguageModel(7, 64, ToyLanguageModel.Law.hashed(3, 2, 1));

    @Test
    void aPathOfATreeGivesTheLogitsOfItsChain() {
        try (InferenceState tree = model.newState(64, CacheType.F32);
                InferenceState chain = model.newState(64, CacheType.F32)) {
            tree.forward(TokenBatch.noLogits(1, 2));
            FloatMatrix logits = tree.forward(TokenBatch.tree(new int[] {3, 4, 5, 6}, new int[] {-1, 0, 0, 1}));
            float[] leaf = logits.row(3);
            assertThrows(IllegalStateException.class, () -> tree.forward(TokenBatch.lastLogits(1)));
            assertTrue(Float.isNaN(logits.get(3, 0)), "logits of a past pass are gone");
            tree.keep(0, 1, 3);
            assertEquals(5, tree.length());
            assertArrayEquals(
                    leaf, chain.forward(TokenBatch.lastLogits(1, 2, 3, 4, 6)).row(0));
            assertArrayEquals(
                    tree.forward(TokenBatch.lastLogits(0)).row(0),
                    chain.forward(TokenBatch.lastLogits(0)).row(0));
        }
    }

    @Test
    void rewindAndRestoreLeaveTheTextAsIfEvaluatedFromTheStart() {
        try (InferenceState state = model.newState(64, CacheType.F32)) {
            float[] expected = state.forward(TokenBatch.lastLogits(1, 2, 3)).row(0);
            InferenceState.Snapshot snapshot = state.snapshot();
            state.rewind(1);
            assertArrayEquals(
                    expected, state.forward(TokenBatch.lastLogits(2, 3)).row(0));
            state.rewind(0);
            state.restore(snapshot);
            state.rewind(2);
            assertArrayEquals(expected, state.forward(TokenBatch.lastLogits(3)).row(0));
        }
    }
}
