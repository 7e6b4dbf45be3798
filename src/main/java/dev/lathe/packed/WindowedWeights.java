package dev.lathe.packed;

import dev.lathe.file.InputFile;
import dev.lathe.packed.PackedTable.Group;
import dev.lathe.tensor.store.WeightReading;
import dev.lathe.tensor.store.WeightStreaming;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Tiles of a packed file of which some layers stay in memory and the others are read ahead of each pass. */
final class WindowedWeights extends PackedWeights {
    private static final int RESIDENT = -1;
    private static final int CHUNKS_OF_PIECE = 8;

    private final PackedFile file;
    private final WindowPlan plan;
    private final long limit;
    private final int[] streamed; // by layer, its number in the ring
    private final List<Group> inRing = new ArrayList<>();
    private final MemorySegment[] places;
    private final GroupReader reader;
    private final Optional<LayerRing> ring;
    private final int lastLayer;
    private final PassTimes passTimes;

    /**
     * Reads what stays, and begins to read ahead.
     *
     * @param file closed with this; after a failure the caller's
     * @throws IOException if it cannot be read, or is damaged
     */
    WindowedWeights(PackedFile file, WindowPlan plan, long limit) throws IOException {
        super(file);
        this.file = file;
        this.plan = plan;
        this.limit = limit;
        places = new MemorySegment[plan.places()];
        for (int place = 0; place < places.length; place++) {
            places[place] = GroupReader.allocate(memory, PackedTable.align(plan.placeBytes(), InputFile.DIRECT_BYTES));
        }
        int layers = 0;
        for (Group group : plan.groups()) {
            layers = Math.max(layers, group.layer() + 1);
        }
        lastLayer = layers - 1;
        passTimes = new PassTimes(lastLayer);
        streamed = new int[layers];
        try {
            for (int i = 0; i < groups.length; i++) {
                place(i);
            }
            reader = new GroupReader(file, inRing);
        } catch (IOException | RuntimeException | Error failure) {
            memory.close();
            throw failure;
        }
        ring = inRing.isEmpty()
                ? Optional.empty()
                : Optional.of(new LayerRing(inRing.size(), places.length, new LayerReader()));
    }

    private void place(int number) throws IOException {
        Group group = plan.groups().get(number);
        if (plan.resident()[number]) {
            groups[number] = memory.allocate(group.byteCount());
            file.read(group, groups[number]);
            if (group.layer() >= 0) {
                streamed[group.layer()] = RESIDENT;
            }
        } else {
            groups[number] = places[inRing.size() % places.length].asSlice(0, group.byteCount());
            streamed[group.layer()] = inRing.size();
            inRing.add(group);
        }
    }

    /** Reads pieces of layers. */
    private final class LayerReader implements LayerRing.Reader {
        @Override
        public int pieces(int number) {
            return (inRing.get(number).chunks() + CHUNKS_OF_PIECE - 1) / CHUNKS_OF_PIECE;
        }

        @Override
        public void read(int number, int place, int piece) throws IOException {
            Group group = inRing.get(number);
            int from = piece * CHUNKS_OF_PIECE;
            int to = Math.min(group.chunks(), from + CHUNKS_OF_PIECE);
            reader.read(group, places[place], from, to, reader.isAround(group));
        }

        @Override
        public void ended(int number, long nanos) {
            Group group = inRing.get(number);
            reader.ended(group, reader.isAround(group), nanos);
        }
    }

    /** As measured until now. */
    double readNanosPerByte() {
        WeightReading reading = reader.reading();
        return (double) reading.time().toNanos() / Math.max(1, reading.bytes());
    }

    long stalledNanos() {
        return ring.map(LayerRing::stalledNanos).orElse(0L);
    }

    @Override
    public boolean isWhole() {
        return ring.isEmpty();
    }

    @Override
    public void acquire(int layer) {
        passTimes.begin(layer);
        if (layer <= lastLayer && streamed[layer] != RESIDENT) {
            ring.orElseThrow().acquire(streamed[layer]);
        }
    }

    @Override
    public void release(int layer) {
        if (layer <= lastLayer && streamed[layer] != RESIDENT) {
            ring.orElseThrow().release(streamed[layer]);
        }
        passTimes.end(layer);
    }

    @Override
    public Optional<WeightStreaming> streaming() {
        return Optional.of(new WeightStreaming(
                limit,
                WindowPlan.smallestLimit(plan.groups()),
                plan.memoryBytes(),
                lastLayer + 1,
                inRing.size(),
                places.length,
                plan.streamedBytes(),
                Duration.ofNanos((long) plan.passNanos()),
                passTimes.passes(),
                passTimes.mean(),
                Duration.ofNanos(stalledNanos()),
                reader.reading(),
                Optional.empty()));
    }

    @Override
    public void close() {
        ring.ifPresent(LayerRing::close);
        super.close();
        InputFile.closeAll(List.of(reader, file));
    }
}
