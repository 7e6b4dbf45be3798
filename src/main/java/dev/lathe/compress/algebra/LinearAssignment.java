package dev.lathe.compress.algebra;

import java.util.Arrays;

/**
 * Matches each row of a square matrix with a column of its own so that the sum of what they share is largest: augmenting paths
 * with potentials, in cubic time.
 *
 * <p>Source: Kuhn 1955, "The Hungarian Method for the Assignment Problem"; Edmonds, Karp 1972, "Theoretical Improvements in
 * Algorithmic Efficiency for Network Flow Problems", section 2.
 */
public final class LinearAssignment {
    private static final int NOBODY = -1;

    private final double[][] profit;
    private final int size;
    private final double[] rowPotential;
    private final double[] columnPotential;
    private final int[] rowOf; // by column; the last column is the root of the path that is being looked for
    private final int[] columnBefore; // on the path to a column

    private LinearAssignment(double[][] profit) {
        this.profit = profit;
        size = profit.length;
        rowPotential = new double[size];
        columnPotential = new double[size + 1];
        rowOf = new int[size + 1];
        columnBefore = new int[size];
        Arrays.fill(rowOf, NOBODY);
    }

    /**
     * The best matching.
     *
     * @param profit [n x n] finite numbers, not changed
     * @return for each row its column
     */
    public static int[] best(double[][] profit) {
        LinearAssignment assignment = new LinearAssignment(profit);
        for (int row = 0; row < profit.length; row++) {
            assignment.add(row);
        }
        int[] columns = new int[profit.length];
        for (int column = 0; column < columns.length; column++) {
            columns[assignment.rowOf[column]] = column;
        }
        return columns;
    }

    /** Matches one more row, and others anew where that is better. */
    private void add(int row) {
        double[] slack = new double[size];
        Arrays.fill(slack, Double.POSITIVE_INFINITY);
        boolean[] onTree = new boolean[size + 1];
        int column = size;
        rowOf[column] = row;
        while (rowOf[column] != NOBODY) {
            onTree[column] = true;
            column = grow(column, slack, onTree);
        }
        while (column != size) {
            int before = columnBefore[column];
            rowOf[column] = rowOf[before];
            column = before;
        }
    }

    /** Takes the nearest column to the tree, and moves the potentials so that its edge is tight. */
    private int grow(int column, double[] slack, boolean[] onTree) {
        int row = rowOf[column];
        int nearest = NOBODY;
        for (int other = 0; other < size; other++) {
            if (onTree[other]) {
                continue;
            }
            double distance = -profit[row][other] - rowPotential[row] - columnPotential[other];
            if (distance < slack[other]) {
                slack[other] = distance;
                columnBefore[other] = column;
            }
            if (nearest == NOBODY || slack[other] < slack[nearest]) {
                nearest = other;
            }
        }
        double step = slack[nearest];
        for (int other = 0; other <= size; other++) {
            if (onTree[other]) {
                rowPotential[rowOf[other]] += step;
                columnPotential[other] -= step;
            } else if (other < size) {
                slack[other] -= step;
            }
        }
        return nearest;
    }
}
