package dev.lathe.model;

import dev.lathe.model.config.LayerConfig;
import dev.lathe.tensor.kernel.AttentionKernels;
import dev.lathe.tensor.kernel.CacheBlocks;
import dev.lathe.tensor.kernel.CacheKernels;

/**
 * Keys and values of one layer, in pages that are added as the text grows.
 *
 * <p>A page of P positions holds keys as {@code [head][tile][keySize][TILE positions]}, so that a vector holds one
 * dimension of neighbouring positions, and values as {@code [head][P][valueSize]}. Not thread-safe, but different
 * positions may be written at the same time.
 */
abstract sealed class KvCache permits FloatKvCache, HalfKvCache, QuantizedKvCache {
    static final int TILE = AttentionKernels.TILE;
    private static final int MAX_PAGE_POSITIONS = 256;

    final int heads;
    final int keySize;
    final int valueSize;
    final int pagePositions;

    KvCache(LayerConfig layer, int capacity) {
        heads = layer.keyValueHeadCount();
        keySize = layer.keySize();
        valueSize = layer.valueSize();
        int tiles = Math.min(MAX_PAGE_POSITIONS / TILE, (capacity - 1) / TILE + 1);
        pagePositions = tiles * TILE;
    }

    static KvCache of(LayerConfig layer, int capacity, CacheType type, CacheKernels kernels) {
        return switch (type) {
            case F32 -> new FloatKvCache(layer, capacity);
            case F16 -> new HalfKvCache(layer, capacity, kernels);
            case Q8_0 -> new QuantizedKvCache(layer, capacity, CacheBlocks.EIGHT, kernels);
            case Q4_0 -> new QuantizedKvCache(layer, capacity, CacheBlocks.FOUR, kernels);
        };
    }

    /** Makes room for positions below {@code length}. */
    final void reserve(int length) {
        while ((long) pageCount() * pagePositions < length) {
            addPage();
        }
    }

    abstract int pageCount();

    abstract void addPage();

    /** Stores all heads of one position: keys [heads x keySize], values [heads x valueSize]. */
    abstract void write(int position, float[] keys, int keyOffset, float[] values, int valueOffset);

    /**
     * The array that holds a tile of keys, [keySize x TILE], from {@link #keyTileOffset} on: a page or the scratch
     * array.
     */
    abstract float[] keyTile(int head, int tile, float[] scratch);

    abstract int keyTileOffset(int head, int tile);

    /** The array that holds a tile of values, [TILE x valueSize], from {@link #valueTileOffset} on. */
    abstract float[] valueTile(int head, int tile, float[] scratch);

    abstract int valueTileOffset(int head, int tile);

    /** Copies one position over another. */
    abstract void move(int from, int to);

    /** A copy with room for exactly the pages that hold {@code length} positions. */
    abstract KvCache copy(int length);

    /** Bytes of all pages. */
    abstract long byteCount();

    final int keyPageSize() {
        return Math.multiplyExact(heads * keySize, pagePositions);
    }

    final int valuePageSize() {
        return Math.multiplyExact(heads * valueSize, pagePositions);
    }

    final int page(int position) {
        return position / pagePositions;
    }

    /** Index in its page of the first of {@code size} elements of a position's key; the next one is TILE further. */
    final int keyIndex(int head, int position, int size) {
        int inPage = position % pagePositions;
        int tilesInPage = pagePositions / TILE;
        return (head * tilesInPage + inPage / TILE) * size * TILE + inPage % TILE;
    }

    /** Index in its page of the first of {@code size} elements of a position's value. */
    final int valueIndex(int head, int position, int size) {
        return (head * pagePositions + position % pagePositions) * size;
    }

    final int keyIndex(int head, int position) {
        return keyIndex(head, position, keySize);
    }

    final int valueIndex(int head, int position) {
        return valueIndex(head, position, valueSize);
    }

    /** Floats that the scratch array of a tile needs, with room for what whole blocks of 32 write behind it. */
    static int tileSize(LayerConfig layer) {
        return TILE * Math.max(layer.keySize() + CacheBlocks.SIZE, layer.valueSize() + 1);
    }
}
