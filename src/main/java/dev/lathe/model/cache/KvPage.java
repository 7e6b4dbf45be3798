package dev.lathe.model.cache;

import dev.lathe.model.CacheType;
import dev.lathe.tensor.kernel.AttentionKernels;
import dev.lathe.tensor.kernel.CacheBlocks;
import dev.lathe.tensor.kernel.CacheKernels;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Keys and values of a few neighbouring positions of one layer, counted from the page's first. Not thread-safe, but
 * different positions may be written at the same time.
 */
public abstract sealed class KvPage permits FloatPage, HalfPage, QuantizedPage, FilePage {
    final PageShape shape;

    KvPage(PageShape shape) {
        this.shape = shape;
    }

    public PageShape shape() {
        return shape;
    }

    static KvPage of(PageShape shape, CacheType type, CacheKernels kernels) {
        return switch (type) {
            case F32 -> new FloatPage(shape);
            case F16 -> new HalfPage(shape, kernels);
            case Q8_0 -> new QuantizedPage(shape, CacheBlocks.EIGHT, kernels);
            case Q4_0 -> new QuantizedPage(shape, CacheBlocks.FOUR, kernels);
        };
    }

    /** Stores all heads of one position: keys [heads x keySize], values [heads x valueSize]. */
    abstract void write(int position, float[] keys, int keyOffset, float[] values, int valueOffset);

    /**
     * The array that holds a tile of keys, [keySize x TILE], from {@link #keyTileOffset} on: the page's own or the
     * scratch array.
     *
     * @param position the tile's first
     */
    public abstract float[] keyTile(int head, int position, float[] scratch);

    public int keyTileOffset(int head, int position) {
        return 0;
    }

    /** The array that holds a tile of values, [TILE x valueSize], from {@link #valueTileOffset} on. */
    public abstract float[] valueTile(int head, int position, float[] scratch);

    public int valueTileOffset(int head, int position) {
        return 0;
    }

    /**
     * Scores of queries with neighbouring tiles of one head's keys, side by side.
     *
     * @param position the first tile's first
     * @param tiles how many, all of this page
     * @param queries [count x keySize]
     * @param scratch room for a tile of floats
     * @param scores rows from {@code scoreOffset} on, {@code stride} apart
     * @param next the page that is read after this one; null if none is
     */
    public void scores(
            AttentionKernels kernels,
            int head,
            int position,
            int tiles,
            float[] queries,
            int count,
            float[] scratch,
            float[] scores,
            int scoreOffset,
            int stride,
            KvPage next) {
        int size = shape.keySize();
        for (int tile = 0; tile < tiles; tile++) {
            int at = position + tile * PageShape.TILE;
            float[] keys = keyTile(head, at, scratch);
            int to = scoreOffset + tile * PageShape.TILE;
            kernels.scores(queries, 0, size, count, keys, keyTileOffset(head, at), size, scores, to, stride);
        }
    }

    /** Whether {@link #addTiles} reads tiles where they lie. */
    public boolean addsTiles(AttentionKernels kernels) {
        return false;
    }

    /**
     * Adds weighted values of neighbouring tiles of one head, where {@link #addsTiles}.
     *
     * @param position the first tile's first
     * @param positions whole tiles, all of this page
     * @param weights rows from {@code weightOffset} on, {@code stride} apart
     * @param output [count x valueSize]
     * @param next the page that is read after this one; null if none is
     */
    public void addTiles(
            AttentionKernels kernels,
            int head,
            int position,
            int positions,
            float[] weights,
            int weightOffset,
            int stride,
            int count,
            float[] output,
            KvPage next) {
        throw new UnsupportedOperationException("tiles of this page are unpacked first");
    }

    /** Copies one position to a page of the same kind, which may be this one. */
    abstract void copyPosition(int from, KvPage page, int to);

    abstract KvPage copy();

    /** An empty page that stores numbers in the same way. */
    abstract KvPage like(PageShape other);

    /** Tiles of all heads: each part of the contents has one block for each of them. */
    int blocks() {
        return shape.heads() * (shape.positions() / PageShape.TILE);
    }

    /** Bytes of a page. */
    static long byteCount(PageShape shape, CacheType type) {
        return switch (type) {
            case F32 -> (long) Float.BYTES * (shape.keyCount() + shape.valueCount());
            case F16 -> (long) Short.BYTES * (shape.keyCount() + shape.valueCount());
            case Q8_0 -> QuantizedPage.byteCount(shape, CacheBlocks.EIGHT);
            case Q4_0 -> QuantizedPage.byteCount(shape, CacheBlocks.FOUR);
        };
    }

    /** Everything the page holds: its arrays, always in the same order. */
    abstract List<MemorySegment> contents();

    /** Bytes of the page's arrays, or of its place in a file. */
    long byteCount() {
        return contents().stream().mapToLong(MemorySegment::byteSize).sum();
    }
}
