package dev.lathe.model.decoder;

import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.cache.KvCache;
import dev.lathe.model.cache.PageChannel;
import dev.lathe.model.cache.PageShape;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.tensor.store.InsufficientMemoryException;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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

    @Override
    public long byteCount(int from) {
        return caches.stream().mapToLong(cache -> cache.byteCount(from)).sum();
    }

    @Override
    public SavedState first(int newLength) {
        requireHeld(newLength, length);
        return new SavedState(
                model,
                cacheType,
                newLength,
                caches.stream().map(cache -> cache.share(newLength)).toList());
    }

    @Override
    public SavedState sharing(InferenceState.Snapshot other, int common) {
        if (!(other instanceof SavedState saved) || saved.model != model || saved.cacheType != cacheType) {
            throw new IllegalArgumentException(
                    "the other snapshot was not taken of a state of this model with a cache of " + cacheType);
        }
        requireHeld(common, Math.min(length, saved.length));
        List<KvCache> shared = new ArrayList<>();
        for (int layer = 0; layer < caches.size(); layer++) {
            shared.add(caches.get(layer).sharing(saved.caches.get(layer), common));
        }
        return new SavedState(model, cacheType, length, shared);
    }

    private static void requireHeld(int wanted, int held) {
        if (wanted < 0 || wanted > held) {
            throw new IllegalArgumentException("the first " + wanted + " positions of a snapshot that holds " + held);
        }
    }

    /** Length, layers and eighths of the bits of a number; then for each layer its shape and its pages. */
    @Override
    public void write(WritableByteChannel target) throws IOException {
        PageChannel channel = PageChannel.of(target);
        writeHeader(channel, length, caches.size(), cacheType);
        for (KvCache cache : caches) {
            writeShape(channel, cache);
            cache.write(channel);
        }
    }

    private static void writeHeader(PageChannel channel, int length, int layers, CacheType type) throws IOException {
        channel.writeInts(length, layers, eighthsOfBits(type));
    }

    private static void writeShape(PageChannel channel, KvCache cache) throws IOException {
        PageShape shape = cache.shape();
        channel.writeInts(shape.heads(), shape.keySize(), shape.valueSize(), shape.positions());
    }

    /** What stands before the pages of a {@link PageSender}: the header, and the shapes of all layers. */
    static void writeHeaders(PageChannel channel, int length, List<KvCache> caches, CacheType type) throws IOException {
        writeHeader(channel, length, caches.size(), type);
        for (KvCache cache : caches) {
            writeShape(channel, cache);
        }
    }

    /** Reads what a {@link PageSender} sent after its {@linkplain #writeHeaders headers}. */
    static SavedState receive(DecoderModel model, CacheType type, int capacity, ReadableByteChannel source)
            throws IOException {
        PageChannel channel = PageChannel.of(source);
        int length = readHeader(channel, model, type, capacity);
        List<PageShape> shapes = new ArrayList<>();
        for (LayerConfig layer : model.config().layers()) {
            shapes.add(shape(channel.readInts(INTS_OF_SHAPE), PageShape.of(layer, Integer.MAX_VALUE)));
        }
        List<KvCache> caches = new ArrayList<>();
        try {
            for (PageShape shape : shapes) {
                caches.add(KvCache.ofLength(shape, length, model.pages(type)));
            }
        } catch (OutOfMemoryError e) {
            throw tooLarge(length, caches, e);
        }
        int pages = caches.stream().mapToInt(KvCache::pageCount).sum();
        Set<List<Integer>> read = new HashSet<>();
        for (int page = 0; page < pages; page++) {
            int[] place = channel.readInts(2);
            boolean exists = place[0] >= 0
                    && place[0] < caches.size()
                    && place[1] >= 0
                    && place[1] < caches.get(place[0]).pageCount();
            if (!exists || !read.add(List.of(place[0], place[1]))) {
                throw new StreamCorruptedException("page " + place[1] + " of layer " + place[0]
                        + (exists ? " was sent twice" : " is none of a text of " + length + " positions"));
            }
            caches.get(place[0]).readPage(place[1], channel);
        }
        return new SavedState(model, type, length, caches);
    }

    /** Reads what {@link #write} wrote for a state with this cache and capacity. */
    static SavedState read(DecoderModel model, CacheType type, int capacity, ReadableByteChannel source)
            throws IOException {
        PageChannel channel = PageChannel.of(source);
        int length = readHeader(channel, model, type, capacity);
        List<KvCache> caches = new ArrayList<>();
        try {
            for (LayerConfig layer : model.config().layers()) {
                PageShape shape = shape(channel.readInts(INTS_OF_SHAPE), PageShape.of(layer, Integer.MAX_VALUE));
                caches.add(KvCache.read(shape, length, model.pages(type), channel));
            }
        } catch (OutOfMemoryError e) {
            throw tooLarge(length, caches, e);
        }
        return new SavedState(model, type, length, caches);
    }

    /** The positions that are told of, if the rest suits too. */
    private static int readHeader(PageChannel channel, DecoderModel model, CacheType type, int capacity)
            throws IOException {
        int[] header = channel.readInts(INTS_OF_HEADER);
        int length = header[0];
        int layers = model.config().layers().size();
        require("positions", length >= 0 && length <= capacity, length, "at most " + capacity);
        require("layers", header[1] == layers, header[1], layers);
        int eighths = eighthsOfBits(type);
        require("eighths of a bit a number", header[2] == eighths, header[2], eighths + " (a cache of " + type + ")");
        return length;
    }

    private static InsufficientMemoryException tooLarge(int length, List<KvCache> caches, OutOfMemoryError e) {
        long bytes = caches.stream().mapToLong(KvCache::byteCount).sum();
        caches.clear();
        return InsufficientMemoryException.ofHeap("keys and values of " + length + " positions", bytes, e);
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
