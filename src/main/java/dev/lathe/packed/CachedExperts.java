package dev.lathe.packed;

import dev.lathe.figures.Stopwatch;
import dev.lathe.file.InputFile;
import dev.lathe.packed.PackedTable.Group;
import dev.lathe.tensor.Threads;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.store.ExpertCacheOptions;
import dev.lathe.tensor.store.ExpertCaching;
import dev.lathe.tensor.store.ExpertTiles;
import dev.lathe.tensor.store.NeuronScratch;
import dev.lathe.tensor.store.WeightMemory;
import dev.lathe.tensor.store.WeightReading;
import dev.lathe.tensor.store.WeightStreaming;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Tiles of a packed file of a mixture of experts, or of a model whose neurons are read one by one, which are experts
 * here: all but the experts stay in memory, and as many experts as fit. One that is chosen and not there is read to the
 * place of one that leaves, by as many threads as compute. They are the store's own: an interrupt of a thread that
 * computes would close the file that all passes read.
 *
 * <p>A pass takes the experts that it needs at once all together and waits with none, in the order of asking, so passes
 * that run at the same time cannot block each other, even with one place. Xue et al., "PowerInfer-2: Fast Large
 * Language Model Inference on a Smartphone", 2024, arXiv 2406.06282, section 4.2, has the segmented cache: pinned parts
 * and parts that take turns.
 */
final class CachedExperts extends PackedWeights {
    private static final int END = -1;
    private static final int PROFILED_PASSES = 16; // after which the most used experts are pinned

    private final PackedFile file;
    private final GroupReader reader;
    private final long limit;
    private final List<Group> experts;
    private final int[] firstOfLayer; // the number of a layer's first expert
    private final MemorySegment[] places;
    private final ExpertPlaces chosen; // guarded by lock, as what follows
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final boolean[] reading; // by place
    private final Throwable[] failures; // by place, of its last read
    private final ReentrantLock door = new ReentrantLock(true); // passes wait for places one after the other
    private final PassTimes passTimes;
    private final ExpertCacheOptions options;
    private final int pinned; // places, once they are
    private final Optional<NeuronScratch> scratch;
    private final BlockingQueue<Integer> ahead =
            new LinkedBlockingQueue<>(); // experts to be read, or a mark of the end
    private final Optional<Thread> aheadReader;
    private final ExecutorService readers;
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
        super(file);
        this.file = file;
        this.options = options;
        this.limit = limit;
        List<Group> all = table.groups();
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
        scratch =
                options.neurons() ? Optional.of(new NeuronScratch(memory.allocate(scratchBytes()))) : Optional.empty();
        places = new MemorySegment[count];
        chosen = new ExpertPlaces(experts.size(), count, options.eviction());
        pinned = count < experts.size() ? Math.min(count - 1, (int) (options.pinnedShare() * count)) : 0;
        reading = new boolean[count];
        failures = new Throwable[count];
        passTimes = new PassTimes(layers - 1);
        try {
            MemorySegment together = GroupReader.allocate(memory, count * placeBytes());
            for (int place = 0; place < count; place++) {
                places[place] = together.asSlice(place * placeBytes(), placeBytes());
            }
            for (int i = 0; i < groups.length; i++) {
                Group group = all.get(i);
                if (group.isExpert()) { // as if all were in the first place
                    groups[i] = places[0].asSlice(0, group.byteCount());
                } else {
                    groups[i] = memory.allocate(group.byteCount());
                    file.read(group, groups[i]);
                }
            }
            reader = new GroupReader(file, experts);
        } catch (IOException | RuntimeException | Error failure) {
            memory.close();
            throw failure;
        }
        ThreadFactory daemons =
                Thread.ofPlatform().daemon().name("lathe-experts-", 1).factory();
        readers = Executors.newFixedThreadPool(workers.count(), daemons);
        aheadReader = options.prefetch() && count < experts.size()
                ? Optional.of(
                        Thread.ofPlatform().daemon().name("lathe-experts-ahead").start(this::readAhead))
                : Optional.empty();
    }

    /** Bytes of all but the experts. */
    private long staying() {
        return scratchBytes()
                + table.groups().stream()
                        .filter(group -> !group.isExpert())
                        .mapToLong(Group::byteCount)
                        .sum();
    }

    /** Neurons that are active together are copied, at most all of a layer, and their rows packed. */
    private long scratchBytes() {
        long[] ofLayer = new long[firstOfLayer.length];
        experts.forEach(expert -> ofLayer[expert.layer()] += expert.byteCount());
        return options.neurons() ? 2 * Arrays.stream(ofLayer).max().orElse(0) : 0;
    }

    private long placeBytes() {
        long largest = experts.stream().mapToLong(Group::byteCount).max().orElse(0);
        return PackedTable.align(largest, options.neurons() ? PackedTable.LINE_BYTES : InputFile.DIRECT_BYTES);
    }

    private long smallestLimit() {
        return staying() + placeBytes();
    }

    @Override
    public boolean keepsNeurons() {
        return options.neurons();
    }

    @Override
    public Optional<NeuronScratch> neuronScratch() {
        return scratch;
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
            if (passTimes.passes() >= PROFILED_PASSES && chosen.pinned() < pinned) {
                chosen.pinMostUsed(pinned - chosen.pinned());
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
        return aheadReader.isPresent();
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
                int place = takeAhead(expert);
                if (place >= 0) {
                    read(expert, place);
                    leave(place);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The place that an expert may be read to ahead of its use, held; -1 if none is free or it is there. */
    private int takeAhead(int expert) {
        lock.lock();
        try {
            if (!chosen.takeAhead(expert)) {
                return -1;
            }
            int place = chosen.place(expert);
            reading[place] = true;
            failures[place] = null;
            return place;
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
            awaitReads(held, lap);
        } catch (RuntimeException failure) {
            held.close();
            throw failure;
        }
        return held;
    }

    /** Holds places for experts, into which those that are missing are being read. */
    private Held take(int... wanted) {
        door.lock();
        try {
            lock.lock();
            try {
                requireOpen();
                while (!chosen.canTake(wanted)) {
                    changed.awaitUninterruptibly();
                    requireOpen();
                }
                boolean[] missing = chosen.take(wanted);
                int[] taken = new int[wanted.length];
                boolean anyMissing = false;
                for (int i = 0; i < taken.length; i++) {
                    int expert = wanted[i];
                    int place = chosen.place(expert);
                    taken[i] = place;
                    if (missing[i]) {
                        anyMissing = true;
                        reading[place] = true;
                        failures[place] = null;
                        readers.execute(() -> read(expert, place));
                    }
                }
                return new Held(taken, anyMissing);
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

    /** Reads an expert to its place; those who wait for it are told of a failure, and the next try reads again. */
    private void read(int expert, int place) {
        Throwable failure = null;
        try {
            reader.read(experts.get(expert), places[place]);
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
        }
        lock.lock();
        try {
            reading[place] = false;
            if (failure != null) {
                failures[place] = failure;
                chosen.remove(place);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until nothing is read to the places of a pass any more, whoever asked for it. */
    private void awaitReads(Held held, Stopwatch.Lap lap) {
        lock.lock();
        try {
            boolean waited = held.anyMissing;
            for (int place : held.places) {
                while (reading[place]) {
                    requireOpen(); // what was still to be read may have been given up
                    waited = true;
                    changed.awaitUninterruptibly();
                }
            }
            if (waited) {
                stalledNanos += lap.nanos();
            }
            for (int place : held.places) {
                if (failures[place] != null) {
                    requireOpen();
                    throw new UncheckedIOException(new IOException(
                            "expert weights cannot be read: " + failures[place].getMessage(), failures[place]));
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void leave(int... taken) {
        lock.lock();
        try {
            for (int place : taken) {
                chosen.release(place);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Experts whose places a pass holds. */
    private final class Held implements ExpertTiles {
        private final int[] places;
        private final boolean anyMissing; // when they were taken

        Held(int[] places, boolean anyMissing) {
            this.places = places;
            this.anyMissing = anyMissing;
        }

        @Override
        public MemorySegment locate(int index, MemorySegment tiles) {
            long offset = tiles.address() - CachedExperts.this.places[0].address();
            return CachedExperts.this.places[places[index]].asSlice(offset, tiles.byteSize());
        }

        @Override
        public void close() {
            leave(places);
        }
    }

    @Override
    public Optional<WeightStreaming> streaming() {
        lock.lock();
        try {
            long passes = passTimes.passes();
            WeightReading soFar = reader.reading();
            int layers =
                    (int) experts.stream().mapToInt(Group::layer).distinct().count();
            return Optional.of(new WeightStreaming(
                    limit,
                    smallestLimit(),
                    staying() + places.length * placeBytes(),
                    firstOfLayer.length,
                    places.length < experts.size() ? layers : 0,
                    places.length,
                    soFar.bytes() / Math.max(1, passes),
                    Duration.ZERO,
                    passes,
                    passTimes.mean(),
                    Duration.ofNanos(stalledNanos),
                    soFar,
                    Optional.of(new ExpertCaching(
                            experts.size(), places.length, chosen.hits(), chosen.misses(), chosen.prefetches()))));
        } finally {
            lock.unlock();
        }
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
        aheadReader.ifPresent(Threads::join);
        readers.close();
        super.close();
        InputFile.closeAll(List.of(reader, file));
    }
}
