package dev.lathe.spark;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** Seeds of rows: they depend on a row's key alone, not on its partition or on how often its task was tried. */
public final class RowSeeds {
    private static final long OFFSET = 0xcbf29ce484222325L;
    private static final long PRIME = 0x100000001b3L;

    private RowSeeds() {}

    /**
     * The seed of a row, to repeat it anywhere: the FNV-1a hash of the key's text in UTF-8, mixed with the seed of all.
     *
     * @param seed of the whole dataset
     * @param key what tells the row from others, such as a number or a name
     */
    public static long seed(long seed, Object key) {
        long hash = OFFSET;
        for (byte b : String.valueOf(key).getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xFF)) * PRIME;
        }
        return new SplittableRandom(seed ^ hash).nextLong();
    }
}
