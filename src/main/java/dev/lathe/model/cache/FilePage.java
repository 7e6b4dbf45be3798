package dev.lathe.model.cache;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A page that lies in a file and is read there, tile by tile, into memory of a tile's size: attention meets the numbers
 * of a page in memory in the same order. Immutable.
 */
final class FilePage extends KvPage {
    private final KvPage like; // of one tile of one head: how its numbers are stored
    private final PageFile file;
    private final long offset;
    private final int[] checksums; // by content and block
    private final Object owner; // keeps the place in the file
    private final AtomicLong readBytes;
    private final int blocks;

    FilePage(KvPage page, PageFile file, long offset, int[] checksums, Object owner, AtomicLong readBytes) {
        super(page.shape);
        this.like = page.like(new PageShape(1, shape.keySize(), shape.valueSize(), PageShape.TILE));
        this.file = file;
        this.offset = offset;
        this.checksums = checksums;
        this.owner = owner;
        this.readBytes = readBytes;
        this.blocks = page.blocks();
    }

    long offset() {
        return offset;
    }

    /** Whose it is. */
    Object owner() {
        return owner;
    }

    /** The whole page in memory. */
    KvPage load() {
        KvPage page = like.like(shape);
        List<MemorySegment> contents = page.contents();
        long at = offset;
        for (int content = 0; content < contents.size(); content++) {
            MemorySegment all = contents.get(content);
            long size = all.byteSize() / blocks;
            for (int block = 0; block < blocks; block++) {
                file.read(at, all.asSlice(block * size, size), checksums[content * blocks + block]);
                at += size;
            }
        }
        return page;
    }

    /** A page of one tile with some of its contents. */
    private KvPage tile(int head, int position, int fromContent, int toContent) {
        KvPage tile = like.like(like.shape);
        List<MemorySegment> contents = tile.contents();
        int block = head * (shape.positions() / PageShape.TILE) + position / PageShape.TILE;
        long at = offset;
        for (int content = 0; content < toContent; content++) {
            MemorySegment target = contents.get(content);
            if (content >= fromContent) {
                file.read(at + block * target.byteSize(), target, checksums[content * blocks + block]);
                readBytes.addAndGet(target.byteSize());
            }
            at += blocks * target.byteSize();
        }
        return tile;
    }

    @Override
    public float[] keyTile(int head, int position, float[] scratch) {
        return tile(head, position, 0, like.contents().size() / 2).keyTile(0, 0, scratch);
    }

    @Override
    public float[] valueTile(int head, int position, float[] scratch) {
        int contents = like.contents().size();
        return tile(head, position, contents / 2, contents).valueTile(0, 0, scratch);
    }

    @Override
    void write(int position, float[] keys, int keyOffset, float[] values, int valueOffset) {
        throw new UnsupportedOperationException("a page in a file is written in memory, before it is moved there");
    }

    @Override
    void copyPosition(int from, KvPage page, int to) {
        load().copyPosition(from, page, to);
    }

    @Override
    KvPage copy() {
        return load();
    }

    @Override
    KvPage like(PageShape other) {
        return like.like(other);
    }

    @Override
    List<MemorySegment> contents() {
        return load().contents();
    }

    @Override
    long byteCount() {
        return like.byteCount() * blocks;
    }
}
