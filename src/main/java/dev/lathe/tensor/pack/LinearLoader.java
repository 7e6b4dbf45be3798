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
import dev.lathe.tensor.kernel.TileLayout;
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
                return numbers(matrix, plane, workers);
            }
            matrix.forEachRow(workers, () -> blocks(type, layout, inputSize));
            return ONLY;
        });
        return layout != null
                ? new QuantizedLinear(type, outputSize, inputSize, tiles.memory(), kernels)
                : new DenseLinear(type, outputSize, inputSize, tiles.memory(), tiles.variant() == AS_THEY_ARE, kernels);
    }

    /** Packs plain numbers; returns the variant. */
    private static int numbers(Matrix matrix, FloatPlane plane, Workers workers) throws IOException {
        int columns = matrix.columns();
        AtomicBoolean isLarge = new AtomicBoolean();
        switch (plane) {
            case F32 -> matrix.forEachRow(workers, () -> floats(matrix.type(), columns));
            case BF16 -> matrix.forEachRow(workers, () -> halves(columns));
            default -> {
                matrix.forEachRow(workers, () -> rebasedHalves(columns, isLarge));
                if (isLarge.get()) {
                    matrix.forEachRow(workers, () -> halves(columns));
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
        /** Maps a few whole tiles of rows at a time; a tile is made in an array and copied to its place. */
        void forEachRow(Workers workers, Supplier<RowPacker> packers) throws IOException {
            long rowBytes = type.byteCount(columns);
            int count = tileCount(rows);
            int most = (count + workers.count() - 1) / workers.count();
            int together = Math.clamp(CHUNK_BYTES / (rowBytes * Linear.TILE_ROWS), 1, Math.max(1, most));
            try {
                workers.run((count + together - 1) / together, part -> {
                    int fromRow = part * together * Linear.TILE_ROWS;
                    int toRow = Math.min(rows, fromRow + together * Linear.TILE_ROWS);
                    RowPacker packer = packers.get();
                    int[] tile = new int[tileBytes / Integer.BYTES];
                    try (Arena arena = Arena.ofConfined()) {
                        MemorySegment bytes = source.map(fromRow * rowBytes, (toRow - fromRow) * rowBytes, arena);
                        for (int row = fromRow; row < toRow; row++) {
                            packer.pack(bytes, (row - fromRow) * rowBytes, row % Linear.TILE_ROWS, tile);
                            if (row + 1 == toRow || (row + 1) % Linear.TILE_ROWS == 0) {
                                long at = (long) (row / Linear.TILE_ROWS) * tileBytes;
                                MemorySegment.copy(tile, 0, tiles, ValueLayout.JAVA_INT, at, tile.length);
                                Arrays.fill(tile, 0);
                            }
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
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
