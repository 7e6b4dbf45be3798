package dev.lathe.model.load;

import dev.lathe.gguf.GgufException;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.gguf.TensorSource;
import dev.lathe.model.WeightGroup;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.model.config.PredictionLayers;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.BlockMask;
import dev.lathe.tensor.GroupSparseLinear;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.LowRankLinear;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.TiledLinear;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.pack.BlockSparseLoader;
import dev.lathe.tensor.pack.GroupSparseLoader;
import dev.lathe.tensor.pack.LinearLoader;
import dev.lathe.tensor.pack.NeuronBundles;
import dev.lathe.tensor.store.WeightStore;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads vectors and linear layers by their names and the shapes they must have. What stands in a matrix's place, such as its
 * factors, is found by the names that {@link LatheFormat} gives it, in files that left their architecture's shape only.
 */
public final class TensorLoader {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int BFLOAT_SHIFT = 16;

    /** Columns within their groups that one byte holds, in two bits each. */
    private static final int PLACES_PER_BYTE = 4;

    private final TensorSource source;
    private final WeightStore store;
    private final boolean shaped;
    private final Workers workers;
    private final Kernels kernels;
    private final Set<String> used = new HashSet<>();

    /** Takes matrices from a store that stays open as long as they are used. */
    public TensorLoader(TensorSource source, WeightStore store, Workers workers, Kernels kernels) {
        this.source = PredictionLayers.without(source);
        this.store = store;
        this.shaped = LatheFormat.isShaped(source.metadata());
        this.workers = workers;
        this.kernels = kernels;
    }

    /** Bytes in memory of all matrices that have kernels. */
    public static long packedBytes(TensorSource source) {
        return PredictionLayers.without(source).tensors().stream()
                .filter(tensor -> tensor.dimensions().size() > 1
                        && tensor.elementCount() > 0
                        && LinearLoader.supportedTypes().contains(tensor.type())
                        && Math.max(tensor.dimension(0), tensor.dimension(1)) < Integer.MAX_VALUE)
                .mapToLong(tensor -> tensor.elementCount()
                        / (tensor.dimension(0) * tensor.dimension(1))
                        * LinearLoader.packedBytes(tensor.type(), (int) tensor.dimension(1), (int) tensor.dimension(0)))
                .sum();
    }

    /** Whether the store takes neurons bundle after bundle. */
    boolean keepsNeurons() {
        return store.keepsNeurons();
    }

    /** A matrix that stands in the file as it is, to be read in parts; empty if it does not. */
    Optional<NeuronBundles.Matrix> plain(String name, int rows, int columns) {
        return source.tensor(name)
                .filter(tensor -> tensor.dimensions().equals(List.of((long) columns, (long) rows)))
                .filter(tensor -> LinearLoader.supportedTypes().contains(tensor.type()))
                .map(tensor -> new NeuronBundles.Matrix(
                        tensor.type(),
                        rows,
                        columns,
                        (byteOffset, byteCount, arena) -> source.map(tensor, byteOffset, byteCount, arena)));
    }

    /** The neurons of a layer whose matrices are {@linkplain #plain plain}. */
    NeuronBundles neurons(int layer, Optional<NeuronBundles.Matrix> up, NeuronBundles.Matrix down) throws IOException {
        up.ifPresent(_ -> used.add(TensorRole.UP.weight(layer)));
        used.add(TensorRole.DOWN.weight(layer));
        return NeuronBundles.load("neurons of layer " + layer, up, down, store, layer, workers, kernels);
    }

    /** What is read next belongs to an expert of the layer. */
    void beginExpert(int expert) {
        store.beginExpert(expert);
    }

    /** What is read next belongs to a layer. */
    void beginLayer(int layer) {
        store.beginLayer(layer);
    }

    /** Whether the file has this matrix, whole or in factors. */
    public boolean hasMatrix(String name) {
        return source.tensor(name).isPresent()
                || hasFactors(name)
                || isShapedWith(LatheFormat.blocks(name))
                || isShapedWith(LatheFormat.keptValues(name));
    }

    private boolean hasFactors(String name) {
        return isShapedWith(LatheFormat.inFactor(name));
    }

    /** Whether the model left its architecture's shape and has this tensor. */
    boolean isShapedWith(String name) {
        return shaped && source.tensor(name).isPresent();
    }

    /** Whether the model left its architecture's shape and lacks this tensor. */
    boolean isShapedWithout(String name) {
        return shaped && source.tensor(name).isEmpty();
    }

    /** Rows of a matrix, whole or in factors. */
    public int rows(String name) {
        return rows(source, hasFactors(name) ? LatheFormat.outFactor(name) : name);
    }

    /** A linear layer of [rows x columns]. */
    public Linear matrix(String name, int rows, int columns) throws IOException {
        if (source.tensor(name).isPresent()) {
            return tiled(name, rows, columns);
        }
        if (hasFactors(name)) {
            String in = LatheFormat.inFactor(name);
            int rank = rows(source, in);
            return new LowRankLinear(tiled(in, rank, columns), tiled(LatheFormat.outFactor(name), rows, rank));
        }
        if (isShapedWith(LatheFormat.blocks(name))) {
            return blocks(name, rows, columns);
        }
        if (isShapedWith(LatheFormat.keptValues(name))) {
            return groups(name, rows, columns);
        }
        return tiled(name, rows, columns); // says that it is missing
    }

    /** A matrix that only files of shaped models have, and only where they need it. */
    public Optional<TiledLinear> shapedMatrix(String name, int rows, int columns) throws IOException {
        return isShapedWith(name) ? Optional.of(tiled(name, rows, columns)) : Optional.empty();
    }

    /** A linear layer that stands in the file as it is. */
    public TiledLinear tiled(String name, int rows, int columns) throws IOException {
        return pack(name, List.of((long) columns, (long) rows), 0, rows, columns);
    }

    /** A range of rows of a larger linear layer. */
    public Linear rowsOf(String name, int all, int from, int rows, int columns) throws IOException {
        if (source.tensor(name).isEmpty() && hasFactors(name)) {
            String in = LatheFormat.inFactor(name);
            int rank = rows(source, in);
            return new LowRankLinear(
                    tiled(in, rank, columns),
                    pack(LatheFormat.outFactor(name), List.of((long) rank, (long) all), from, rows, rank));
        }
        return pack(name, List.of((long) columns, (long) all), from, rows, columns);
    }

    /** Linear layers that stand in one tensor, one after the other. */
    public List<Linear> stack(String name, int count, int rows, int columns) throws IOException {
        List<Linear> layers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            layers.add(inStack(name, i, count, rows, columns));
        }
        return layers;
    }

    /** One of the linear layers that stand in one tensor. */
    public Linear inStack(String name, int index, int count, int rows, int columns) throws IOException {
        if (source.tensor(name).isEmpty() && isShapedWith(LatheFormat.rareExpertMask(name))) {
            return ofTwoTensors(name, index, count, rows, columns);
        }
        if (source.tensor(name).isPresent() || !hasFactors(name)) {
            return part(name, index, count, rows, columns);
        }
        String in = LatheFormat.inFactor(name);
        int rank = rows(source, in);
        return new LowRankLinear(
                part(in, index, count, rank, columns), part(LatheFormat.outFactor(name), index, count, rows, rank));
    }

    /** An expert among those that are chosen as often as it. */
    private TiledLinear ofTwoTensors(String name, int index, int count, int rows, int columns) throws IOException {
        TensorInfo tensor = use(LatheFormat.rareExpertMask(name));
        requireShape(tensor, List.of((long) count));
        byte[] rare = bytes(tensor);
        int before = 0;
        int alike = 0;
        for (int expert = 0; expert < count; expert++) {
            if (tensor.type() != TensorType.I8 || rare[expert] != 0 && rare[expert] != 1) {
                throw new GgufException(
                        "tensor " + tensor.name() + " has type " + tensor.type() + " and holds " + rare[expert]
                                + ", expected I8, zeros and ones",
                        -1);
            }
            alike += rare[expert] == rare[index] ? 1 : 0;
            before += expert < index && rare[expert] == rare[index] ? 1 : 0;
        }
        String part = rare[index] == 1 ? LatheFormat.rareExperts(name) : LatheFormat.frequentExperts(name);
        return part(part, before, alike, rows, columns);
    }

    private TiledLinear part(String name, int index, int count, int rows, int columns) throws IOException {
        return pack(name, List.of((long) columns, (long) rows, (long) count), (long) index * rows, rows, columns);
    }

    /** Rows of a tensor whose rows have that many columns. */
    private TiledLinear pack(String name, List<Long> dimensions, long from, int rows, int columns) throws IOException {
        TensorInfo tensor = required(source, name);
        requireShape(tensor, dimensions);
        used.add(name);
        try {
            long start = from * tensor.type().byteCount(columns);
            return LinearLoader.pack(
                    name + " rows " + from + " to " + (from + rows),
                    tensor.type(),
                    rows,
                    columns,
                    (byteOffset, byteCount, arena) -> source.map(tensor, start + byteOffset, byteCount, arena),
                    store,
                    workers,
                    kernels);
        } catch (IllegalArgumentException problem) {
            throw new GgufException("tensor " + name + ": " + problem.getMessage(), -1);
        }
    }

    /** The blocks of a matrix that are present. */
    private TiledLinear blocks(String name, int rows, int columns) throws IOException {
        TensorInfo blocks = use(LatheFormat.blocks(name));
        BlockMask mask = blockMask(use(LatheFormat.blockMask(name)), rows, columns);
        requireShape(blocks, List.of((long) mask.columns(), (long) mask.presentCount() * BlockMask.ROWS));
        try {
            return BlockSparseLoader.pack(
                    blocks.name(),
                    blocks.type(),
                    mask,
                    (byteOffset, byteCount, arena) -> source.map(blocks, byteOffset, byteCount, arena),
                    store,
                    workers,
                    kernels);
        } catch (IllegalArgumentException problem) {
            throw new GgufException("tensor " + blocks.name() + ": " + problem.getMessage(), -1);
        }
    }

    private BlockMask blockMask(TensorInfo tensor, int rows, int columns) throws IOException {
        int stripes = (rows + BlockMask.ROWS - 1) / BlockMask.ROWS;
        long perStripe = tensor.dimension(0);
        if (tensor.type() != TensorType.I8 || perStripe < 1 || perStripe > columns || columns % perStripe != 0) {
            throw new GgufException(
                    "tensor " + tensor.name() + " has type " + tensor.type() + " and " + perStripe
                            + " blocks a stripe, expected I8 and a divisor of the " + columns + " columns",
                    -1);
        }
        requireShape(tensor, List.of(perStripe, (long) stripes));
        BitSet present = new BitSet();
        byte[] bytes = bytes(tensor);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != 0 && bytes[i] != 1) {
                throw new GgufException(
                        "tensor " + tensor.name() + " holds " + bytes[i] + ", expected zeros and ones", -1);
            }
            present.set(i, bytes[i] == 1);
        }
        return new BlockMask(rows, columns, (int) (columns / perStripe), present);
    }

    /** Some weights of every group of columns. */
    private TiledLinear groups(String name, int rows, int columns) throws IOException {
        TensorInfo values = use(LatheFormat.keptValues(name));
        TensorInfo places = use(LatheFormat.keptColumns(name));
        long stored = values.dimension(0);
        if (values.type() != TensorType.F16 || places.type() != TensorType.I8) {
            throw new GgufException(
                    "tensors " + values.name() + " and " + places.name() + " have types " + values.type() + " and "
                            + places.type() + ", expected F16 and I8",
                    -1);
        }
        if (stored % PLACES_PER_BYTE != 0) {
            throw new GgufException(
                    "tensor " + values.name() + " has rows of " + stored + " values, expected a multiple of "
                            + PLACES_PER_BYTE + ": a byte of " + places.name() + " tells the columns of so many",
                    -1);
        }
        requireShape(values, List.of(stored, (long) rows));
        requireShape(places, List.of(stored / PLACES_PER_BYTE, (long) rows));
        try {
            int kept = Math.toIntExact(stored * GroupSparseLinear.GROUP / columns);
            return GroupSparseLoader.pack(
                    values.name(), rows, columns, kept, () -> stored(values, places), store, kernels);
        } catch (IllegalArgumentException problem) {
            throw new GgufException("tensor " + values.name() + ": " + problem.getMessage(), -1);
        }
    }

    private GroupSparseLoader.Stored stored(TensorInfo values, TensorInfo places) throws IOException {
        byte[] halves = bytes(values);
        short[] weights = new short[halves.length / Short.BYTES];
        ByteBuffer.wrap(halves).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(weights);
        byte[] packed = bytes(places);
        byte[] inGroup = new byte[weights.length];
        for (int i = 0; i < inGroup.length; i++) {
            inGroup[i] = (byte) (packed[i / PLACES_PER_BYTE] >>> 2 * (i % PLACES_PER_BYTE) & 3);
        }
        return new GroupSparseLoader.Stored(weights, inGroup);
    }

    private TensorInfo use(String name) {
        used.add(name);
        return required(source, name);
    }

    private byte[] bytes(TensorInfo tensor) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            return source.map(tensor, arena).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** Rows of a matrix as it stands in the file. */
    public static int rows(TensorSource source, String name) {
        long rows = required(source, name).dimension(1);
        if (rows > Integer.MAX_VALUE) {
            throw new GgufException(name + " has " + rows + " rows, expected at most 2^31 - 1", -1);
        }
        return (int) rows;
    }

    boolean hasVector(String name) {
        return source.tensor(name).isPresent();
    }

    /** A vector, or {@link WeightGroup#NONE} where the file has none. */
    float[] optional(String name, int size) throws IOException {
        return hasVector(name) ? vector(name, size) : WeightGroup.NONE;
    }

    /** A range of a longer vector, or {@link WeightGroup#NONE} where the file has none. */
    float[] optionalRange(String name, int all, int from, int size) throws IOException {
        float[] values = optional(name, all);
        return values.length == 0 ? values : Arrays.copyOfRange(values, from, from + size);
    }

    /** Numbers of a vector, or of a matrix row after row. */
    float[] vector(String name, int size) throws IOException {
        TensorInfo tensor = required(source, name);
        if (tensor.elementCount() != size) {
            requireShape(tensor, List.of((long) size));
        }
        used.add(name);
        float[] values = new float[size];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = source.map(tensor, arena);
            if (tensor.type() == TensorType.F32) {
                MemorySegment.copy(bytes, FLOAT, 0, values, 0, size);
            } else {
                for (int i = 0; i < size; i++) {
                    values[i] = number(tensor, bytes, i);
                }
            }
        }
        return values;
    }

    private static float number(TensorInfo tensor, MemorySegment bytes, int index) {
        return switch (tensor.type()) {
            case F16 -> Float.float16ToFloat(bytes.getAtIndex(SHORT, index));
            case BF16 -> Float.intBitsToFloat(bytes.getAtIndex(SHORT, index) << BFLOAT_SHIFT);
            default ->
                throw new GgufException(
                        "tensor " + tensor.name() + " has type " + tensor.type() + ", expected one of "
                                + List.of(TensorType.F32, TensorType.F16, TensorType.BF16),
                        -1);
        };
    }

    private static TensorInfo required(TensorSource source, String name) {
        return source.tensor(name)
                .orElseThrow(
                        () -> new GgufException("tensor " + name + " is missing: the file holds no whole model", -1));
    }

    private static void requireShape(TensorInfo tensor, List<Long> expected) {
        if (!tensor.dimensions().equals(expected)) {
            throw new GgufException(
                    "tensor " + tensor.name() + " has dimensions " + tensor.dimensions()
                            + ", the file's metadata demands " + expected,
                    -1);
        }
    }

    /** A tensor that is not understood would change the results if it were left out. */
    public void rejectUnused(String family) {
        for (TensorInfo tensor : source.tensors()) {
            if (!used.contains(tensor.name())) {
                throw new GgufException(
                        "tensor " + tensor.name() + " is no part of a model of architecture "
                                + (shaped ? LatheFormat.ARCHITECTURE + " on " : "") + family,
                        -1);
            }
        }
    }
}
