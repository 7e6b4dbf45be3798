package dev.lathe.compress;

import dev.lathe.tensor.FloatMatrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Matrices that stand in one tensor one below the other, as those of experts do; a matrix alone is a stack of one. */
public final class Stacked {
    private Stacked() {}

    /** Changes one of the matrices. */
    @FunctionalInterface
    public interface Change {
        /** The matrix in the place of another, with rows and columns as the others will have. */
        FloatMatrix apply(int index, FloatMatrix matrix);
    }

    /**
     * One of the matrices, a copy where there are several.
     *
     * @param stack [count * rows x columns]
     */
    public static FloatMatrix part(FloatMatrix stack, int count, int index) {
        if (count == 1) {
            return stack;
        }
        int rows = stack.rows() / count;
        int from = index * rows;
        float[] data = Arrays.copyOfRange(stack.data(), stack.offset(from), stack.offset(from + rows));
        return new FloatMatrix(data, rows, stack.columns());
    }

    /**
     * The stack of what becomes of each of its matrices.
     *
     * @param stack [count * rows x columns]; not changed
     */
    public static FloatMatrix map(FloatMatrix stack, int count, Change change) {
        if (count == 1) {
            return change.apply(0, stack);
        }
        List<FloatMatrix> changed = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            changed.add(change.apply(i, part(stack, count, i)));
        }
        return of(changed);
    }

    /** Matrices of one shape, one below the other. */
    public static FloatMatrix of(List<FloatMatrix> matrices) {
        int rows = matrices.getFirst().rows();
        int columns = matrices.getFirst().columns();
        FloatMatrix stack = FloatMatrix.zeros(Math.multiplyExact(matrices.size(), rows), columns);
        for (int i = 0; i < matrices.size(); i++) {
            System.arraycopy(matrices.get(i).data(), 0, stack.data(), stack.offset(i * rows), rows * columns);
        }
        return stack;
    }
}
