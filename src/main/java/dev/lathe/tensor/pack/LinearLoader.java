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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/**
 * Packs the weights of a file into linear layers: tiles of 64 rows in which a vector lane belongs to one output.
 *
 * <p>The IQ1, IQ2 and IQ3 types are decoded to float32, four bytes a weight in memory.
 *
 * <p>A few tiles are read at a time and their pages released at once, so packing needs little more memory than its result.
 */
public final class LinearLoader {
    /** Bytes of the source mapped at once by one thread. */
    private static final long CHUNK_BYTES = 4 << 20;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

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
        FloatPlane plane = FloatPlane.of(type).orElse(null);
        TileLayout layout = TileLayout.of(type).orElse(null);
        if (plane == null && layout == null) {
            throw unsupported(type);
        }
        if (layout != null) {
            int blocks = inputSize / IntegerPlane.BLOCK;
            MemorySegment tiles = memory.allocate(tileCount(outputSize) * layout.tileBytes(blocks));
            forEachPart(
                    type,
                    outputSize,
                    inputSize,
                    source,
                    workers,
                    (rows, fromRow, toRow) -> packBlocks(type, layout, rows, fromRow, toRow, blocks, tiles));
            return new QuantizedLinear(type, outputSize, inputSize, tiles, kernels);
        }
        MemorySegment tiles = memory.allocate((long) tileCount(outputSize) * inputSize * plane.columnBytes());
        if (plane == FloatPlane.F16_BELOW_128) {
            AtomicBoolean below = new AtomicBoolean(true);
            forEachPart(type, outputSize, inputSize, source, workers, (rows, fromRow, toRow) -> {
                if (!packRebased(rows, fromRow, toRow, inputSize, tiles)) {
                    below.set(false);
                }
            });
            if (!below.get()) {
                plane = FloatPlane.F16;
                tiles.fill((byte) 0);
            }
        }
        if (plane != FloatPlane.F16_BELOW_128) {
            FloatPlane asStored = plane;
            forEachPart(
                    type,
                    outputSize,
                    inputSize,
                    source,
                    workers,
                    (rows, fromRow, toRow) -> packFloats(type, asStored, rows, fromRow, toRow, inputSize, tiles));
        }
        return new DenseLinear(type, outputSize, inputSize, tiles, plane == FloatPlane.F16, kernels);
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
        return tileCount(outputSize)
                * (layout != null
                        ? layout.tileBytes(inputSize / IntegerPlane.BLOCK)
                        : (long) inputSize * plane.columnBytes());
    }

    private static IllegalArgumentException unsupported(TensorType type) {
        return new IllegalArgumentException("weights of type " + type + " cannot be computed with; supported are "
                + supportedTypes().stream().map(TensorType::name).collect(Collectors.joining(", "))
                + "; convert the model to one of these");
    }

    /** Packs rows [fromRow, toRow). */
    private interface Packer {
        void pack(MemorySegment rows, int fromRow, int toRow);
    }

    /** Maps a few whole tiles of rows at a time. */
    private static void forEachPart(
            TensorType type, int outputSize, int inputSize, SegmentSource source, Workers workers, Packer packer)
            throws IOException {
        long rowBytes = type.byteCount(inputSize);
        int tileCount = tileCount(outputSize);
        int tilesAtOnce = Math.clamp(CHUNK_BYTES / (rowBytes * Linear.TILE_ROWS), 1, tileCount);
        try {
            workers.run((tileCount + tilesAtOnce - 1) / tilesAtOnce, part -> {
                int fromRow = part * tilesAtOnce * Linear.TILE_ROWS;
                int toRow = Math.min(outputSize, fromRow + tilesAtOnce * Linear.TILE_ROWS);
                try (Arena arena = Arena.ofConfined()) {
                    packer.pack(source.map(fromRow * rowBytes, (toRow - fromRow) * rowBytes, arena), fromRow, toRow);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static int tileCount(int rows) {
        return (rows + Linear.TILE_ROWS - 1) / Linear.TILE_ROWS;
    }

    private static void packFloats(
            TensorType type,
            FloatPlane plane,
            MemorySegment source,
            int fromRow,
            int toRow,
            int columns,
            MemorySegment tiles) {
        float[] values = new float[columns];
        for (int row = fromRow; row < toRow; row++) {
            long at = (row - fromRow) * type.byteCount(columns);
            long tile = (long) (row / Linear.TILE_ROWS) * columns * plane.columnBytes();
            int lane = row % Linear.TILE_ROWS;
            if (plane == FloatPlane.F32) {
                BlockCodec.of(type).decode(source, at, values, 0, columns);
            }
            for (int column = 0; column < columns; column++) {
                if (plane == FloatPlane.F32) {
                    tiles.set(FLOAT, tile + 4L * (column * Linear.TILE_ROWS + lane), values[column]);
                } else {
                    IntegerPlane.setHalf(tiles, tile, column, lane, source.get(SHORT, at + 2L * column));
                }
            }
        }
    }

    /** False, with the tiles in no good state, if a number is not below 128. */
    private static boolean packRebased(MemorySegment source, int fromRow, int toRow, int columns, MemorySegment tiles) {
        boolean below = true;
        for (int row = fromRow; row < toRow; row++) {
            long at = 2L * (row - fromRow) * columns;
            long tile = (long) (row / Linear.TILE_ROWS) * columns * FloatPlane.F16_BELOW_128.columnBytes();
            for (int column = 0; column < columns; column++) {
                int bits = FloatPlane.rebase(source.get(SHORT, at + 2L * column));
                below &= bits >= 0;
                IntegerPlane.setHalf(tiles, tile, column, row % Linear.TILE_ROWS, bits);
            }
        }
        return below;
    }

    private static void packBlocks(
            TensorType type,
            TileLayout layout,
            MemorySegment source,
            int fromRow,
            int toRow,
            int blocks,
            MemorySegment tiles) {
        TilePacker packer = new TilePacker(type, layout, tiles, blocks);
        byte[] bytes = new byte[(int) type.byteCount((long) blocks * IntegerPlane.BLOCK)];
        for (int row = fromRow; row < toRow; row++) {
            MemorySegment.copy(
                    source, ValueLayout.JAVA_BYTE, (long) (row - fromRow) * bytes.length, bytes, 0, bytes.length);
            packer.pack(bytes, row);
        }
    }
}
