package dev.lathe.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TokenBatchTest {
    @Test
    void aGrownBatchKnowsWhatItWasGrownFrom() {
        TokenBatch first = TokenBatch.lastLogits(5, 6);
        TokenBatch grown = first.grow(new int[] {7, 8}, new int[] {0, 1});
        assertTrue(grown.isGrownFrom(first));
        assertFalse(grown.isGrownFrom(TokenBatch.lastLogits(5, 6)));
        assertFalse(first.isGrownFrom(first));
        assertFalse(grown.isGrownFrom(grown));
        assertFalse(first.isGrownFrom(null));
        assertEquals(2, grown.evaluatedRows());
        assertEquals(0, first.evaluatedRows());
        assertArrayEquals(
                new int[] {5, 6, 7, 8}, IntStream.range(0, 4).map(grown::token).toArray());
        assertArrayEquals(
                new int[] {-1, 0, 0, 1},
                IntStream.range(0, 4).map(grown::parent).toArray());
    }

    @Test
    void rowsWithoutAnEarlierParentAreRefused() {
        TokenBatch first = TokenBatch.lastLogits(5, 6);
        assertThrows(IllegalArgumentException.class, () -> first.grow(new int[] {1}, new int[] {2}));
        assertThrows(IllegalArgumentException.class, () -> first.grow(new int[] {1}, new int[] {-2}));
        assertThrows(IllegalArgumentException.class, () -> first.grow(new int[] {1}, new int[] {0, 1}));
    }

    /** A batch grown n times holds its rows once, not those of all batches before it. */
    @Test
    void aGrownBatchDoesNotHoldTheBatchesItWasGrownFrom() throws InterruptedException {
        TokenBatch batch = TokenBatch.lastLogits(1);
        WeakReference<TokenBatch> first = new WeakReference<>(batch);
        for (int i = 0; i < 3; i++) {
            batch = batch.grow(new int[] {2}, new int[] {0});
        }
        for (int attempt = 0; attempt < 100 && first.get() != null; attempt++) {
            System.gc();
            Thread.sleep(10);
        }
        assertTrue(first.get() == null, "the first of " + batch.size() + " batches is still reachable");
    }
}
