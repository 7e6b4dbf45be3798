package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import java.lang.foreign.MemorySegment;

/**
 * Encodes and decodes matrices of [rows x columns], row after row, with the rows shared by workers. The number of workers
 * changes no bit.
 */
public final class MatrixCodec {
    /** Elements of one part of the work: enough that taking a part costs nothing, few enough to share evenly. */
    private static final int PART_ELEMENTS = 1 << 16;

    private MatrixCodec() {}

    /** Takes decoded rows. */
    @FunctionalInterface
    public interface RowConsumer {
        /** Takes a row; the array is valid during the call only. Several threads call at the same time, for different rows. */
        void accept(int row, float[] values);
    }

    /**
     * Encodes a matrix.
     *
     * @param type what to encode as
     * @param values [rows x columns], finite
     * @param rows outputs of the layer
     * @param columns inputs of the layer; a multiple of the block size
     * @param importances [columns], the weight of each column's squared error, or null; see {@link BlockCodec#encode}
     * @param workers share the rows
     * @return the blocks, row after row
     * @throws IllegalArgumentException if sizes do not fit together, or an element or importance is not finite
     * @throws UnsupportedOperationException if the type is decoded only
     */
    public static byte[] encode(
            TensorType type, float[] values, int rows, int columns, float[] importances, Workers workers) {
        BlockCodec codec = BlockCodec.of(type);
        int rowBytes = rowBytes(type, rows, columns);
        requireSize("values", values.length, (long) rows * columns);
        if (importances != null) {
            requireSize("importances", importances.length, columns);
        }
        byte[] blocks = new byte[requireArray(type, rows, columns, (long) rows * rowBytes)];
        inParts(rows, columns, workers, (from, to) -> {
            for (int row = from; row < to; row++) {
                codec.encode(values, row * columns, importances, 0, blocks, row * rowBytes, columns);
            }
        });
        return blocks;
    }

    /**
     * Decodes a matrix into one array.
     *
     * @throws IllegalArgumentException if sizes do not fit together
     */
    public static float[] decode(TensorType type, byte[] blocks, int rows, int columns, Workers workers) {
        BlockCodec codec = BlockCodec.of(type);
        int rowBytes = rowBytes(type, rows, columns);
        requireSize("bytes", blocks.length, (long) rows * rowBytes);
        float[] values = new float[requireArray(type, rows, columns, (long) rows * columns)];
        inParts(rows, columns, workers, (from, to) -> {
            for (int row = from; row < to; row++) {
                codec.decode(blocks, row * rowBytes, values, row * columns, columns);
            }
        });
        return values;
    }

    /**
     * Decodes the rows of a matrix of any size, one at a time for each worker.
     *
     * @param blocks row after row, such as a mapped tensor of a file; accessible by the workers' threads
     * @throws IllegalArgumentException if sizes do not fit together
     */
    public static void decode(
            TensorType type, MemorySegment blocks, int rows, int columns, Workers workers, RowConsumer consumer) {
        BlockCodec codec = BlockCodec.of(type);
        long rowBytes = rowBytes(type, rows, columns);
        requireSize("bytes", blocks.byteSize(), rows * rowBytes);
        inParts(rows, columns, workers, (from, to) -> {
            float[] values = new float[columns];
            for (int row = from; row < to; row++) {
                codec.decode(blocks, row * rowBytes, values, 0, columns);
                consumer.accept(row, values);
            }
        });
    }

    @FunctionalInterface
    private interface RowRange {
        void run(int from, int to);
    }

    private static void inParts(int rows, int columns, Workers workers, RowRange range) {
        int partRows = Math.clamp(PART_ELEMENTS / Math.max(1, columns), 1, Math.max(1, rows));
        workers.run((int) (((long) rows + partRows - 1) / partRows), part -> {
            int from = part * partRows;
            range.run(from, (int) Math.min(rows, (long) from + partRows));
        });
    }

    private static int rowBytes(TensorType type, int rows, int columns) {
        if (rows < 0 || columns < 0 || columns % type.blockSize() != 0) {
            throw new IllegalArgumentException("a matrix of [" + rows + " x " + columns + "] cannot be " + type
                    + ": rows are whole blocks of " + type.blockSize() + "; choose a type with smaller blocks");
        }
        return Math.toIntExact(type.byteCount(columns));
    }

    private static void requireSize(String what, long got, long expected) {
        if (got != expected) {
            throw new IllegalArgumentException(got + " " + what + ", expected " + expected);
        }
    }

    private static int requireArray(TensorType type, int rows, int columns, long size) {
        if (size > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("a matrix of [" + rows + " x " + columns + "] " + type
                    + " does not fit in one array; convert it in portions of rows");
        }
        return (int) size;
    }
}
