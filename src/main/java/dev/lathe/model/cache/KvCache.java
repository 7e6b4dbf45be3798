package dev.lathe.model.cache;

import dev.lathe.model.CacheType;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.tensor.kernel.CacheKernels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;

/**
 * Keys and values of one layer of one text, in pages that are added as the text grows. Texts that begin alike share the
 * pages of their beginning: whoever writes to a shared page first, writes to a copy of its own.
 *
 * <p>Not thread-safe, but different positions that were {@linkplain #reserve reserved} may be written at the same time.
 */
public final class KvCache {
    private final PageShape shape;
    private final Supplier<KvPage> newPage;
    private final List<KvPage> pages;
    private final BitSet shared; // pages that others may read too: never written

    private KvCache(PageShape shape, Supplier<KvPage> newPage, List<KvPage> pages, BitSet shared) {
        this.shape = shape;
        this.newPage = newPage;
        this.pages = pages;
        this.shared = shared;
    }

    /**
     * An empty cache.
     *
     * @param capacity the most positions it is meant to hold
     */
    public static KvCache of(LayerConfig layer, int capacity, CacheType type, CacheKernels kernels) {
        PageShape shape = PageShape.of(layer, capacity);
        return new KvCache(shape, () -> KvPage.of(shape, type, kernels), new ArrayList<>(), new BitSet());
    }

    /**
     * A cache that holds so many positions, as {@link #write(PageChannel)} wrote them.
     *
     * @throws IOException if the channel ends early or fails
     */
    public static KvCache read(PageShape shape, int length, CacheType type, CacheKernels kernels, PageChannel source)
            throws IOException {
        KvCache cache = new KvCache(shape, () -> KvPage.of(shape, type, kernels), new ArrayList<>(), new BitSet());
        cache.reserve(0, length);
        for (KvPage page : cache.pages) {
            source.read(page.contents());
        }
        return cache;
    }

    /** Writes all pages. */
    public void write(PageChannel target) throws IOException {
        for (KvPage page : pages) {
            target.write(page.contents());
        }
    }

    public PageShape shape() {
        return shape;
    }

    /** Makes the positions {@code [from, to)} ready to be written: adds pages, and copies those that are shared. */
    public void reserve(int from, int to) {
        int end = (to + shape.positions() - 1) / shape.positions();
        while (pages.size() < end) {
            pages.add(newPage.get());
        }
        for (int page = shared.nextSetBit(page(from)); page >= 0 && page < end; page = shared.nextSetBit(page + 1)) {
            own(page);
        }
    }

    private void own(int page) {
        if (shared.get(page)) {
            pages.set(page, pages.get(page).copy());
            shared.clear(page);
        }
    }

    /** Gives back the pages behind the first positions. */
    public void trim(int length) {
        int kept = (length + shape.positions() - 1) / shape.positions();
        if (pages.size() > kept) {
            pages.subList(kept, pages.size()).clear();
            shared.clear(kept, Math.max(kept, shared.length()));
        }
    }

    /** Another cache that holds the first positions, in the same pages. */
    public KvCache share(int length) {
        int count = (length + shape.positions() - 1) / shape.positions();
        BitSet all = new BitSet();
        all.set(0, count);
        if (shared.nextClearBit(0) < count) {
            shared.or(all);
        }
        return new KvCache(shape, newPage, new ArrayList<>(pages.subList(0, count)), all);
    }

    /** Stores all heads of one position: keys [heads x keySize], values [heads x valueSize]. */
    public void write(int position, float[] keys, int keyOffset, float[] values, int valueOffset) {
        pages.get(page(position)).write(position % shape.positions(), keys, keyOffset, values, valueOffset);
    }

    /** Copies one position over another. */
    public void move(int from, int to) {
        own(page(to));
        pages.get(page(from)).copyPosition(from % shape.positions(), pages.get(page(to)), to % shape.positions());
    }

    /** The page that holds a position. */
    public KvPage pageOf(int position) {
        return pages.get(page(position));
    }

    public int pageCount() {
        return pages.size();
    }

    /** Pages that this cache alone holds, as far as it knows. */
    public int ownPageCount() {
        return pages.size() - shared.cardinality();
    }

    /** Tells all pages and their bytes. */
    public void pages(ObjLongConsumer<Object> told) {
        for (KvPage page : pages) {
            told.accept(page, page.byteCount());
        }
    }

    /** Bytes of all pages, shared ones included. */
    public long byteCount() {
        return pages.stream().mapToLong(KvPage::byteCount).sum();
    }

    private int page(int position) {
        return position / shape.positions();
    }
}
