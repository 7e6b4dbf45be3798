package dev.lathe.compress.quantize;

import dev.lathe.gguf.TensorInfo;
import dev.lathe.gguf.TensorSource;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.codec.BlockCodec;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.LongToIntFunction;

/** Squared errors that a matrix would have as several types, on rows spread over it, weighted by the importance of columns. */
final class SampledError {
    private SampledError() {}

    /**
     * Errors.
     *
     * @param importances of columns, of each matrix where several are stacked; or null
     * @param rowLimit about how many rows to look at
     * @return one for each type
     */
    static double[] of(
            TensorSource model,
            TensorInfo tensor,
            List<TensorType> types,
            float[] importances,
            int rowLimit,
            Workers workers)
            throws IOException {
        int columns = Math.toIntExact(tensor.dimension(0));
        long rows = tensor.elementCount() / columns;
        long step = Math.max(1, rows / rowLimit);
        int sampled = (int) ((rows + step - 1) / step);
        float[] weights = new float[Math.multiplyExact(sampled, columns)];
        long rowBytes = tensor.type().byteCount(columns);
        for (int i = 0; i < sampled; i++) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment row = model.map(tensor, i * step * rowBytes, rowBytes, arena);
                BlockCodec.of(tensor.type()).decode(row, 0, weights, i * columns, columns);
            }
        }
        double[] errors = new double[types.size()];
        workers.run(errors.length, type -> {
            if (types.get(type) != tensor.type()) {
                errors[type] = error(
                        types.get(type),
                        weights,
                        columns,
                        importances,
                        row -> RowEncoder.matrix(tensor, importances, row * step) * columns);
            }
        });
        return errors;
    }

    private static double error(
            TensorType type, float[] weights, int columns, float[] importances, LongToIntFunction importancesAt) {
        BlockCodec codec = BlockCodec.of(type);
        byte[] blocks = new byte[Math.toIntExact(type.byteCount(columns))];
        float[] rounded = new float[columns];
        double total = 0;
        for (int row = 0; row < weights.length; row += columns) {
            int at = importancesAt.applyAsInt(row / columns);
            codec.encode(weights, row, importances, at, blocks, 0, columns);
            codec.decode(blocks, 0, rounded, 0, columns);
            for (int i = 0; i < columns; i++) {
                double error = (double) rounded[i] - weights[row + i];
                total += error * error * (importances == null ? 1 : importances[at + i]);
            }
        }
        return total;
    }
}
