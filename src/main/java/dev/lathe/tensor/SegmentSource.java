package dev.lathe.tensor;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Where the bytes of a tensor come from, a range at a time. */
@FunctionalInterface
public interface SegmentSource {
    /**
     * Maps a range of the tensor's bytes; valid as long as the arena.
     *
     * @throws IOException if the range cannot be read
     */
    MemorySegment map(long byteOffset, long byteCount, Arena arena) throws IOException;
}
