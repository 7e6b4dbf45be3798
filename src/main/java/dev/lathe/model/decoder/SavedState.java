package dev.lathe.model.decoder;

import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.cache.KvCache;
import dev.lathe.model.cache.PageChannel;
import dev.lathe.model.cache.PageShape;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.tensor.store.InsufficientMemoryException;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;

/** Keys and values of a decoder's text, in pages that nobody writes to. */
record SavedState(DecoderModel model, CacheType cacheType, int length, List<KvCache> caches)
        implements InferenceState.Snapshot {
    private static final int INTS_OF_HEADER = 3;
    private static final int INTS_OF_SHAPE = 4;

    /** The same keys and values as caches that may be written to. */
    List<KvCache> share() {
        return caches.stream().map(cache -> cache.share(length)).toList();
    }

    @Override
    public long byteCount() {
        return caches.stream().mapToLong(KvCache::byteCount).sum();
    }

    /** Length, layers and eighths of the bits of a number; then for each layer its shape and its pages. */
    @Override
    public void write(WritableByteChannel target) throws IOException {
        PageChannel channel = PageChannel.of(target);
        channel.writeInts(length, caches.size(), eighthsOfBits(cacheType));
        for (KvCache cache : caches) {
            PageShape shape = cache.shape();
            channel.writeInts(shape.heads(), shape.keySize(), shape.valueSize(), shape.positions());
            cache.write(channel);
        }
    }

    /** Reads what {@link #write} wrote for a state with this cache and capacity. */
    static SavedState read(DecoderModel model, CacheType type, int capacity, ReadableByteChannel source)
            throws IOException {
        PageChannel channel = PageChannel.of(source);
        int[] header = channel.readInts(INTS_OF_HEADER);
        int length = header[0];
        List<LayerConfig> layers = model.config().layers();
        require("positions", length >= 0 && length <= capacity, length, "at most " + capacity);
        require("layers", header[1] == layers.size(), header[1], layers.size());
        int eighths = eighthsOfBits(type);
        require("eighths of a bit a number", header[2] == eighths, header[2], eighths + " (a cache of " + type + ")");
        List<KvCache> caches = new ArrayList<>();
        try {
            for (LayerConfig layer : layers) {
                PageShape shape = shape(channel.readInts(INTS_OF_SHAPE), PageShape.of(layer, Integer.MAX_VALUE));
                caches.add(KvCache.read(shape, length, type, model.kernels().cache(), channel));
            }
        } catch (OutOfMemoryError e) {
            long bytes = caches.stream().mapToLong(KvCache::byteCount).sum();
            caches.clear();
            throw InsufficientMemoryException.ofHeap("keys and values of " + length + " positions", bytes, e);
        }
        return new SavedState(model, type, length, caches);
    }

    /** Pages are as large as their state's capacity asked for. */
    private static PageShape shape(int[] ints, PageShape largest) {
        require("heads", ints[0] == largest.heads(), ints[0], largest.heads());
        require("numbers in a key", ints[1] == largest.keySize(), ints[1], largest.keySize());
        require("numbers in a value", ints[2] == largest.valueSize(), ints[2], largest.valueSize());
        int positions = ints[3];
        boolean tiles = positions > 0 && positions <= largest.positions() && positions % PageShape.TILE == 0;
        require("positions in a page", tiles, positions, "whole tiles up to " + largest.positions());
        return new PageShape(ints[0], ints[1], ints[2], positions);
    }

    private static int eighthsOfBits(CacheType type) {
        return (int) Math.round(8 * type.bitsPerNumber());
    }

    private static void require(String what, boolean holds, int got, Object expected) {
        if (!holds) {
            throw new IllegalArgumentException("the saved state does not suit this one: it has " + got + " " + what
                    + ", expected " + expected + "; use the model and the session options that it was saved with");
        }
    }
}
