package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Not a test: measures how many weights a second one thread encodes and decodes, as docs/quantization.md says.
 * Arguments: seconds for each type, then types; without types all that are encoded.
 */
final class EncodeSpeed {
    private static final int COLUMNS = 4096;
    private static final int ROWS = 16;

    private EncodeSpeed() {}

    public static void main(String[] arguments) {
        double seconds = Double.parseDouble(arguments[0]);
        Collection<TensorType> types = arguments.length == 1
                ? Codecs.encodable()
                : Arrays.stream(arguments).skip(1).map(TensorType::valueOf).toList();
        float[] weights = new float[ROWS * COLUMNS];
        Random random = new Random(1);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = 0.02f * (float) random.nextGaussian();
        }
        float[] importances = new float[COLUMNS];
        for (int i = 0; i < COLUMNS; i++) {
            importances[i] = 1 + i % 7;
        }
        System.out.printf("%-8s %12s %12s %12s   million weights/s%n", "type", "encode", "weighted", "decode");
        for (TensorType type : types) {
            BlockCodec codec = BlockCodec.of(type);
            byte[] blocks = new byte[(int) type.byteCount(COLUMNS)];
            float[] decoded = new float[COLUMNS];
            System.out.printf(
                    "%-8s %12.1f %12.1f %12.1f%n",
                    type,
                    speed(seconds, row -> codec.encode(weights, row * COLUMNS, null, 0, blocks, 0, COLUMNS)),
                    speed(seconds, row -> codec.encode(weights, row * COLUMNS, importances, 0, blocks, 0, COLUMNS)),
                    speed(seconds, _ -> codec.decode(blocks, 0, decoded, 0, COLUMNS)));
        }
    }

    @FunctionalInterface
    private interface RowTask {
        void run(int row);
    }

    /**
     * Million weights a second: of the passes over all rows the quartile of the fast ones, after the compiler has
     * settled.
     */
    private static double speed(double seconds, RowTask task) {
        List<Double> times = new ArrayList<>();
        long start = System.nanoTime();
        do {
            long before = System.nanoTime();
            for (int row = 0; row < ROWS; row++) {
                task.run(row);
            }
            times.add((System.nanoTime() - before) * 1e-9);
        } while (System.nanoTime() - start < seconds * 1e9);
        Collections.sort(times);
        return ROWS * COLUMNS / times.get(times.size() / 4) / 1e6;
    }
}
