package dev.lathe.model.cache;

import dev.lathe.model.CacheType;
import dev.lathe.tensor.kernel.CacheBlocks;
import dev.lathe.tensor.kernel.CacheKernels;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Keys and values of a few neighbouring positions of one layer, counted from the page's first. Not thread-safe, but
 * different positions may be written at the same time.
 */
public abstract sealed class KvPage permits FloatPage, HalfPage, QuantizedPage {
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

    /** Copies one position to a page of the same kind, which may be this one. */
    abstract void copyPosition(int from, KvPage page, int to);

    abstract KvPage copy();

    /** Everything the page holds: its arrays, always in the same order. */
    abstract List<MemorySegment> contents();

    abstract long byteCount();
}
