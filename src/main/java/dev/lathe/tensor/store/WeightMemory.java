package dev.lathe.tensor.store;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;

/**
 * Memory for packed weights, outside the Java heap: {@code -Xmx} does not limit it, and no collector copies it. Segments
 * are aligned to 64 bytes, large ones to 2 MiB, and lie in large pages where native access is enabled and the system has some.
 * Any thread may allocate, read and write.
 *
 * <p>{@link #close} frees all segments. Whoever reads one afterwards, or meanwhile, gets an
 * {@link IllegalStateException}.
 */
public final class WeightMemory implements WeightStore {
    private static final long LINE_BYTES = 64;
    private static final long LARGE_PAGE_BYTES = 2 << 20;
    /** Segments from this size on lie in large pages: smaller ones share them, up to those that get their own. */
    private static final long LEAST_SHARED_BYTES = 64 << 10;

    private static final long LEAST_OWN_BYTES = 8 << 20;
    private static final long SHARED_BYTES = 32 << 20;

    private static final long CALL_NANOS = 20_000;

    private final Arena arena;
    private final boolean isClosable;
    private MemorySegment shared = MemorySegment.NULL; // what is left of pages that segments share

    private WeightMemory(Arena arena, boolean isClosable) {
        this.arena = arena;
        this.isClosable = isClosable;
    }

    /** Memory that its owner closes. */
    public static WeightMemory open() {
        return new WeightMemory(Arena.ofShared(), true);
    }

    /**
     * Memory that the garbage collector frees when no segment of it can be reached, for weights that come and go.
     * {@code -XX:MaxDirectMemorySize} limits it, which is {@code -Xmx} unless it is set.
     */
    public static WeightMemory collected() {
        return new WeightMemory(Arena.ofAuto(), false);
    }

    /**
     * Zeros.
     *
     * @throws InsufficientMemoryException if the system has no more memory
     * @throws IllegalStateException if this memory is closed
     */
    public MemorySegment allocate(long byteCount) {
        if (isClosable && byteCount >= LEAST_SHARED_BYTES && SystemMemory.isAvailable()) {
            return byteCount < LEAST_OWN_BYTES ? share(byteCount) : map(byteCount);
        }
        try {
            return arena.allocate(byteCount, byteCount < LARGE_PAGE_BYTES ? LINE_BYTES : LARGE_PAGE_BYTES);
        } catch (OutOfMemoryError error) {
            throw insufficient(byteCount, error.getMessage());
        }
    }

    private MemorySegment map(long byteCount) {
        return SystemMemory.map(byteCount, arena)
                .orElseThrow(() -> insufficient(byteCount, "the system gives no more"));
    }

    /** A part of large pages. */
    private synchronized MemorySegment share(long byteCount) {
        if (shared.byteSize() < byteCount) {
            shared = map(SHARED_BYTES);
        }
        MemorySegment segment = shared.asSlice(0, byteCount);
        long used = (byteCount + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES;
        shared = shared.asSlice(Math.min(used, shared.byteSize()));
        return segment;
    }

    private InsufficientMemoryException insufficient(long byteCount, String reason) {
        return new InsufficientMemoryException("no memory for " + megabytes(byteCount) + " MB of weights: " + reason
                + "; " + (isClosable ? CURE : DIRECT_CURE));
    }

    /** Packs the tiles, each time. */
    @Override
    public Tiles tiles(String name, long byteCount, Packing packing) throws IOException {
        MemorySegment tiles = allocate(byteCount);
        return new Tiles(tiles, packing.pack(tiles));
    }

    @Override
    public WeightMemory memory() {
        return this;
    }

    private static final String CURE =
            "close other models or programs, or take a smaller model, such as one quantized to fewer bits";
    private static final String DIRECT_CURE = "raise -XX:MaxDirectMemorySize, or -Xmx, which it follows";

    /**
     * Checks that the machine can hold so many bytes more, before they are read.
     *
     * @throws InsufficientMemoryException if it cannot
     */
    public static void require(long byteCount) {
        require(byteCount, AvailableMemory.ofMachine());
    }

    static void require(long byteCount, AvailableMemory available) {
        if (byteCount > available.byteCount()) {
            throw new InsufficientMemoryException("the model's weights need " + megabytes(byteCount) + " MB, but "
                    + available.where() + " has " + megabytes(available.byteCount()) + " MB left; " + CURE);
        }
    }

    private static long megabytes(long byteCount) {
        return (byteCount + 999_999) / 1_000_000;
    }

    /**
     * Frees the segments; does nothing where the collector does. Code that reads a segment at this moment is waited for: calls of it
     * take microseconds.
     */
    @Override
    public void close() {
        while (isClosable && arena.scope().isAlive()) {
            try {
                arena.close();
            } catch (IllegalStateException e) { // acquired by a call, or closed by another thread
                LockSupport.parkNanos(CALL_NANOS);
            }
        }
    }
}
