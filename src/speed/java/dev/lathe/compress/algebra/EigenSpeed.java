package dev.lathe.compress.algebra;

import dev.lathe.tensor.Workers;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Not a test: seconds of decomposing symmetric matrices by Apache Commons Math and by our own code, as
 * docs/transforms.md says. Arguments: sizes such as 256,576 and threads; sizes above the third argument are left to our
 * own code.
 */
final class EigenSpeed {
    private EigenSpeed() {}

    public static void main(String[] arguments) {
        int limit = Integer.parseInt(arguments[2]);
        try (Workers workers = Workers.of(Integer.parseInt(arguments[1]))) {
            for (String argument : arguments[0].split(",")) {
                int size = Integer.parseInt(argument);
                Matrix gram = Orthonormal.gaussian(size + 50, size, 1).gram(workers);
                double ours = seconds(gram, size, matrix -> ParallelEigen.of(matrix, workers));
                double theirs = size > limit ? Double.NaN : seconds(gram, size, SymmetricEigen::small);
                System.out.printf(Locale.ROOT, "%d: Commons Math %.2f s, ours %.2f s%n", size, theirs, ours);
            }
        }
    }

    /** The least of some runs. */
    private static double seconds(Matrix gram, int size, Consumer<Matrix> decomposition) {
        long least = Long.MAX_VALUE;
        for (int run = 0; run < (size < 600 ? 5 : 2); run++) {
            long start = System.nanoTime();
            decomposition.accept(gram);
            least = Math.min(least, System.nanoTime() - start);
        }
        return least * 1e-9;
    }
}
