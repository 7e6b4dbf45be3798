package dev.lathe.compress.quantize;

import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.codec.BlockCodec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Encodes a matrix that is in memory, row by row, with a rounding of one's choice. */
final class MatrixEncoder {
    private static final int PART_ROWS = 8;

    private MatrixEncoder() {}

    /**
     * Encodes a matrix.
     *
     * @param weights [outputs x inputs]; holds the encoded numbers when this returns
     */
    static Encoded encode(FloatMatrix weights, TensorType type, RowRounding rounding, Workers workers) {
        int columns = weights.columns();
        int rowBytes = Math.toIntExact(type.byteCount(columns));
        MemorySegment content = Arena.ofAuto().allocate((long) rowBytes * weights.rows());
        BlockCodec codec = BlockCodec.of(type);
        int parts = (weights.rows() + PART_ROWS - 1) / PART_ROWS;
        ChangeSum[] changes = new ChangeSum[parts];
        workers.run(parts, part -> {
            byte[] blocks = new byte[rowBytes];
            float[] after = new float[columns];
            ChangeSum change = new ChangeSum();
            for (int row = part * PART_ROWS; row < Math.min(weights.rows(), (part + 1) * PART_ROWS); row++) {
                float[] before = weights.row(row);
                rounding.round(before, blocks);
                MemorySegment.copy(
                        blocks, 0, content, ValueLayout.JAVA_BYTE, (long) row * blocks.length, blocks.length);
                codec.decode(blocks, 0, after, 0, columns);
                change.add(before, after);
                System.arraycopy(after, 0, weights.data(), weights.offset(row), columns);
            }
            changes[part] = change;
        });
        return new Encoded(type, content, ChangeSum.relative(changes));
    }
}
