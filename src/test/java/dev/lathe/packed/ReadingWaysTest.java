package dev.lathe.packed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ReadingWaysTest {
    private static final int LAYER = 1;
    private static final long LAYER_BYTES = 1000;

    private final ReadingWays ways = new ReadingWays(10, LAYER_BYTES, 10);

    @Test
    void aFileThatStaysInThePageCacheIsReadThroughIt() {
        // Through the cache: slow once, then fast. Around it: always the same.
        assertEquals(1000 - 1 - 11, through(1000, true));
    }

    @Test
    void aFileThatNeverStaysIsReadAroundThePageCache() {
        assertEquals(2 + 11, through(1000, false));
    }

    /** How many of so many reads of a layer go through the cache; 11 of them are trials of the slower way. */
    private int through(int reads, boolean stays) {
        int through = 0;
        for (int read = 0; read < reads; read++) {
            boolean isCached = stays && through > 0;
            through += read(LAYER_BYTES, isCached ? 50 : 300, 100) ? 0 : 1;
        }
        return through;
    }

    /** Reads some bytes, which takes so long through the cache or around it; whether it went around. */
    private boolean read(long bytes, long throughNanos, long aroundNanos) {
        boolean around = ways.isAround(LAYER);
        ways.ended(LAYER, around, bytes, around ? aroundNanos : throughNanos);
        return around;
    }

    @Test
    void manyReadsOfALayerAreARound() {
        for (int round = 0; round < 8; round++) {
            for (int part = 0; part < 10; part++) {
                assertEquals(round == 1, read(LAYER_BYTES / 10, 5, 5), "round " + round);
            }
        }
        assertTrue(ways.isAround(LAYER), "the slower way is tried again");
        assertFalse(ways.isAround(0), "another layer");
    }

    @Test
    void aTrialOfAMuchSlowerWayEndsWhenItTookLongerThanARound() {
        int around = 0;
        for (int read = 0; read < 100 * 100; read++) {
            around += read(LAYER_BYTES / 100, 1, 30) ? 1 : 0;
        }
        assertEquals(5 * 4, around, "reads of five trials, each of more than the 100 ns that a round takes");
    }

    @Test
    void oneSlowReadIsForgottenSoon() {
        for (int read = 0; read < 50; read++) {
            read(LAYER_BYTES, 50, 100);
        }
        read(LAYER_BYTES, 1000, 100);
        int around = 0;
        for (int read = 0; read < 50; read++) {
            around += read(LAYER_BYTES, 50, 100) ? 1 : 0;
        }
        assertTrue(around >= 1 && around <= 9, around + " reads went around the cache: a few, and trials");
    }

    @Test
    void whatBeganInAnotherRoundTellsNothing() {
        read(LAYER_BYTES, 50, 100);
        assertTrue(ways.isAround(LAYER));
        ways.ended(LAYER, false, LAYER_BYTES, 1);
        assertTrue(ways.isAround(LAYER), "the round around the cache goes on");
    }
}
