package dev.lathe.model.cache;

/** Where caches find a page that they share: always in memory, or wherever a pool has put it. */
interface PageRef {
    /** The page as it is now, to be read; what is held of it stays as it is. */
    KvPage readable();

    /** Keeps the page in memory, to be written, until {@link #unpin}. */
    void pin();

    /** Ends one {@link #pin}. */
    void unpin();

    /** The pinned page. */
    KvPage writable();

    /** Another page with the same contents. */
    PageRef copy();

    long byteCount();

    /** Nobody will use it again. */
    void release();

    /** A page that is always in memory. */
    record Resident(KvPage page) implements PageRef {
        @Override
        public KvPage readable() {
            return page;
        }

        @Override
        public void pin() {}

        @Override
        public void unpin() {}

        @Override
        public KvPage writable() {
            return page;
        }

        @Override
        public PageRef copy() {
            return new Resident(page.copy());
        }

        @Override
        public long byteCount() {
            return page.byteCount();
        }

        @Override
        public void release() {}
    }
}
