package dev.lathe.packed;

import dev.lathe.figures.Stopwatch;
import dev.lathe.packed.PackedTable.Group;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.store.ExpertCacheOptions;
import dev.lathe.tensor.store.ExpertCaching;
import dev.lathe.tensor.store.ExpertTiles;
import dev.lathe.tensor.store.WeightMemory;
import dev.lathe.tensor.store.WeightStore;
import dev.lathe.tensor.store.WeightStreaming;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

/**
 * Tiles of a packed file of a mixture of experts: all but the experts stay in memory, and as many experts as fit. One
 * that is chosen and not there is read, by all threads that compute, to the place of one that leaves.
 *
 * <p>A pass takes the experts that it needs at once all together and waits with none, in the order of asking, so passes
 * that run at the same time cannot block each other, even with one place. Xue et al., "PowerInfer-2: Fast Large
 * Language Model Inference on a Smartphone", 2024, arXiv 2406.06282, section 4.2, has the segmented cache: pinned parts
 * and parts that take turns.
 */
final class CachedExperts implements WeightStore {
    private static final int END = -1;
    private static final int PROFILED_PASSES = 16; // after which the most used experts are pinned

    private final PackedFile file;
    private final Workers workers;
    private final long limit;
    private final WeightMemory memory = WeightMemory.open();
    private final List<Group> experts;
    private final int[] firstOfLayer; // the number of a layer's first expert
    private final MemorySegment[]
            groups; // where the tiles of each are; those of experts as if all were in the first place
    private final MemorySegment[] places;
    private final ExpertPlaces table; // guarded by lock, as what follows
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final boolean[] reading; // by place
    private final Throwable[] failures; // by place, of its last read
    private final ReentrantLock door = new ReentrantLock(true); // passes wait for places one after the other
    private final PassTimes passTimes;
    private final ExpertCacheOptions options;
    private final int pinned; // places, once they are
    private final BlockingQueue<Integer> ahead =
            new LinkedBlockingQueue<>(); // experts to be read, or a mark of the end
    private final Optional<Thread> reader;
    private long readBytes;
    private long stalledNanos;
    private volatile boolean closed;

    /**
     * Reads what stays.
     *
     * @param file closed with this; after a failure the caller's
     * @throws IllegalArgumentException if the limit is too small; the message says the smallest
     * @throws IOException if it cannot be read, or is damaged
     */
    CachedExperts(PackedFile file, Workers workers, long limit, ExpertCacheOptions options) throws IOException {
        this.file = file;
        this.options = options;
        this.workers = workers;
        this.limit = limit;
        List<Group> all = file.table().groups();
        experts = all.stream().filter(Group::isExpert).toList();
        int layers = all.stream().mapToInt(Group::layer).max().orElse(-1) + 1;
        firstOfLayer = new int[layers];
        for (int i = experts.size() - 1; i >= 0; i--) {
            firstOfLayer[experts.get(i).layer()] = i;
        }
        if (limit < smallestLimit()) {
            throw new IllegalArgumentException("weightMemory is " + limit + " bytes: this model needs at least "
                    + smallestLimit() + ", for all but its experts and for one expert at a time");
        }
        int count = (int) Math.min(experts.size(), (limit - staying()) / placeBytes());
        WeightMemory.require(staying() + count * placeBytes());
        groups = new MemorySegment[all.size()];
        places = new MemorySegment[count];
        table = new ExpertPlaces(experts.size(), count, options.eviction());
        pinned = count < experts.size() ? Math.min(count - 1, (int) (options.pinnedShare() * count)) : 0;
        reading = new boolean[count];
        failures = new Throwable[count];
        passTimes = new PassTimes(layers - 1);
        try {
            MemorySegment together = memory.allocate(count * placeBytes());
            for (int place = 0; place < count; place++) {
                places[place] = together.asSlice(place * placeBytes(), placeBytes());
            }
            for (int i = 0; i < groups.length; i++) {
                Group group = all.get(i);
                if (group.isExpert()) {
                    groups[i] = places[0].asSlice(0, group.byteCount());
                } else {
                    groups[i] = memory.allocate(group.byteCount());
                    file.read(group, groups[i]);
                }
            }
        } catch (IOException | RuntimeException | Error failure) {
            memory.close();
            throw failure;
        }
        reader = options.prefetch() && count < experts.size()
                ? Optional.of(Thread.ofPlatform().daemon().name("lathe-experts").start(this::readAhead))
                : Optional.empty();
    }

    /** Bytes of all but the experts. */
    private long staying() {
        return file.table().groups().stream()
                .filter(group -> !group.isExpert())
                .mapToLong(Group::byteCount)
                .sum();
    }

    private long placeBytes() {
        long largest = experts.stream().mapToLong(Group::byteCount).max().orElse(0);
        return PackedTable.align(largest, PackedTable.LINE_BYTES);
    }

    private long smallestLimit() {
        return staying() + placeBytes();
    }

    @Override
    public Tiles tiles(String name, long byteCount, Packing packing) throws IOException {
        return file.table().tiles(name, byteCount, file.path(), groups);
    }

    @Override
    public boolean isWhole() {
        return false;
    }

    @Override
    public void acquire(int layer) {
        passTimes.begin(layer);
    }

    @Override
    public void release(int layer) {
        passTimes.end(layer);
        if (pinned > 0 && layer == firstOfLayer.length - 1) {
            pinAfterProfile();
        }
    }

    private void pinAfterProfile() {
        lock.lock();
        try {
            if (passTimes.passes() >= PROFILED_PASSES && table.pinned() < pinned) {
                table.pinMostUsed(pinned - table.pinned());
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int expertsAtOnce() {
        return places.length - pinned;
    }

    @Override
    public boolean readsAhead() {
        return reader.isPresent();
    }

    @Override
    public void expect(int layer, int... ofLayer) {
        ahead.removeIf(expert -> expert != END); // too late for them
        for (int expert : ofLayer) {
            ahead.add(firstOfLayer[layer] + expert);
        }
    }

    /** Reads what will be needed where a place is free for it; what cannot be read is left to whoever needs it. */
    private void readAhead() {
        try {
            for (int expert = ahead.take(); expert >= 0 && !closed; expert = ahead.take()) {
                Held held = takeAhead(expert);
                if (held != null) {
                    try {
                        read(held, 0);
                    } catch (RuntimeException | Error failure) {
                        fail(held, failure);
                    } finally {
                        held.close();
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Held takeAhead(int expert) {
        lock.lock();
        try {
            if (!table.takeAhead(expert)) {
                return null;
            }
            int place = table.place(expert);
            reading[place] = true;
            failures[place] = null;
            return new Held(new int[] {expert}, new int[] {place}, true);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public ExpertTiles acquireExperts(int layer, int... ofLayer) {
        int[] wanted = new int[ofLayer.length];
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] = firstOfLayer[layer] + ofLayer[i];
        }
        Stopwatch.Lap lap = Stopwatch.system().start();
        Held held = take(wanted);
        try {
            readMissing(held);
        } catch (RuntimeException | Error failure) {
            fail(held, failure);
            held.close();
            if (closed) {
                throw new IllegalStateException("the model is closed", failure);
            }
            throw failure;
        }
        try {
            awaitOthers(held, lap);
        } catch (RuntimeException failure) {
            held.close();
            throw failure;
        }
        return held;
    }

    /** Holds places for experts, which are still to be read where they are missing. */
    private Held take(int... wanted) {
        door.lock();
        try {
            lock.lock();
            try {
                requireOpen();
                while (!table.canTake(wanted)) {
                    changed.awaitUninterruptibly();
                    requireOpen();
                }
                boolean[] missing = table.take(wanted);
                int[] taken = new int[wanted.length];
                for (int i = 0; i < taken.length; i++) {
                    taken[i] = table.place(wanted[i]);
                    if (missing[i]) {
                        reading[taken[i]] = true;
                        failures[taken[i]] = null;
                    }
                }
                return new Held(wanted, taken, missing);
            } finally {
                lock.unlock();
            }
        } finally {
            door.unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the model is closed");
        }
    }

    private void readMissing(Held held) {
        int[] missing = held.missing();
        if (missing.length == 1) {
            read(held, missing[0]);
        } else if (missing.length > 1) {
            workers.run(missing.length, part -> read(held, missing[part]));
        }
    }

    private void read(Held held, int index) {
        int place = held.places[index];
        Group group = experts.get(held.experts[index]);
        try {
            file.read(group, places[place].asSlice(0, group.byteCount()));
        } catch (IOException e) {
            throw new UncheckedIOException("expert weights cannot be read: " + e.getMessage(), e);
        }
        lock.lock();
        try {
            reading[place] = false;
            readBytes += group.byteCount();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Tells those who wait for what this one should have read; the next try reads again. */
    private void fail(Held held, Throwable failure) {
        lock.lock();
        try {
            for (int index : held.missing()) {
                int place = held.places[index];
                if (reading[place]) {
                    reading[place] = false;
                    failures[place] = failure;
                    table.remove(place);
                }
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for what other passes read. */
    private void awaitOthers(Held held, Stopwatch.Lap lap) {
        lock.lock();
        try {
            boolean waited = held.missing().length > 0;
            for (int place : held.places) {
                while (reading[place]) {
                    waited = true;
                    changed.awaitUninterruptibly();
                }
                if (failures[place] != null) {
                    throw new UncheckedIOException(new IOException(failures[place].getMessage(), failures[place]));
                }
            }
            if (waited) {
                stalledNanos += lap.nanos();
            }
        } finally {
            lock.unlock();
        }
    }

    private void release(int... taken) {
        lock.lock();
        try {
            for (int place : taken) {
                table.release(place);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Experts whose places a pass holds. */
    private final class Held implements ExpertTiles {
        private final int[] experts;
        private final int[] places;
        private final boolean[] wasMissing;

        Held(int[] experts, int[] places, boolean... wasMissing) {
            this.experts = experts;
            this.places = places;
            this.wasMissing = wasMissing;
        }

        int[] missing() {
            return IntStream.range(0, experts.length).filter(i -> wasMissing[i]).toArray();
        }

        @Override
        public MemorySegment locate(int index, MemorySegment tiles) {
            long offset = tiles.address() - CachedExperts.this.places[0].address();
            return CachedExperts.this.places[places[index]].asSlice(offset, tiles.byteSize());
        }

        @Override
        public void close() {
            release(places);
        }
    }

    @Override
    public Optional<WeightStreaming> streaming() {
        lock.lock();
        try {
            long passes = passTimes.passes();
            int layers =
                    (int) experts.stream().mapToInt(Group::layer).distinct().count();
            return Optional.of(new WeightStreaming(
                    limit,
                    smallestLimit(),
                    staying() + places.length * placeBytes(),
                    firstOfLayer.length,
                    places.length < experts.size() ? layers : 0,
                    places.length,
                    readBytes / Math.max(1, passes),
                    Duration.ZERO,
                    passes,
                    passTimes.mean(),
                    Duration.ofNanos(stalledNanos),
                    Optional.of(new ExpertCaching(
                            experts.size(), places.length, table.hits(), table.misses(), table.prefetches()))));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<Path> file() {
        return Optional.of(file.path());
    }

    @Override
    public WeightMemory memory() {
        return memory;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        ahead.add(END);
        reader.ifPresent(CachedExperts::join);
        memory.close();
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
