package dev.lathe.tensor.pack;

import dev.lathe.tensor.DenseLinear;
import dev.lathe.tensor.KernelSet;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.Neurons;
import dev.lathe.tensor.QuantizedLinear;
import dev.lathe.tensor.SegmentSource;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.TiledLinear;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.ScalePlane;
import dev.lathe.tensor.kernel.TileLayout;
import dev.lathe.tensor.store.ExpertTiles;
import dev.lathe.tensor.store.NeuronScratch;
import dev.lathe.tensor.store.WeightMemory;
import dev.lathe.tensor.store.WeightStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/**
 * The neurons of a feed-forward part in bundles: the rows of up, as their file has them, and the columns of down, as its tiles
 * have them. What a pass needs is put side by side and is then two matrices like others, so that outputs have the bits of the
 * whole ones: rows depend on nothing else, and columns that are missing would have added zero.
 *
 * <p>A bundle is as few neurons as down's type lets be taken out: one where weights are plain numbers, 32 of those that share a
 * scale, 256 where scales share one too. Immutable and thread-safe; passes take turns.
 */
public final class NeuronBundles implements Neurons {
    private static final int SUPER_BLOCK = ScalePlane.SUPER_BLOCKS * IntegerPlane.BLOCK;

    private final Optional<Matrix> up;
    private final Matrix down;
    private final int width; // neurons of a bundle
    private final long rowBytes; // of up's rows in a bundle
    private final long pieceBytes; // of a bundle's columns in a tile of down
    private final WeightStore store;
    private final int layer;
    private final KernelSet kernels;
    private WeightStore.Tiles first; // where a bundle is, if it is in the first place; set while it is made

    /**
     * A matrix in a file.
     *
     * @param type of its weights
     * @param rows outputs
     * @param columns inputs
     * @param source its bytes, row after row
     */
    public record Matrix(TensorType type, int rows, int columns, SegmentSource source) {}

    private NeuronBundles(Optional<Matrix> up, Matrix down, WeightStore store, int layer, KernelSet kernels) {
        this.up = up;
        this.down = down;
        this.store = store;
        this.layer = layer;
        this.kernels = kernels;
        width = neuronsOf(down.type());
        rowBytes = up.map(rows -> width * rows.type().byteCount(rows.columns())).orElse(0L);
        pieceBytes = LinearLoader.packedBytes(down.type(), Linear.TILE_ROWS, width);
    }

    private static int neuronsOf(TensorType down) {
        Optional<TileLayout> layout = TileLayout.of(down);
        if (layout.isEmpty()) {
            return 1;
        }
        return layout.get().superBytes() > 0 ? SUPER_BLOCK : IntegerPlane.BLOCK;
    }

    /** Whether neurons come in whole bundles, and rows of up take little more room when they are packed. */
    public static boolean canDivide(Optional<Matrix> up, Matrix down) {
        boolean keepsSize = up.isEmpty()
                || LinearLoader.packedBytes(
                                up.get().type(), Linear.TILE_ROWS, up.get().columns())
                        <= Linear.TILE_ROWS * up.get().type().byteCount(up.get().columns()) * 5 / 4;
        return keepsSize && down.columns() % neuronsOf(down.type()) == 0;
    }

    /**
     * Asks a store for all bundles of a layer, one expert each.
     *
     * @param name by which the store knows the layer's neurons
     * @param up [neurons x inputs], where it is not what tells which neurons are active
     * @param down [outputs x neurons]
     * @param store which must stay open as long as the bundles are used
     * @throws IOException if they can be neither read nor made
     */
    public static NeuronBundles load(
            String name,
            Optional<Matrix> up,
            Matrix down,
            WeightStore store,
            int layer,
            Workers workers,
            KernelSet kernels)
            throws IOException {
        NeuronBundles bundles = new NeuronBundles(up, down, store, layer, kernels);
        try (WeightMemory memory = WeightMemory.open()) {
            Down whole = bundles.new Down(memory, workers);
            for (int bundle = 0; bundle < bundles.count(); bundle++) {
                int number = bundle;
                store.beginExpert(bundle);
                bundles.first = store.tiles(
                        name + " " + bundle, bundles.byteCount(), target -> bundles.fill(number, target, whole));
            }
        }
        return bundles;
    }

    /** Has one matrix packed into given memory. */
    private static final class Target implements WeightStore {
        private final MemorySegment memory;
        private Tiles tiles;

        Target(MemorySegment memory) {
            this.memory = memory;
        }

        @Override
        public Tiles tiles(String name, long byteCount, Packing packing) throws IOException {
            MemorySegment target = memory.asSlice(0, byteCount);
            tiles = new Tiles(target, packing.pack(target));
            return tiles;
        }

        @Override
        public WeightMemory memory() {
            throw new UnsupportedOperationException("there is one matrix alone");
        }

        @Override
        public void close() {
            // the memory is another's
        }
    }

    /** The tiles of down, packed when the first bundle is made. */
    private final class Down {
        private final WeightMemory memory;
        private final Workers workers;
        private WeightStore.Tiles tiles;

        Down(WeightMemory memory, Workers workers) {
            this.memory = memory;
            this.workers = workers;
        }

        WeightStore.Tiles tiles() throws IOException {
            if (tiles == null) {
                Target target = new Target(memory.allocate(tileCount() * count() * pieceBytes));
                LinearLoader.pack(
                        "", down.type(), down.rows(), down.columns(), down.source(), target, workers, kernels);
                tiles = target.tiles;
            }
            return tiles;
        }
    }

    /** Puts a bundle together; returns down's variant. */
    private int fill(int bundle, MemorySegment target, Down whole) throws IOException {
        if (up.isPresent()) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment rows = up.get().source().map(bundle * rowBytes, rowBytes, arena);
                MemorySegment.copy(rows, 0, target, 0, rowBytes);
            }
        }
        MemorySegment tiles = whole.tiles().memory();
        for (int tile = 0; tile < tileCount(); tile++) {
            long from = ((long) tile * count() + bundle) * pieceBytes;
            MemorySegment.copy(tiles, from, target, columnsOffset() + tile * pieceBytes, pieceBytes);
        }
        return whole.tiles().variant();
    }

    @Override
    public int count() {
        return down.columns() / width;
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public int outputSize() {
        return down.rows();
    }

    /** Bytes of a bundle. */
    public long byteCount() {
        return columnsOffset() + tileCount() * pieceBytes;
    }

    private long columnsOffset() {
        return (rowBytes + 63) / 64 * 64;
    }

    private int tileCount() {
        return (down.rows() + Linear.TILE_ROWS - 1) / Linear.TILE_ROWS;
    }

    @Override
    public Gathered gather(int[] bundles, Workers workers) {
        NeuronScratch scratch = store.neuronScratch().orElseThrow();
        scratch.turn().lock();
        try {
            long rows = bundles.length * rowBytes;
            long columns = (rows + 63) / 64 * 64;
            long columnBytes = (long) tileCount() * bundles.length * pieceBytes;
            MemorySegment memory = scratch.memory();
            copy(bundles, memory.asSlice(0, rows), memory.asSlice(columns, columnBytes), workers);
            Optional<Linear> packed = Optional.empty();
            if (up.isPresent()) {
                packed = Optional.of(packed(
                        bundles.length, memory.asSlice(0, rows), memory.asSlice(columns + columnBytes), workers));
            }
            return new Gathered(packed, columns(bundles.length, memory.asSlice(columns, columnBytes)), scratch);
        } catch (IOException e) {
            scratch.turn().unlock();
            throw new UncheckedIOException(e);
        } catch (RuntimeException | Error failure) {
            scratch.turn().unlock();
            throw failure;
        }
    }

    /** As many at once as there can be in memory. */
    private void copy(int[] bundles, MemorySegment rows, MemorySegment columns, Workers workers) {
        int most = Math.min(bundles.length, store.expertsAtOnce());
        for (int from = 0; from < bundles.length; from += most) {
            int start = from;
            int[] some = Arrays.copyOfRange(bundles, from, Math.min(bundles.length, from + most));
            try (ExpertTiles held = store.acquireExperts(layer, some)) {
                int parts = Math.min(some.length, 4 * workers.count());
                workers.run(parts, part -> {
                    for (int i = part * some.length / parts; i < (part + 1) * some.length / parts; i++) {
                        copy(held.locate(i, first.memory()), start + i, bundles.length, rows, columns);
                    }
                });
            }
        }
    }

    private void copy(MemorySegment bundle, int at, int all, MemorySegment rows, MemorySegment columns) {
        MemorySegment.copy(bundle, 0, rows, at * rowBytes, rowBytes);
        for (int tile = 0; tile < tileCount(); tile++) {
            long from = columnsOffset() + tile * pieceBytes;
            MemorySegment.copy(bundle, from, columns, ((long) tile * all + at) * pieceBytes, pieceBytes);
        }
    }

    private TiledLinear packed(int bundles, MemorySegment rows, MemorySegment target, Workers workers)
            throws IOException {
        Matrix matrix = up.orElseThrow();
        return LinearLoader.pack(
                "",
                matrix.type(),
                bundles * width,
                matrix.columns(),
                (offset, byteCount, arena) -> rows.asSlice(offset, byteCount),
                new Target(target),
                workers,
                kernels);
    }

    private TiledLinear columns(int bundles, MemorySegment tiles) {
        return TileLayout.of(down.type()).isPresent()
                ? new QuantizedLinear(down.type(), down.rows(), bundles * width, tiles, kernels)
                : new DenseLinear(
                        down.type(),
                        down.rows(),
                        bundles * width,
                        tiles,
                        LinearLoader.isLarge(first.variant()),
                        kernels);
    }
}
