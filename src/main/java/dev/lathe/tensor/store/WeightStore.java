package dev.lathe.tensor.store;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a model's weights are: packed when they are loaded, or as an earlier load kept them. A store is asked for the
 * tiles of one matrix after the other while a model is loaded, by one thread; the model closes it.
 */
public interface WeightStore extends AutoCloseable {
    /** What fills the tiles of a matrix. */
    @FunctionalInterface
    interface Packing {
        /**
         * Packs the weights.
         *
         * @param tiles zeros, or anything where all bytes are written
         * @return which of its variants the packing chose by the weights' values; it is kept beside the tiles
         */
        int pack(MemorySegment tiles) throws IOException;
    }

    /**
     * The tiles of a matrix.
     *
     * @param memory good until the store is closed
     * @param variant what {@link Packing#pack} said
     */
    record Tiles(MemorySegment memory, int variant) {}

    /**
     * The tiles of a matrix.
     *
     * @param name which rows of which tensor: the same name is the same weights
     * @param byteCount bytes of all tiles
     * @param packing makes them where they are not there yet
     * @throws IOException if they can be neither read nor made
     */
    Tiles tiles(String name, long byteCount, Packing packing) throws IOException;

    /** Memory for weights that are no tiles. */
    WeightMemory memory();

    /** Says that what is asked for next belongs to a layer; before the first layer it belongs to none. */
    default void beginLayer(int layer) {}

    /** Says that what is asked for next belongs to one expert of the layer, until another one or the next layer begins. */
    default void beginExpert(int expert) {}

    /** Whether neurons that may be inactive are asked for bundle after bundle, each as an expert of its layer. */
    default boolean keepsNeurons() {
        return false;
    }

    /** Where copies of active neurons go; there if they are read one by one. */
    default Optional<NeuronScratch> neuronScratch() {
        return Optional.empty();
    }

    /** Whether all tiles are in memory all the time. If not, a layer's are there between acquire and release alone. */
    default boolean isWhole() {
        return true;
    }

    /**
     * Waits until the tiles of a layer can be read; every thread that computes does, with one layer at a time.
     *
     * @throws java.io.UncheckedIOException if they cannot be read
     * @throws IllegalStateException if the store is closed
     */
    default void acquire(int layer) {}

    /** Ends the use of a layer's tiles that {@link #acquire} began. */
    default void release(int layer) {}

    /** How many experts of a layer can be in memory at once for one thread that computes; at least one. */
    default int expertsAtOnce() {
        return Integer.MAX_VALUE;
    }

    /**
     * Waits until the tiles of some experts of a layer can be read, within {@link #acquire} and {@link #release} of it;
     * whoever computes closes what it is given before it asks again.
     *
     * @param experts different ones, at most {@link #expertsAtOnce}
     * @throws java.io.UncheckedIOException if they cannot be read
     * @throws IllegalStateException if the store is closed
     */
    default ExpertTiles acquireExperts(int layer, int... experts) {
        return ExpertTiles.UNMOVED;
    }

    /** Whether it is of use to say which experts will be {@linkplain #expect expected}. */
    default boolean readsAhead() {
        return false;
    }

    /** Says which experts of a layer will probably be needed next; nothing has to follow from it. */
    default void expect(int layer, int... experts) {}

    /** How layers or experts are read, where they are. */
    default Optional<WeightStreaming> streaming() {
        return Optional.empty();
    }

    /** The file that the tiles were read from, if there is one. */
    default Optional<Path> file() {
        return Optional.empty();
    }

    @Override
    void close();
}
