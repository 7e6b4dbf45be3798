package dev.lathe.tensor;

import dev.lathe.tensor.kernel.Kernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Placeholder: makes dense float layers of F32, F16, Q8_0 and Q4_1 tensors. */
public final class LinearLoader {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private LinearLoader() {}

    /** Reads a tensor of [rows x columns]. */
    public static Linear pack(
            TensorType type,
            int rows,
            int columns,
            SegmentSource source,
            Workers workers,
            Kernels kernels,
            Arena arena) {
        try (Arena mapping = Arena.ofConfined()) {
            MemorySegment bytes = source.map(0, type.byteCount((long) rows * columns), mapping);
            float[] transposed = new float[Math.multiplyExact(rows, columns)]; // [columns x rows]
            float[] row = new float[columns];
            long rowBytes = type.byteCount(columns);
            for (int r = 0; r < rows; r++) {
                decode(type, bytes.asSlice(r * rowBytes, rowBytes), row);
                for (int c = 0; c < columns; c++) {
                    transposed[c * rows + r] = row[c];
                }
            }
            return new Dense(rows, columns, transposed);
        }
    }

    private static void decode(TensorType type, MemorySegment bytes, float[] row) {
        for (int i = 0; i < row.length; i++) {
            long block = (long) (i / type.blockSize()) * type.blockBytes();
            int j = i % type.blockSize();
            row[i] = switch (type) {
                case F32 -> bytes.get(FLOAT, 4L * i);
                case F16 -> Float.float16ToFloat(bytes.get(SHORT, 2L * i));
                case Q8_0 -> Float.float16ToFloat(bytes.get(SHORT, block)) * bytes.get(ValueLayout.JAVA_BYTE, block + 2 + j);
                case Q4_1 -> {
                    int pair = bytes.get(ValueLayout.JAVA_BYTE, block + 4 + j % 16);
                    int nibble = j < 16 ? pair & 15 : (pair >> 4) & 15;
                    yield Float.float16ToFloat(bytes.get(SHORT, block)) * nibble
                            + Float.float16ToFloat(bytes.get(SHORT, block + 2));
                }
                default -> throw new IllegalArgumentException(type + " is not supported");
            };
        }
    }

    private record Dense(int outputSize, int inputSize, float[] transposed) implements Linear {
        @Override
        public long byteCount() {
            return 4L * transposed.length;
        }

        @Override
        public void readRow(int row, float[] target, int offset) {
            for (int c = 0; c < inputSize; c++) {
                target[offset + c] = transposed[c * outputSize + row];
            }
        }

        @Override
        public void apply(Activations input, FloatMatrix output, Workers workers) {
            workers.run(input.rows(), row -> {
                int target = output.offset(row);
                java.util.Arrays.fill(output.data(), target, target + outputSize, 0f);
                for (int c = 0; c < inputSize; c++) {
                    axpy(input.matrix().get(row, c), transposed, c * outputSize, output.data(), target, outputSize);
                }
            });
        }

        private static void axpy(float x, float[] column, int offset, float[] target, int targetOffset, int size) {
            for (int i = 0; i < size; i++) {
                target[targetOffset + i] = Math.fma(x, column[offset + i], target[targetOffset + i]);
            }
        }
    }
}
