package dev.lathe.compress.quantize;

import dev.lathe.gguf.TensorInfo;
import dev.lathe.gguf.TensorSource;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.codec.BlockCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Encodes each row of a matrix by itself, to the numbers nearest to its weights. A few rows are in memory as floats; what
 * is made lies outside the heap and is freed when nothing refers to it.
 */
final class RowEncoder {
    /** Elements of a part: enough that taking one costs nothing. */
    private static final int PART_ELEMENTS = 1 << 16;

    private RowEncoder() {}

    /**
     * Encodes a tensor.
     *
     * @param importances of each column's squared error, of each matrix where several are stacked; or null
     * @throws IllegalArgumentException if a weight is not finite; says which
     */
    static Encoded encode(TensorSource source, TensorInfo tensor, TensorType type, float[] importances, Workers workers)
            throws IOException {
        int columns = Math.toIntExact(tensor.dimension(0));
        long rows = tensor.elementCount() / columns;
        long partRows = Math.max(1, PART_ELEMENTS / columns);
        int parts = Math.toIntExact((rows + partRows - 1) / partRows);
        MemorySegment content = Arena.ofAuto().allocate(type.byteCount(tensor.elementCount()));
        ChangeSum[] changes = new ChangeSum[parts];
        try {
            workers.run(parts, part -> {
                long from = part * partRows;
                Part work = new Part(tensor, type, columns, from, Math.min(rows, from + partRows));
                try {
                    changes[part] = work.encode(source, importances, content);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return new Encoded(type, content, ChangeSum.relative(changes));
    }

    /** To which of the matrices that importances tell apart a row of their stack belongs. */
    static int matrix(TensorInfo tensor, float[] importances, long row) {
        int columns = Math.toIntExact(tensor.dimension(0));
        int matrices = importances == null ? 1 : importances.length / columns;
        return (int) (row / (tensor.elementCount() / columns / matrices));
    }

    private record Part(TensorInfo tensor, TensorType type, int columns, long from, long to) {
        ChangeSum encode(TensorSource source, float[] importances, MemorySegment content) throws IOException {
            BlockCodec decoder = BlockCodec.of(tensor.type());
            BlockCodec encoder = BlockCodec.of(type);
            byte[] before = new byte[Math.toIntExact(tensor.type().byteCount(columns))];
            byte[] after = new byte[Math.toIntExact(type.byteCount(columns))];
            float[] weights = new float[columns];
            float[] encoded = new float[columns];
            ChangeSum change = new ChangeSum();
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment rows = source.map(tensor, from * before.length, (to - from) * before.length, arena);
                for (long row = from; row < to; row++) {
                    MemorySegment.copy(
                            rows, ValueLayout.JAVA_BYTE, (row - from) * before.length, before, 0, before.length);
                    decoder.decode(before, 0, weights, 0, columns);
                    encode(encoder, weights, importances, RowEncoder.matrix(tensor, importances, row), after, row);
                    MemorySegment.copy(after, 0, content, ValueLayout.JAVA_BYTE, row * after.length, after.length);
                    encoder.decode(after, 0, encoded, 0, columns);
                    change.add(weights, encoded);
                }
            }
            return change;
        }

        private void encode(
                BlockCodec encoder, float[] weights, float[] importances, int matrix, byte[] target, long row) {
            try {
                encoder.encode(weights, 0, importances, matrix * columns, target, 0, columns);
            } catch (IllegalArgumentException problem) {
                throw new IllegalArgumentException(
                        "tensor " + tensor.name() + ", row " + row + ": " + problem.getMessage(), problem);
            }
        }
    }
}
