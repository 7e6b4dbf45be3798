package dev.lathe.packed;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ReadingWaysTest {
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
    private static int through(int reads, boolean stays) {
        ReadingWays ways = new ReadingWays(3);
        int through = 0;
        for (int read = 0; read < reads; read++) {
            boolean around = ways.isAround(1);
            boolean isCached = stays && through > 0;
            ways.ended(1, around ? 100 : isCached ? 50 : 300);
            through += around ? 0 : 1;
        }
        return through;
    }
}
