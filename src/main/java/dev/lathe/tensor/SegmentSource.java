package dev.lathe.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Where the bytes of a tensor come from, a range at a time. */
@FunctionalInterface
public interface SegmentSource {
    /** Maps a range of the tensor's bytes; valid as long as the arena. */
    MemorySegment map(long byteOffset, long byteCount, Arena arena);
}
