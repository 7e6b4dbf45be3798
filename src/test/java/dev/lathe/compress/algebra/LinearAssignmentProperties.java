package dev.lathe.compress.algebra;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class LinearAssignmentProperties {
    @Property(tries = 200)
    void noPermutationGivesMore(@ForAll @IntRange(min = 1, max = 6) int size, @ForAll long seed) {
        Random random = new Random(seed);
        double[][] profit = new double[size][size];
        for (double[] row : profit) {
            Arrays.setAll(row, i -> random.nextInt(-4, 5));
        }
        int[] columns = LinearAssignment.best(profit);
        assertArrayEquals(
                IntStream.range(0, size).toArray(),
                Arrays.stream(columns).sorted().toArray());
        assertEquals(most(profit, 0, new boolean[size]), sum(profit, columns));
    }

    private static double sum(double[][] profit, int... columns) {
        return IntStream.range(0, columns.length)
                .mapToDouble(row -> profit[row][columns[row]])
                .sum();
    }

    private static double most(double[][] profit, int row, boolean[] taken) {
        if (row == profit.length) {
            return 0;
        }
        double most = Double.NEGATIVE_INFINITY;
        for (int column = 0; column < taken.length; column++) {
            if (!taken[column]) {
                taken[column] = true;
                most = Math.max(most, profit[row][column] + most(profit, row + 1, taken));
                taken[column] = false;
            }
        }
        return most;
    }
}
