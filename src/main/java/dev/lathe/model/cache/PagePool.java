package dev.lathe.model.cache;

import dev.lathe.model.PageStatistics;
import dev.lathe.tensor.store.InsufficientMemoryException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The pages of all texts of a model, of which a limit of bytes are in memory: the ones whose use is the longest ago lie
 * in a file. A page that is needed comes back where there is room, or where a page lies that was not used since; else
 * attention reads it where it lies. So the pages of texts that rest make room for those of texts that go on, and a text
 * larger than the limit keeps a part of itself in memory.
 *
 * <p>Pages that a pass writes to are pinned for its time. Pages that nobody refers to any more are noticed as the
 * garbage collector finds them. Thread-safe. Lin et al., "Infinite-LLM: Efficient LLM Service for Long Context with
 * DistAttention and Distributed KVCache", 2024, arXiv 2401.02669, has pages in several places.
 */
public final class PagePool implements AutoCloseable {
    private final long limit;
    private final PageFile file;
    private final Set<Entry> entries = new HashSet<>(); // guarded by this, as all fields of entries are
    private final ReferenceQueue<PooledPage> collected = new ReferenceQueue<>();
    private final Deque<Candidate> candidates = new ArrayDeque<>(); // to leave, the oldest use first
    private final AtomicLong inPlaceBytes = new AtomicLong();
    private long candidatesOf; // the time when they were listed
    private volatile long clock = 1;
    private long residentBytes;
    private long pinnedBytes;
    private long evictions;
    private long returns;

    /**
     * An empty pool.
     *
     * @param limit the most bytes of pages in memory
     * @param folder where the file is; it has no name while it is used, so nothing is left of a process that is killed
     * @throws IOException if the file cannot be made
     */
    public PagePool(long limit, Path folder) throws IOException {
        this.limit = limit;
        this.file = new PageFile(folder);
    }

    /** What is known of a page even when the page is gone. */
    private static final class Entry extends WeakReference<PooledPage> {
        private final long byteCount;
        private boolean resident;
        private boolean released;
        private int pins;
        private long slot = PageFile.NOWHERE;
        private volatile long lastUse;
        private volatile long previousUse;

        Entry(PooledPage page, long byteCount, ReferenceQueue<PooledPage> queue) {
            super(page, queue);
            this.byteCount = byteCount;
        }
    }

    private record Candidate(Entry entry, long lastUse) {}

    /** A page of a pool. */
    private final class PooledPage implements PageRef {
        private final Entry entry;
        private volatile KvPage resident; // or null
        private volatile FilePage cold; // where it lies, while what is there is the same

        PooledPage(long byteCount) {
            entry = new Entry(this, byteCount, collected);
        }

        @Override
        public KvPage readable() {
            touch();
            KvPage page = resident;
            return page != null ? page : bringBack(this);
        }

        private void touch() {
            long now = clock;
            if (entry.lastUse != now) {
                entry.previousUse = entry.lastUse;
                entry.lastUse = now;
            }
        }

        @Override
        public void pin() {
            PagePool.this.pin(this);
        }

        @Override
        public void unpin() {
            PagePool.this.unpin(entry);
        }

        @Override
        public KvPage writable() {
            return resident;
        }

        @Override
        public PageRef copy() {
            return hold(() -> readable().copy(), entry.byteCount);
        }

        @Override
        public long byteCount() {
            return entry.byteCount;
        }

        @Override
        public void release() {
            PagePool.this.release(this);
        }
    }

    /** A page in memory, for which others leave. */
    PageRef hold(Supplier<KvPage> maker, long byteCount) {
        PooledPage page = new PooledPage(byteCount);
        KvPage made = maker.get(); // may read another page, which must not leave meanwhile
        synchronized (this) {
            clock++;
            makeRoom(byteCount);
            page.resident = made;
            page.touch();
            page.entry.resident = true;
            residentBytes += byteCount;
            entries.add(page.entry);
        }
        return page;
    }

    private synchronized void pin(PooledPage page) {
        Entry entry = page.entry;
        clock++;
        page.touch();
        entry.pins++;
        pinnedBytes += entry.pins == 1 ? entry.byteCount : 0;
        if (page.resident == null) {
            try {
                makeRoom(entry.byteCount);
                load(page);
            } catch (RuntimeException failure) {
                unpin(entry);
                throw failure;
            }
        }
        if (page.cold != null) { // it will be written to
            page.cold = null;
            file.free(entry.slot, entry.byteCount);
            entry.slot = PageFile.NOWHERE;
        }
    }

    private synchronized void unpin(Entry entry) {
        entry.pins--;
        pinnedBytes -= entry.pins == 0 ? entry.byteCount : 0;
    }

    private void load(PooledPage page) {
        page.resident = page.cold.load();
        page.entry.resident = true;
        residentBytes += page.entry.byteCount;
        returns++;
    }

    /** The page in memory if it may come back, else where it lies. */
    private synchronized KvPage bringBack(PooledPage page) {
        if (page.resident == null && hasRoomFor(page.entry)) {
            load(page);
        }
        return page.resident != null ? page.resident : page.cold;
    }

    /** Whether there is room, after pages left that were not used since the last use of this one. */
    private boolean hasRoomFor(Entry entry) {
        expunge();
        while (residentBytes + entry.byteCount > limit) {
            Entry oldest = nextCandidate(entry.previousUse);
            if (oldest == null) {
                return false;
            }
            evict(oldest);
        }
        return true;
    }

    private void makeRoom(long byteCount) {
        expunge();
        while (residentBytes + byteCount > limit) {
            Entry oldest = nextCandidate(Long.MAX_VALUE);
            if (oldest == null) {
                throw InsufficientMemoryException.ofPages(limit, pinnedBytes + byteCount);
            }
            evict(oldest);
        }
    }

    /** A page that may leave, whose last use is before that time; null if there is none. */
    private Entry nextCandidate(long before) {
        for (int listed = 0; listed < 2; listed++) {
            while (!candidates.isEmpty()) {
                Candidate next = candidates.peek();
                if (next.lastUse >= before) {
                    return null;
                }
                candidates.poll();
                if (mayLeave(next.entry) && next.entry.lastUse == next.lastUse) {
                    return next.entry;
                }
            }
            if (listed == 0 && (candidatesOf != clock || before == Long.MAX_VALUE)) {
                candidatesOf = clock;
                entries.stream()
                        .filter(PagePool::mayLeave)
                        .map(entry -> new Candidate(entry, entry.lastUse))
                        .sorted(Comparator.comparingLong(Candidate::lastUse))
                        .forEach(candidates::add);
            }
        }
        return null;
    }

    private static boolean mayLeave(Entry entry) {
        return entry.resident && entry.pins == 0;
    }

    private void evict(Entry entry) {
        PooledPage page = entry.get();
        if (page != null) {
            if (page.cold == null) {
                try {
                    FilePage written = file.write(page.resident, page, inPlaceBytes);
                    page.cold = written;
                    entry.slot = written.offset();
                } catch (IOException e) {
                    throw new UncheckedIOException(
                            "keys and values beyond the limit of " + limit + " bytes cannot be moved to a file: "
                                    + e.getMessage(),
                            e);
                }
            }
            page.resident = null;
            evictions++;
        }
        entry.resident = false;
        residentBytes -= entry.byteCount;
    }

    private synchronized void release(PooledPage page) {
        drop(page.entry);
    }

    private void expunge() {
        for (Object gone = collected.poll(); gone != null; gone = collected.poll()) {
            drop((Entry) gone);
        }
    }

    private void drop(Entry entry) {
        if (!entry.released) {
            entry.released = true;
            entries.remove(entry);
            residentBytes -= entry.resident ? entry.byteCount : 0;
            pinnedBytes -= entry.pins > 0 ? entry.byteCount : 0;
            entry.resident = false;
            entry.pins = 0;
            if (entry.slot != PageFile.NOWHERE) {
                file.free(entry.slot, entry.byteCount);
            }
        }
    }

    /** What it did so far. */
    public synchronized PageStatistics statistics() {
        expunge();
        long all = entries.stream().mapToLong(entry -> entry.byteCount).sum();
        return new PageStatistics(limit, residentBytes, all - residentBytes, evictions, returns, inPlaceBytes.get());
    }

    /** Gives the file back; pages that lie there can no longer be read. */
    @Override
    public void close() {
        file.close();
    }
}
