package dev.lathe.model.cache;

import dev.lathe.model.config.LayerConfig;
import dev.lathe.tensor.kernel.AttentionKernels;
import dev.lathe.tensor.kernel.CacheBlocks;

/**
 * Where keys and values lie in a page of P positions: keys as {@code [head][tile][keySize][TILE positions]}, so that a
 * vector holds one dimension of neighbouring positions, and values as {@code [head][P][valueSize]}.
 *
 * @param heads heads of keys and values
 * @param keySize numbers of one key of one head
 * @param valueSize numbers of one value of one head
 * @param positions P, whole tiles
 */
public record PageShape(int heads, int keySize, int valueSize, int positions) {
    public static final int TILE = AttentionKernels.TILE;

    /** As small as copying and rounding up ask for, as large as keeps the number of pages low. */
    private static final int MOST_POSITIONS = 2 * TILE;

    public static PageShape of(LayerConfig layer, int capacity) {
        int tiles = Math.min(MOST_POSITIONS / TILE, (capacity - 1) / TILE + 1);
        return new PageShape(layer.keyValueHeadCount(), layer.keySize(), layer.valueSize(), tiles * TILE);
    }

    int keyCount() {
        return Math.multiplyExact(Math.multiplyExact(heads, keySize), positions);
    }

    int valueCount() {
        return Math.multiplyExact(Math.multiplyExact(heads, valueSize), positions);
    }

    /** Index of the first of {@code size} elements of a key; the next one is TILE further. */
    int keyIndex(int head, int position, int size) {
        return (head * (positions / TILE) + position / TILE) * size * TILE + position % TILE;
    }

    /** Index of the first of {@code size} elements of a value. */
    int valueIndex(int head, int position, int size) {
        return (head * positions + position) * size;
    }

    /** Copies {@code size} elements of a value to another position, between arrays of one kind. */
    void copyValue(Object source, Object target, int head, int from, int to, int size) {
        System.arraycopy(source, valueIndex(head, from, size), target, valueIndex(head, to, size), size);
    }

    int keyIndex(int head, int position) {
        return keyIndex(head, position, keySize);
    }

    int valueIndex(int head, int position) {
        return valueIndex(head, position, valueSize);
    }

    /** Floats that the scratch array of a tile needs, with room for what whole blocks of 32 write after it. */
    public static int tileSize(LayerConfig layer) {
        return TILE * Math.max(layer.keySize() + CacheBlocks.SIZE, layer.valueSize() + 1);
    }
}
