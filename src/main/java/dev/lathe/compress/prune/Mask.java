package dev.lathe.compress.prune;

import dev.lathe.tensor.FloatMatrix;
import java.util.Arrays;

/** Which weights of a matrix are removed. Counts are exact: among equal scores, those of lower index go first. */
final class Mask {
    private final boolean[] removed; // [rows x columns]
    private final int rows;
    private final int columns;

    Mask(int rows, int columns) {
        this.rows = rows;
        this.columns = columns;
        removed = new boolean[Math.multiplyExact(rows, columns)];
    }

    /** Removes the lowest scores of the whole matrix. */
    static Mask lowestOfMatrix(double[] scores, int rows, int columns, Sparsity sparsity) {
        return switch (sparsity) {
            case Sparsity.Unstructured any -> {
                Mask mask = new Mask(rows, columns);
                mask.removeLowest(scores, 0, scores.length, (int) (any.fraction() * scores.length));
                yield mask;
            }
            case Sparsity.Grouped groups -> lowestOfGroups(scores, rows, columns, groups);
        };
    }

    /** Removes the lowest scores of each row. */
    static Mask lowestOfRows(double[] scores, int rows, int columns, Sparsity sparsity) {
        return switch (sparsity) {
            case Sparsity.Unstructured any -> {
                Mask mask = new Mask(rows, columns);
                for (int row = 0; row < rows; row++) {
                    mask.removeLowest(scores, row * columns, (row + 1) * columns, (int) (any.fraction() * columns));
                }
                yield mask;
            }
            case Sparsity.Grouped groups -> lowestOfGroups(scores, rows, columns, groups);
        };
    }

    private static Mask lowestOfGroups(double[] scores, int rows, int columns, Sparsity.Grouped groups) {
        requireWholeGroups(columns, groups);
        Mask mask = new Mask(rows, columns);
        for (int from = 0; from < scores.length; from += groups.group()) {
            mask.removeLowest(scores, from, from + groups.group(), groups.removed());
        }
        return mask;
    }

    static void requireWholeGroups(int columns, Sparsity.Grouped groups) {
        if (columns % groups.group() != 0) {
            throw new IllegalArgumentException("sparsity " + groups + " needs inputs in whole groups of "
                    + groups.group() + ", the matrix has " + columns + " inputs; take a fraction instead");
        }
    }

    private void removeLowest(double[] scores, int from, int to, int count) {
        lowest(scores, from, to, count, removed, from);
    }

    /** Marks the {@code count} lowest of {@code scores[from .. to)} in {@code marks[at ...]}. */
    static void lowest(double[] scores, int from, int to, int count, boolean[] marks, int at) {
        if (count == 0) {
            return;
        }
        double[] sorted = Arrays.copyOfRange(scores, from, to);
        Arrays.sort(sorted);
        double threshold = sorted[count - 1];
        int left = count;
        for (int i = from; i < to; i++) {
            if (scores[i] < threshold) {
                marks[at + i - from] = true;
                left--;
            }
        }
        for (int i = from; left > 0; i++) {
            if (scores[i] == threshold) {
                marks[at + i - from] = true;
                left--;
            }
        }
    }

    /** Removed weights. */
    int count() {
        int count = 0;
        for (boolean one : removed) {
            count += one ? 1 : 0;
        }
        return count;
    }

    /** A copy of the weights with zeros where they are removed; the others keep their bits. */
    FloatMatrix apply(FloatMatrix weights) {
        FloatMatrix result = FloatMatrix.zeros(rows, columns);
        for (int i = 0; i < removed.length; i++) {
            result.data()[i] = removed[i] ? 0f : weights.data()[i];
        }
        return result;
    }
}
