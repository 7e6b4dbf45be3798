package dev.lathe.tensor.kernel;

import java.lang.foreign.MemorySegment;

/** Packs whole tiles of rows of one format. Thread-safe. */
public interface TilePacking {
    /**
     * Packs 64 rows.
     *
     * @param rows as they lie in a file, one after the other
     * @param rowBytes of one row
     * @param tile receives the tile; it need not be zeros
     * @return false if a number is not what it must be ({@link LaneBits#finite}, {@link LaneBits#rebased}); then the
     *     tile is of no use
     */
    boolean pack(MemorySegment rows, int rowBytes, MemorySegment tile);
}
