package dev.lathe.packed;

import dev.lathe.gguf.TensorSource;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.pack.LinearLoader;
import dev.lathe.tensor.store.ExpertCacheOptions;
import dev.lathe.tensor.store.WeightMemory;
import dev.lathe.tensor.store.WeightStore;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A folder of packed files, one for each model that was loaded with it. Any number of processes may use it at once; a
 * file is written beside its place and moved there whole. Nothing is ever removed: delete what is not needed any more.
 *
 * @param folder made when it is needed
 * @param experts which experts of a mixture, or which neurons, are in memory under a limit
 */
public record PackedFolder(Path folder, ExpertCacheOptions experts) {
    private static final int NAME_BYTES = 16; // of the hash

    /**
     * A model's tensors, and the files that they are in.
     *
     * @param tensors an open source
     * @param files those it reads, if a hash of them may be remembered
     * @param openedMillis a moment before they were opened, as {@link System#currentTimeMillis} tells it
     */
    public record Source(TensorSource tensors, List<Path> files, long openedMillis) {}

    /** Asks a store for all tiles of a model. */
    @FunctionalInterface
    public interface Loading<T> {
        /** Loads from a store, which what is loaded closes; after a failure the caller does. */
        T load(WeightStore store) throws IOException;
    }

    /** Computes with a store for a moment. */
    @FunctionalInterface
    public interface Trial {
        /** Nanoseconds to compute with a byte of a layer's tiles, without the wait for them. */
        double computeNanosPerByte(WeightStore store) throws IOException;
    }

    /** Asks a store that keeps tiles for all of a model. */
    @FunctionalInterface
    public interface Packing {
        /** Packs into a store, which the caller closes. */
        void pack(WeightStore store) throws IOException;
    }

    /** Checks the component. */
    public PackedFolder {
        Objects.requireNonNull(folder, "folder");
        Objects.requireNonNull(experts, "experts");
    }

    /** With experts under a limit as is usual. */
    public PackedFolder(Path folder) {
        this(folder, ExpertCacheOptions.DEFAULT);
    }

    /**
     * Loads a model from its packed file, which is made where it is absent and made anew where it is damaged. Under a
     * limit, layers are read ahead of each pass; of a mixture of experts the experts are read that a pass chooses.
     *
     * @param packing asks for all tiles once, to write them
     * @param loading asks for all tiles to compute with them
     * @param limit bytes of tiles that may be in memory at once, if there is a limit
     * @param trial measures, where there is a limit, how fast is computed
     * @throws IllegalArgumentException if the limit is too small; the message says the smallest
     * @throws IOException if the file can be neither read nor written
     */
    public <T> T load(
            Source source, Workers workers, Packing packing, Loading<T> loading, OptionalLong limit, Trial trial)
            throws IOException {
        Files.createDirectories(folder);
        byte[] hash = hash(source, workers);
        boolean neurons = limit.isPresent() && experts.neurons();
        Path path = neurons ? neurons(path(hash)) : path(hash);
        if (!Files.exists(path)) {
            write(path, hash, packing, neurons);
        }
        Reading<T> reading = () -> limit.isEmpty()
                ? readAll(path, hash, workers, loading)
                : readUnderLimit(path, hash, workers, loading, limit.getAsLong(), trial);
        try {
            return reading.run();
        } catch (PackedFileException damaged) {
            System.getLogger("dev.lathe").log(Level.WARNING, damaged.getMessage());
            write(path, hash, packing, neurons);
            return reading.run();
        }
    }

    private interface Reading<T> {
        T run() throws IOException;
    }

    /**
     * Where the packed file of a source is, or would be. Reads all tensors, unless their hash is remembered.
     *
     * @throws IOException if they cannot be read
     */
    public Path file(Source source, Workers workers) throws IOException {
        return path(hash(source, workers));
    }

    private byte[] hash(Source source, Workers workers) throws IOException {
        KnownFiles known = new KnownFiles(folder);
        Optional<byte[]> remembered = known.find(source.files());
        if (remembered.isPresent()) {
            return remembered.get();
        }
        byte[] hash = TensorHash.of(source.tensors(), workers);
        known.remember(source.files(), source.openedMillis(), hash);
        return hash;
    }

    /** Tiles are ints as the processor orders their bytes, so the name tells the order too. */
    private Path path(byte[] hash) {
        String order = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? "" : "-big-endian";
        return folder.resolve(
                HexFormat.of().formatHex(hash, 0, NAME_BYTES) + "-" + LinearLoader.LAYOUT_VERSION + order + ".packed");
    }

    /** Where the same weights are with neurons as parts of their own. */
    private static Path neurons(Path whole) {
        return whole.resolveSibling(whole.getFileName().toString().replace(".packed", "-neurons.packed"));
    }

    private static void write(Path path, byte[] hash, Packing packing, boolean neurons) throws IOException {
        try (PackedFileWriter writer = new PackedFileWriter(path, LinearLoader.LAYOUT_VERSION, hash, neurons)) {
            packing.pack(writer);
            writer.commit();
        }
    }

    private static <T> T readAll(Path path, byte[] hash, Workers workers, Loading<T> loading) throws IOException {
        try (PackedFile file = PackedFile.open(path, LinearLoader.LAYOUT_VERSION, hash)) {
            WeightStore store = ResidentWeights.read(file, workers);
            try {
                return loading.load(store);
            } catch (IOException | RuntimeException | Error failure) {
                store.close();
                throw failure;
            }
        }
    }

    private <T> T readUnderLimit(Path path, byte[] hash, Workers workers, Loading<T> loading, long limit, Trial trial)
            throws IOException {
        PackedFile file = PackedFile.open(path, LinearLoader.LAYOUT_VERSION, hash);
        if (!file.table().hasExperts()) {
            file.close();
            if (experts.neurons()) {
                throw new PackedFileException(path, "has no neurons"); // nor can be made with some, as packing will say
            }
            return readAhead(path, hash, loading, limit, trial);
        }
        WeightStore store = null;
        try {
            store = new CachedExperts(file, workers, limit, experts);
            return loading.load(store);
        } catch (IOException | RuntimeException | Error failure) {
            close(store, file);
            throw failure;
        }
    }

    /** Measures with two places for layers, then loads by the plan that these times make. */
    private static <T> T readAhead(Path path, byte[] hash, Loading<T> loading, long limit, Trial trial)
            throws IOException {
        WindowPlan.Times times = times(path, hash, limit, trial);
        PackedFile file = PackedFile.open(path, LinearLoader.LAYOUT_VERSION, hash);
        WindowedWeights store = null;
        try {
            WindowPlan plan = WindowPlan.of(file.table().groups(), limit, times);
            WeightMemory.require(plan.memoryBytes());
            store = new WindowedWeights(file, plan, limit);
            return loading.load(store);
        } catch (IOException | RuntimeException | Error failure) {
            close(store, file);
            throw failure;
        }
    }

    private static WindowPlan.Times times(Path path, byte[] hash, long limit, Trial trial) throws IOException {
        PackedFile file = PackedFile.open(path, LinearLoader.LAYOUT_VERSION, hash);
        WindowedWeights store = null;
        try {
            WindowPlan.requireRoom(file.table().groups(), limit);
            store = new WindowedWeights(file, WindowPlan.trial(file.table().groups(), limit), limit);
            double computeNanos = trial.computeNanosPerByte(store);
            return new WindowPlan.Times(store.readNanosPerByte(), computeNanos);
        } finally {
            close(store, file);
        }
    }

    private static void close(WeightStore store, PackedFile file) throws IOException {
        if (store == null) {
            file.close();
        } else {
            store.close();
        }
    }
}
