package dev.lathe.model.cache;

import dev.lathe.model.CacheType;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.tensor.kernel.CacheKernels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.ObjLongConsumer;

/**
 * Keys and values of one layer of one text, in pages that are added as the text grows. Texts that begin alike share the
 * pages of their beginning: a shared page is copied before it is written (copy-on-write).
 *
 * <p>Not thread-safe, but different positions that were {@linkplain #reserve reserved} may be written at the same time.
 */
public final class KvCache {
    private final PageShape shape;
    private final PageSource source;
    private final List<PageRef> pages;
    private final BitSet shared; // pages that others may read too: never written
    private final List<PageRef> pinned = new ArrayList<>(); // pages that a pass writes to

    private KvCache(PageShape shape, PageSource source, List<PageRef> pages, BitSet shared) {
        this.shape = shape;
        this.source = source;
        this.pages = pages;
        this.shared = shared;
    }

    /**
     * An empty cache.
     *
     * @param capacity the most positions it is meant to hold
     */
    public static KvCache of(LayerConfig layer, int capacity, PageSource source) {
        return new KvCache(PageShape.of(layer, capacity), source, new ArrayList<>(), new BitSet());
    }

    /** An empty cache whose pages are all in memory. */
    public static KvCache of(LayerConfig layer, int capacity, CacheType type, CacheKernels kernels) {
        return of(layer, capacity, new PageSource(type, kernels, Optional.empty()));
    }

    /**
     * A cache that holds so many positions, as {@link #write(PageChannel)} wrote them.
     *
     * @throws IOException if the channel ends early or fails
     */
    public static KvCache read(PageShape shape, int length, PageSource pages, PageChannel source) throws IOException {
        KvCache cache = ofLength(shape, length, pages);
        for (int page = 0; page < cache.pages.size(); page++) {
            cache.readPage(page, source);
        }
        return cache;
    }

    /** An empty cache for so many positions, in pages of this shape. */
    public static KvCache ofLength(PageShape shape, int length, PageSource pages) {
        KvCache cache = new KvCache(shape, pages, new ArrayList<>(), new BitSet());
        cache.addPages(cache.pagesOf(length));
        return cache;
    }

    /** Fills a page with what a {@link PageSender} sent. */
    public void readPage(int page, PageChannel source) throws IOException {
        PageRef read = pages.get(page);
        read.pin();
        try {
            source.read(read.writable().contents());
        } finally {
            read.unpin();
        }
    }

    /** Writes all pages. */
    public void write(PageChannel target) throws IOException {
        for (PageRef page : pages) {
            target.write(page.readable().contents());
        }
    }

    public PageShape shape() {
        return shape;
    }

    /**
     * Makes the positions {@code [from, to)} ready to be written, until they are {@linkplain #settle settled}: adds pages,
     * and copies those that are shared.
     */
    public void reserve(int from, int to) {
        settle();
        int end = pagesOf(to);
        addPages(end);
        for (int page = shared.nextSetBit(page(from)); page >= 0 && page < end; page = shared.nextSetBit(page + 1)) {
            own(page);
        }
        for (int page = page(from); page < end; page++) {
            pages.get(page).pin();
            pinned.add(pages.get(page));
        }
    }

    private void addPages(int end) {
        while (pages.size() < end) {
            pages.add(source.newPage(shape));
        }
    }

    private int pagesOf(int length) {
        return (length + shape.positions() - 1) / shape.positions();
    }

    /** Nothing more is written to what was reserved. */
    public void settle() {
        pinned.forEach(PageRef::unpin);
        pinned.clear();
    }

    private void own(int page) {
        if (shared.get(page)) {
            pages.set(page, pages.get(page).copy());
            shared.clear(page);
        }
    }

    /** Gives back the pages after the first positions. */
    public void trim(int length) {
        settle();
        int kept = pagesOf(length);
        for (int page = kept; page < pages.size(); page++) {
            if (!shared.get(page)) {
                pages.get(page).release();
            }
        }
        if (pages.size() > kept) {
            pages.subList(kept, pages.size()).clear();
            shared.clear(kept, Math.max(kept, shared.length()));
        }
    }

    /** Another cache that holds the first positions, in the same pages. */
    public KvCache share(int length) {
        int count = pagesOf(length);
        BitSet all = new BitSet();
        all.set(0, count);
        if (shared.nextClearBit(0) < count) {
            shared.or(all);
        }
        return new KvCache(shape, source, new ArrayList<>(pages.subList(0, count)), all);
    }

    /**
     * Another cache that holds the same positions, in the pages of a third one as far as both begin alike.
     *
     * @param common positions that both have in common; whole pages of them are taken
     */
    public KvCache sharing(KvCache other, int common) {
        KvCache result = share(pages.size() * shape.positions());
        if (other.shape.equals(shape)) {
            for (int page = 0; page < common / shape.positions(); page++) {
                result.pages.set(page, other.pages.get(page));
            }
        }
        return result;
    }

    /** Stores all heads of one position: keys [heads x keySize], values [heads x valueSize]. */
    public void write(int position, float[] keys, int keyOffset, float[] values, int valueOffset) {
        pages.get(page(position)).writable().write(position % shape.positions(), keys, keyOffset, values, valueOffset);
    }

    /** Copies one position over another. */
    public void move(int from, int to) {
        own(page(to));
        PageRef target = pages.get(page(to));
        target.pin();
        try {
            pages.get(page(from))
                    .readable()
                    .copyPosition(from % shape.positions(), target.writable(), to % shape.positions());
        } finally {
            target.unpin();
        }
    }

    /** The page that holds a position. */
    public KvPage pageOf(int position) {
        return pages.get(page(position)).readable();
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
        for (PageRef page : pages) {
            told.accept(page, page.byteCount());
        }
    }

    /** Bytes of all pages, shared ones included. */
    public long byteCount() {
        return byteCount(0);
    }

    /** Bytes of the pages from that of a position on. */
    public long byteCount(int from) {
        return pages.stream().skip(page(from)).mapToLong(PageRef::byteCount).sum();
    }

    private int page(int position) {
        return position / shape.positions();
    }
}
