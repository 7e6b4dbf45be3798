package dev.lathe.retrieval;

import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.KernelSet;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.TiledLinear;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.codec.BlockCodec;
import dev.lathe.tensor.pack.LinearLoader;
import dev.lathe.tensor.store.WeightMemory;
import dev.lathe.tensor.store.WeightStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Vectors in memory outside the Java heap, as linear layers of {@value #BLOCK_ROWS} outputs each: a query is an input
 * row, the inner products are its outputs, computed by the kernels of weights. Products have the same bits wherever a
 * vector lies. The last block is packed again when it is read after vectors were added. One thread at a time.
 */
final class VectorBlocks implements AutoCloseable {
    static final int BLOCK_ROWS = 1024;

    /** Blocks whose products one parallel region computes, and whose results are in memory together. */
    static final int TOGETHER = 32;

    private final int dimensions;
    private final TensorType type;
    private final int rowBytes;
    private final KernelSet kernels = KernelSet.best();
    private final WeightMemory memory = WeightMemory.open();
    private final List<TiledLinear> full = new ArrayList<>();
    private final byte[] tail;
    private final MemorySegment tailTiles;
    private TiledLinear tailBlock; // of the tail's rows; null where some were added since
    private int tailRows;
    private final boolean squared;
    private final Workers workers;
    private float[] squares = {}; // of the vectors' lengths, where they are wanted

    /**
     * No vectors yet.
     *
     * @param squared whether {@link #square} will be asked for
     * @param workers the threads that pack and multiply
     */
    VectorBlocks(int dimensions, TensorType type, boolean squared, Workers workers) {
        this.dimensions = dimensions;
        this.type = type;
        this.squared = squared;
        this.workers = workers;
        rowBytes = Math.toIntExact(type.byteCount(dimensions));
        tail = new byte[Math.multiplyExact(BLOCK_ROWS, rowBytes)];
        tailTiles = memory.allocate(LinearLoader.packedBytes(type, BLOCK_ROWS, dimensions));
    }

    int size() {
        return full.size() * BLOCK_ROWS + tailRows;
    }

    /** Adds a vector that is encoded in an array from an offset on. */
    void add(byte[] encoded, int offset) {
        System.arraycopy(encoded, offset, tail, tailRows * rowBytes, rowBytes);
        tailBlock = null;
        if (squared) {
            int index = size();
            squares = index < squares.length ? squares : Arrays.copyOf(squares, Math.max(BLOCK_ROWS, 2 * index));
            squares[index] = squareOf(encoded, offset);
        }
        if (++tailRows == BLOCK_ROWS) {
            full.add(pack(memory));
            tailRows = 0;
        }
    }

    private float squareOf(byte[] encoded, int offset) {
        float[] vector = new float[dimensions];
        BlockCodec.of(type).decode(encoded, offset, vector, 0, dimensions);
        double square = 0;
        for (float value : vector) {
            square += (double) value * value;
        }
        return (float) square;
    }

    private TiledLinear pack(WeightStore store) {
        try {
            return LinearLoader.pack(
                    "",
                    type,
                    tailRows,
                    dimensions,
                    (offset, byteCount, arena) -> MemorySegment.ofArray(tail).asSlice(offset, byteCount),
                    store,
                    workers,
                    kernels);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing is read from a file
        }
    }

    /** Takes the tiles of the last block again and again. */
    private final class TailStore implements WeightStore {
        @Override
        public Tiles tiles(String name, long byteCount, Packing packing) throws IOException {
            MemorySegment tiles = tailTiles.asSlice(0, byteCount);
            tiles.fill((byte) 0);
            return new Tiles(tiles, packing.pack(tiles));
        }

        @Override
        public WeightMemory memory() {
            return memory;
        }

        @Override
        public void close() {}
    }

    private TiledLinear block(int index) {
        if (index < full.size()) {
            return full.get(index);
        }
        if (tailBlock == null) {
            tailBlock = pack(new TailStore());
        }
        return tailBlock;
    }

    /** What takes the products of a block, perhaps several blocks at once on several threads. */
    interface Products {
        /**
         * Takes products.
         *
         * @param place of the block among those computed together, alone on its thread
         * @param firstRow the block's first vector
         * @param rows vectors of the block
         * @param products [queries x rows]; valid during the call
         */
        void accept(int place, int firstRow, int rows, FloatMatrix products);
    }

    /** Computes the inner products of queries and all vectors, {@value #TOGETHER} blocks at a time. */
    void multiply(Activations queries, Products products) {
        int blocks = full.size() + (tailRows > 0 ? 1 : 0);
        float[][] buffers =
                new float[Math.min(blocks, TOGETHER)][queries.matrix().rows() * BLOCK_ROWS];
        for (int from = 0; from < blocks; from += TOGETHER) {
            int first = from;
            TiledLinear[] layers = new TiledLinear[Math.min(TOGETHER, blocks - from)];
            FloatMatrix[] outputs = new FloatMatrix[layers.length];
            for (int place = 0; place < layers.length; place++) {
                layers[place] = block(first + place);
                outputs[place] =
                        new FloatMatrix(buffers[place], queries.matrix().rows(), layers[place].outputSize());
            }
            Linear.applyAll(queries, layers, outputs, workers);
            workers.run(
                    layers.length,
                    place -> products.accept(
                            place, (first + place) * BLOCK_ROWS, layers[place].outputSize(), outputs[place]));
        }
    }

    /** The square of a vector's length. */
    double square(int index) {
        return squares[index];
    }

    /** Reads a vector as the products read it. */
    float[] row(int index) {
        float[] row = new float[dimensions];
        block(index / BLOCK_ROWS).readRow(index % BLOCK_ROWS, row, 0);
        return row;
    }

    @Override
    public void close() {
        memory.close();
    }
}
