package dev.lathe.compress.prune;

import dev.lathe.compress.GramMatrix;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.util.Random;

/** Matrices and inputs that depend on their seed alone. */
final class RandomMatrices {
    private RandomMatrices() {}

    static FloatMatrix gaussian(int rows, int columns, Random random) {
        FloatMatrix matrix = FloatMatrix.zeros(rows, columns);
        for (int i = 0; i < rows * columns; i++) {
            matrix.data()[i] = (float) random.nextGaussian();
        }
        return matrix;
    }

    /** Rows of inputs that have much in common, as a model's have: a few hidden causes, some noise, unequal scales. */
    static FloatMatrix inputs(int rows, int columns, Random random) {
        int causes = Math.max(1, columns / 4);
        FloatMatrix mixing = gaussian(causes, columns, random);
        FloatMatrix cause = gaussian(rows, causes, random);
        FloatMatrix result = gaussian(rows, columns, random);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                float sum = 0.5f * result.get(row, column);
                for (int i = 0; i < causes; i++) {
                    sum += cause.get(row, i) * mixing.get(i, column);
                }
                result.data()[result.offset(row) + column] = sum * (1 + column % 5);
            }
        }
        return result;
    }

    static GramMatrix gram(FloatMatrix inputs) {
        GramMatrix gram = new GramMatrix(inputs.columns());
        gram.add(inputs, Workers.single());
        return gram;
    }

    static LinearInput input(FloatMatrix inputs) {
        GramMatrix gram = gram(inputs);
        return new LinearInput(gram.diagonal(), gram);
    }

    /** The squared error of all outputs when one matrix stands for another of the same shape. */
    static double outputError(FloatMatrix inputs, FloatMatrix before, FloatMatrix after) {
        double total = 0;
        for (int row = 0; row < inputs.rows(); row++) {
            for (int output = 0; output < before.rows(); output++) {
                double error = 0;
                for (int i = 0; i < inputs.columns(); i++) {
                    error += ((double) before.get(output, i) - after.get(output, i)) * inputs.get(row, i);
                }
                total += error * error;
            }
        }
        return total;
    }

    /** A matrix of some columns, spread to the places they had. */
    static FloatMatrix spread(FloatMatrix matrix, int[] places, int columns) {
        FloatMatrix result = FloatMatrix.zeros(matrix.rows(), columns);
        for (int row = 0; row < matrix.rows(); row++) {
            for (int i = 0; i < places.length; i++) {
                result.data()[result.offset(row) + places[i]] = matrix.get(row, i);
            }
        }
        return result;
    }
}
