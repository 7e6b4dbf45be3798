package dev.lathe.packed;

import dev.lathe.figures.Stopwatch;
import dev.lathe.file.InputFile;
import dev.lathe.packed.PackedTable.Group;
import dev.lathe.tensor.store.WeightMemory;
import dev.lathe.tensor.store.WeightReading;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads layers, experts and neurons of a packed file while a model runs: through the system's page cache or around it,
 * whichever was faster for their layer. Several threads may read at the same time.
 */
final class GroupReader implements Closeable {
    private final PackedFile file;
    private final Optional<InputFile> around;
    private final ReadingWays ways;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong bytesAround = new AtomicLong();
    private final AtomicLong nanos = new AtomicLong();

    /**
     * Opens the file once more, for reads around the page cache.
     *
     * @param file open as long as this is; not closed with it
     * @param groups that will be read
     */
    GroupReader(PackedFile file, List<Group> groups) throws IOException {
        this.file = file;
        long[] layerBytes =
                new long[groups.stream().mapToInt(Group::layer).max().orElse(-1) + 1];
        groups.forEach(group -> layerBytes[group.layer()] += group.byteCount());
        ways = new ReadingWays(layerBytes);
        around = groups.isEmpty() ? Optional.empty() : file.openAround();
    }

    /** Memory for places that reads around the page cache fill as they are: begins where such reads may. */
    static MemorySegment allocate(WeightMemory memory, long byteCount) {
        MemorySegment somewhere = memory.allocate(byteCount + InputFile.DIRECT_BYTES);
        return somewhere.asSlice(-somewhere.address() & InputFile.DIRECT_BYTES - 1, byteCount);
    }

    /** Whether a read of a group that begins now goes around the page cache. */
    boolean isAround(Group group) {
        return around.isPresent() && ways.isAround(group.layer());
    }

    /**
     * Reads a group.
     *
     * @param place as many bytes as the group has, or more
     * @throws PackedFileException if its bytes are not those that were written
     * @throws IOException if it cannot be read
     */
    void read(Group group, MemorySegment place) throws IOException {
        Stopwatch.Lap lap = Stopwatch.system().start();
        boolean isAround = isAround(group);
        read(group, place, 0, group.chunks(), isAround);
        ended(group, isAround, lap.nanos());
    }

    /** Reads some chunks of a group. */
    void read(Group group, MemorySegment place, int fromChunk, int toChunk, boolean isAround) throws IOException {
        if (!isAround) {
            file.read(group, place.asSlice(0, group.byteCount()), fromChunk, toChunk);
            return;
        }
        long wholeBytes = PackedTable.align(group.byteCount(), InputFile.DIRECT_BYTES);
        if (place.address() % InputFile.DIRECT_BYTES == 0 && place.byteSize() >= wholeBytes) {
            file.readAround(around.orElseThrow(), group, place, fromChunk, toChunk);
        } else {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment whole = arena.allocate(wholeBytes, InputFile.DIRECT_BYTES);
                file.readAround(around.orElseThrow(), group, whole, fromChunk, toChunk);
                long from = (long) fromChunk * PackedTable.CHUNK_BYTES;
                long to = Math.min(group.byteCount(), (long) toChunk * PackedTable.CHUNK_BYTES);
                MemorySegment.copy(whole, from, place, from, to - from);
            }
        }
    }

    /** Notes how long a whole group was read. */
    void ended(Group group, boolean isAround, long readNanos) {
        bytes.addAndGet(group.byteCount());
        bytesAround.addAndGet(isAround ? group.byteCount() : 0);
        nanos.addAndGet(readNanos);
        ways.ended(group.layer(), isAround, group.byteCount(), readNanos);
    }

    /** What was read until now, of groups that were read whole. */
    WeightReading reading() {
        return new WeightReading(bytes.get(), bytesAround.get(), Duration.ofNanos(nanos.get()));
    }

    @Override
    public void close() throws IOException {
        if (around.isPresent()) {
            around.get().close();
        }
    }
}
