package dev.lathe.tensor.kernel;

/**
 * Unpacks tiles of stored keys and values to floats, just before they are used. Every number is exact. Arguments are
 * checked by the caller. Thread-safe.
 */
public interface CacheKernels {
    /**
     * Unpacks a tile of keys.
     *
     * @param words [keyInts x TILE] from {@code at} on
     * @param scales [scales x TILE] from {@code scaleAt} on
     * @param size dimensions of a key
     * @param tile result, [size x TILE]; what lies after it, up to the next multiple of 32 rows, may be overwritten
     */
    void unpackKeys(CacheBlocks blocks, int[] words, int at, short[] scales, int scaleAt, int size, float[] tile);

    /**
     * Unpacks a tile of values.
     *
     * @param words [TILE x valueInts] from {@code at} on
     * @param scales [TILE x scales] from {@code scaleAt} on
     * @param size dimensions of a value
     * @param tile result, [TILE x size]; 32 floats after it may be overwritten
     */
    void unpackValues(CacheBlocks blocks, int[] words, int at, short[] scales, int scaleAt, int size, float[] tile);

    /**
     * Half precision to floats.
     *
     * @param count a multiple of TILE
     * @param target result, from its start on
     */
    void widen(short[] halves, int at, int count, float[] target);
}
