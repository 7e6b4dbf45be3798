package dev.lathe.model.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.model.CacheType;
import dev.lathe.model.ContextFullException;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.Test;

@OnEveryKernelSet
class DecoderStateTest {
    private final DecoderModel model = RandomModels.of(11, Workers.single(), KernelChoice.best());
    private final InferenceState state = model.newState(8, CacheType.F32);

    @Test
    void refusesMoreThanItsCapacityAndStaysUnchanged() {
        state.forward(TokenBatch.noLogits(1, 2, 3, 4, 5));
        ContextFullException full =
                assertThrows(ContextFullException.class, () -> state.forward(TokenBatch.noLogits(1, 2, 3, 4)));
        assertTrue(full.getMessage().contains("5 positions held, 4 more"), full.getMessage());
        assertEquals(5, state.length());
        state.forward(TokenBatch.lastLogits(6, 7, 8));
        assertEquals(8, state.length());
    }

    @Test
    void refusesTokensOutsideOfTheVocabularyAndStaysUnchanged() {
        int outside = model.vocabularySize();
        assertThrows(IllegalArgumentException.class, () -> state.forward(TokenBatch.lastLogits(1, outside)));
        assertThrows(IllegalArgumentException.class, () -> state.forward(TokenBatch.lastLogits(-1)));
        assertEquals(0, state.length());
    }

    @Test
    void refusesToGoOnAfterAnUnprunedTree() {
        state.forward(TokenBatch.lastLogits(1));
        state.forward(TokenBatch.tree(new int[] {2, 3, 4}, new int[] {-1, -1, 1}));
        assertEquals(4, state.length());
        assertThrows(IllegalStateException.class, () -> state.forward(TokenBatch.lastLogits(5)));
        assertThrows(IllegalStateException.class, state::snapshot);
        assertThrows(IllegalArgumentException.class, () -> state.keep(0, 2));
        assertThrows(IllegalArgumentException.class, () -> state.keep(2));
        assertThrows(IllegalArgumentException.class, () -> state.rewind(3));
        state.keep(1, 2);
        assertEquals(3, state.length());
        assertThrows(IllegalStateException.class, () -> state.keep(0));
        state.forward(TokenBatch.lastLogits(5));
    }

    @Test
    void rewindsIntoATreeOnlyWhereItsRowsAreAPath() {
        state.forward(TokenBatch.tree(new int[] {1, 2, 3}, new int[] {-1, 0, 0}));
        state.rewind(2);
        float[] logits = state.forward(TokenBatch.lastLogits(4)).row(0);
        InferenceState plain = model.newState(8, CacheType.F32);
        assertArrayEquals(plain.forward(TokenBatch.lastLogits(1, 2, 4)).row(0), logits);
    }

    @Test
    void rewindsOnlyToWhatItHolds() {
        state.forward(TokenBatch.noLogits(1, 2));
        assertThrows(IllegalArgumentException.class, () -> state.rewind(3));
        assertThrows(IllegalArgumentException.class, () -> state.rewind(-1));
        state.rewind(0);
        assertEquals(0, state.length());
    }

    @Test
    void returnsOnlyTheLogitsThatAreWanted() {
        assertEquals(0, state.forward(TokenBatch.noLogits(1, 2)).rows());
        assertEquals(1, state.forward(TokenBatch.lastLogits(3, 4)).rows());
        assertEquals(2, state.forward(TokenBatch.allLogits(5, 6)).rows());
        assertEquals(0, state.forward(TokenBatch.allLogits()).rows());
        assertEquals(6, state.length());
    }

    @Test
    void cannotBeUsedAfterItOrItsModelIsClosed() {
        InferenceState closed = model.newState(8, CacheType.F16);
        closed.close();
        assertThrows(IllegalStateException.class, () -> closed.forward(TokenBatch.lastLogits(1)));
        model.close();
        assertThrows(IllegalStateException.class, () -> state.forward(TokenBatch.lastLogits(1)));
        assertThrows(IllegalStateException.class, () -> model.newState(8, CacheType.F32));
    }

    /** Memory and files end under a pass that runs when its model is closed. */
    @Test
    void whateverEndsWhenTheModelIsClosedMeanwhileSaysSo() {
        for (RuntimeException end : List.of(
                new IllegalStateException("Already closed"),
                new UncheckedIOException(new IOException("Stream closed")))) {
            DecoderModel closed = RandomModels.of(11, Workers.single(), KernelChoice.best());
            assertSame(
                    end,
                    assertThrows(
                            end.getClass(),
                            () -> closed.whileOpen(() -> {
                                throw end;
                            })));
            IllegalStateException thrown = assertThrows(
                    IllegalStateException.class,
                    () -> closed.whileOpen(() -> {
                        closed.close();
                        throw end;
                    }));
            assertEquals("the model is closed", thrown.getMessage());
            assertSame(end, thrown.getCause());
        }
    }

    @Test
    void needsAPositiveCapacity() {
        assertThrows(IllegalArgumentException.class, () -> model.newState(0, CacheType.F32));
    }
}
