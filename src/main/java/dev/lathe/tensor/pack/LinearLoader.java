package dev.lathe.tensor.pack;

import dev.lathe.tensor.DenseLinear;
import dev.lathe.tensor.KernelSet;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.QuantizedLinear;
import dev.lathe.tensor.SegmentSource;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.TiledLinear;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.codec.BlockCodec;
import dev.lathe.tensor.kernel.FloatPlane;
import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.kernel.LaneBits;
import dev.lathe.tensor.kernel.TileLayout;
import dev.lathe.tensor.kernel.TilePacking;
import dev.lathe.tensor.store.WeightMemory;
import dev.lathe.tensor.store.WeightStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Packs the weights of a file into linear layers: tiles of 64 rows in which a vector lane belongs to one output.
 *
 * <p>The IQ1, IQ2 and IQ3 types are decoded to float32, four bytes a weight in memory.
 *
 * <p>A few tiles are read at a time and their pages released at once, so packing needs little more memory than its result.
 */
public final class LinearLoader {
    /**
     * Version of the tiles' bytes, beside which packed files are kept: to be raised by whoever changes what packing makes
     * of a type's weights.
     */
    public static final int LAYOUT_VERSION = 1;

    private static final int ONLY = 0; // the variant of most packings
    private static final int AS_THEY_ARE = 1; // the variant of F16 weights of which some are 128 or more

    /** Bytes of the source mapped at once by one thread. */
    private static final long CHUNK_BYTES = 4 << 20;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private LinearLoader() {}

    /** The types of weights that have kernels. */
    public static Set<TensorType> supportedTypes() {
        Set<TensorType> types = EnumSet.noneOf(TensorType.class);
        for (TensorType type : TensorType.values()) {
            if (FloatPlane.of(type).isPresent() || TileLayout.of(type).isPresent()) {
                types.add(type);
            }
        }
        return types;
    }

    /**
     * Reads a tensor of [outputSize x inputSize].
     *
     * @param type how the source is encoded
     * @param outputSize rows
     * @param inputSize columns
     * @param source the tensor's bytes, row after row
     * @param memory where the packed weights go; it must stay open as long as the layer is used
     * @param workers share the work
     * @param kernels what the layer computes with
     * @return the layer; it does not refer to the source
     * @throws IllegalArgumentException if the type has no kernel or the sizes are not whole blocks
     * @throws IOException if the source cannot be read
     */
    public static TiledLinear pack(
            TensorType type,
            int outputSize,
            int inputSize,
            SegmentSource source,
            WeightMemory memory,
            Workers workers,
            KernelSet kernels)
            throws IOException {
        return pack("", type, outputSize, inputSize, source, memory, workers, kernels);
    }

    /**
     * Reads a tensor of [outputSize x inputSize], or takes its tiles from a store that has them.
     *
     * @param name by which the store knows these rows of this tensor
     * @param type how the source is encoded
     * @param outputSize rows
     * @param inputSize columns
     * @param source the tensor's bytes, row after row
     * @param store where the packed weights are; it must stay open as long as the layer is used
     * @param workers share the work
     * @param kernels what the layer computes with
     * @return the layer; it does not refer to the source
     * @throws IllegalArgumentException if the type has no kernel or the sizes are not whole blocks
     * @throws IOException if the source cannot be read
     */
    public static TiledLinear pack(
            String name,
            TensorType type,
            int outputSize,
            int inputSize,
            SegmentSource source,
            WeightStore store,
            Workers workers,
            KernelSet kernels)
            throws IOException {
        FloatPlane plane = FloatPlane.of(type).orElse(null);
        TileLayout layout = TileLayout.of(type).orElse(null);
        if (plane == null && layout == null) {
            throw unsupported(type);
        }
        long tileBytes = tileBytes(plane, layout, inputSize);
        WeightStore.Tiles tiles = store.tiles(name, tileCount(outputSize) * tileBytes, memory -> {
            Matrix matrix = new Matrix(type, outputSize, inputSize, source, memory, Math.toIntExact(tileBytes));
            if (layout == null) {
                return numbers(matrix, plane, workers, kernels);
            }
            Optional<TilePacking> tilePacking =
                    Kernels.of(kernels).packing(type.name(), () -> BlockProbe.find(type, layout));
            matrix.pack(workers, tilePacking, () -> blocks(type, layout, inputSize));
            return ONLY;
        });
        return layout != null
                ? new QuantizedLinear(type, outputSize, inputSize, tiles.memory(), kernels)
                : new DenseLinear(type, outputSize, inputSize, tiles.memory(), isLarge(tiles.variant()), kernels);
    }

    /** Packs plain numbers; returns the variant. */
    private static int numbers(Matrix matrix, FloatPlane plane, Workers workers, KernelSet kernels) throws IOException {
        int columns = matrix.columns();
        AtomicBoolean isLarge = new AtomicBoolean();
        Optional<TilePacking> packing = plane == FloatPlane.F32 || columns % 2 != 0
                ? Optional.empty()
                : Kernels.of(kernels)
                        .packing(matrix.type().name(), () -> Optional.of(LaneBits.ofHalves(plane != FloatPlane.BF16)));
        switch (plane) {
            case F32 -> matrix.pack(workers, packing, () -> floats(matrix.type(), columns));
            case BF16 -> matrix.pack(workers, packing, () -> halves(columns));
            default -> {
                matrix.pack(workers, packing, () -> rebasedHalves(columns, isLarge));
                if (isLarge.get()) {
                    matrix.pack(workers, Optional.empty(), () -> halves(columns));
                }
            }
        }
        return isLarge.get() ? AS_THEY_ARE : ONLY;
    }

    /**
     * Bytes that {@link #pack} takes for a tensor: a little more than the source's, or four a weight where it is decoded.
     *
     * @throws IllegalArgumentException if the type has no kernel
     */
    public static long packedBytes(TensorType type, int outputSize, int inputSize) {
        FloatPlane plane = FloatPlane.of(type).orElse(null);
        TileLayout layout = TileLayout.of(type).orElse(null);
        if (plane == null && layout == null) {
            throw unsupported(type);
        }
        return tileCount(outputSize) * tileBytes(plane, layout, inputSize);
    }

    /** Whether plain numbers that were packed as this variant lie as they are because some are large. */
    static boolean isLarge(int variant) {
        return variant == AS_THEY_ARE;
    }

    private static IllegalArgumentException unsupported(TensorType type) {
        return new IllegalArgumentException("weights of type " + type + " cannot be computed with; supported are "
                + supportedTypes().stream().map(TensorType::name).collect(Collectors.joining(", "))
                + "; convert the model to one of these");
    }

    private static long tileBytes(FloatPlane plane, TileLayout layout, int columns) {
        return layout != null ? layout.tileBytes(columns / IntegerPlane.BLOCK) : (long) columns * plane.columnBytes();
    }

    private static int tileCount(int rows) {
        return (rows + Linear.TILE_ROWS - 1) / Linear.TILE_ROWS;
    }

    /** Packs a row of the source, from a byte on, as a row of a tile of zeros. */
    private interface RowPacker {
        void pack(MemorySegment source, long at, int row, int[] tile);
    }

    /** A matrix on its way from the source to tiles. */
    private record Matrix(
            TensorType type, int rows, int columns, SegmentSource source, MemorySegment tiles, int tileBytes) {
        /**
         * Maps a few whole tiles of rows at a time. Whole tiles are packed by the kernels where they can; others, and those
         * with a number that kernels refuse, are made row by row.
         */
        void pack(Workers workers, Optional<TilePacking> packing, Supplier<RowPacker> packers) throws IOException {
            long tileRows = type.byteCount(columns) * Linear.TILE_ROWS;
            int count = tileCount(rows);
            int most = (count + workers.count() - 1) / workers.count();
            int together = Math.clamp(CHUNK_BYTES / tileRows, 1, Math.max(1, most));
            try {
                workers.run((count + together - 1) / together, part -> {
                    int from = part * together;
                    int to = Math.min(count, from + together);
                    try (Arena arena = Arena.ofConfined()) {
                        long bytes = (Math.min(rows, to * Linear.TILE_ROWS) - from * Linear.TILE_ROWS)
                                * type.byteCount(columns);
                        MemorySegment some = source.map(from * tileRows, bytes, arena);
                        new Part(this, packing, packers, some, from).pack(to);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }
    }

    /** Some tiles of a matrix, from {@code first} on, packed by one thread. */
    private static final class Part {
        private final Matrix matrix;
        private final Optional<TilePacking> packing;
        private final Supplier<RowPacker> packers;
        private final MemorySegment source;
        private final int first;
        private final int rowBytes;
        private final byte[] tileRows; // a copy: machine code must not read a mapped file, which may be cut
        private RowPacker packer;
        private int[] tile;

        Part(
                Matrix matrix,
                Optional<TilePacking> packing,
                Supplier<RowPacker> packers,
                MemorySegment source,
                int first) {
            this.matrix = matrix;
            this.packing = packing;
            this.packers = packers;
            this.source = source;
            this.first = first;
            rowBytes = Math.toIntExact(matrix.type().byteCount(matrix.columns()));
            boolean hasWhole = (first + 1) * Linear.TILE_ROWS <= matrix.rows();
            tileRows = new byte[packing.isPresent() && hasWhole ? Linear.TILE_ROWS * rowBytes : 0];
        }

        void pack(int end) {
            for (int number = first; number < end; number++) {
                long from = (long) (number - first) * Linear.TILE_ROWS * rowBytes;
                int rows = Math.min(Linear.TILE_ROWS, matrix.rows() - number * Linear.TILE_ROWS);
                MemorySegment target = matrix.tiles().asSlice((long) number * matrix.tileBytes(), matrix.tileBytes());
                if (rows < Linear.TILE_ROWS || packing.isEmpty() || !isPacked(packing.get(), from, target)) {
                    packRows(from, rows, target);
                }
            }
        }

        private boolean isPacked(TilePacking kernel, long from, MemorySegment target) {
            MemorySegment.copy(source, ValueLayout.JAVA_BYTE, from, tileRows, 0, tileRows.length);
            return kernel.pack(MemorySegment.ofArray(tileRows), rowBytes, target);
        }

        private void packRows(long from, int rows, MemorySegment target) {
            if (packer == null) {
                packer = packers.get();
                tile = new int[matrix.tileBytes() / Integer.BYTES];
            }
            Arrays.fill(tile, 0);
            for (int row = 0; row < rows; row++) {
                packer.pack(source, from + (long) row * rowBytes, row, tile);
            }
            MemorySegment.copy(tile, 0, target, ValueLayout.JAVA_INT, 0, tile.length);
        }
    }

    private static RowPacker blocks(TensorType type, TileLayout layout, int columns) {
        TilePacker packer = new TilePacker(type, layout);
        byte[] bytes = new byte[(int) type.byteCount(columns)];
        return (source, at, row, tile) -> {
            MemorySegment.copy(source, ValueLayout.JAVA_BYTE, at, bytes, 0, bytes.length);
            packer.pack(bytes, row, tile);
        };
    }

    private static RowPacker floats(TensorType type, int columns) {
        BlockCodec codec = BlockCodec.of(type);
        float[] values = new float[columns];
        return (source, at, row, tile) -> {
            codec.decode(source, at, values, 0, columns);
            for (int column = 0; column < columns; column++) {
                tile[column * Linear.TILE_ROWS + row] = Float.floatToRawIntBits(values[column]);
            }
        };
    }

    private static RowPacker halves(int columns) {
        short[] values = new short[columns];
        return (source, at, row, tile) -> {
            MemorySegment.copy(source, SHORT, at, values, 0, columns);
            int inWord = IntegerPlane.intOf(row);
            for (int column = 0; column < columns; column++) {
                tile[column * IntegerPlane.WORD + inWord] |= (values[column] & 0xffff) << (row & 16);
            }
        };
    }

    /** Tiles are of no use where a number turned out to be too large. */
    private static RowPacker rebasedHalves(int columns, AtomicBoolean isLarge) {
        short[] values = new short[columns];
        return (source, at, row, tile) -> {
            MemorySegment.copy(source, SHORT, at, values, 0, columns);
            int inWord = IntegerPlane.intOf(row);
            int all = 0;
            for (int column = 0; column < columns; column++) {
                int bits = FloatPlane.rebase(values[column]);
                all |= bits;
                tile[column * IntegerPlane.WORD + inWord] |= (bits & 0xffff) << (row & 16);
            }
            if (all < 0) {
                isLarge.set(true);
            }
        };
    }
}
