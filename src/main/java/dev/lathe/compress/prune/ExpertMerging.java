package dev.lathe.compress.prune;

import dev.lathe.compress.GramMatrix;
import dev.lathe.compress.LayerEdit;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.Stacked;
import dev.lathe.compress.algebra.LinearAssignment;
import dev.lathe.compress.algebra.Matrix;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Merges experts of one layer into others. An expert joins the one whose scores by the router are most alike on the calibration
 * texts. Its channels are put in the order of the other's, whichever makes the sum of products of their weights largest, and the
 * mean of both by how often they were chosen takes the other's place; so does the mean of their rows in the router.
 *
 * <p>Source: Li et al. 2023, "Merge, Then Compress", arXiv 2310.01334, section 3.
 */
final class ExpertMerging {
    private static final List<TensorRole> ROLES =
            List.of(TensorRole.EXPERT_GATE, TensorRole.EXPERT_UP, TensorRole.EXPERT_DOWN);

    private final LayerEdit layer;
    private final ModelEdit model;
    private final int count;
    private final FloatMatrix router;
    private final List<FloatMatrix> stacks = new ArrayList<>(); // gate, up, down
    private final List<FloatMatrix> biases = new ArrayList<>(); // of those, or null

    ExpertMerging(LayerEdit layer, int count) throws IOException {
        this.layer = layer;
        this.count = count;
        model = layer.model();
        router = model.floats(name(TensorRole.ROUTER));
        for (TensorRole role : ROLES) {
            stacks.add(model.floats(name(role)));
            String bias = role.bias(layer.layer());
            biases.add(model.tensor(bias).isPresent() ? model.floats(bias) : null);
        }
    }

    private String name(TensorRole role) {
        return role.weight(layer.layer());
    }

    /** Changes the experts that stay; the others remain as they are. */
    void merge(int... kept) {
        int[] joins = joins(kept);
        for (int target : kept) {
            double chosen = rows(target);
            for (int expert = 0; expert < count; expert++) {
                if (joins[expert] == target && rows(expert) > 0) {
                    chosen += rows(expert);
                    join(expert, target, rows(expert) / chosen);
                }
            }
        }
        for (int i = 0; i < ROLES.size(); i++) {
            Weights.replace(model, name(ROLES.get(i)), stacks.get(i));
            if (biases.get(i) != null) {
                model.putMatrix(ROLES.get(i).bias(layer.layer()), biases.get(i));
            }
        }
    }

    private long rows(int expert) {
        return layer.read().rows(ActivationSite.EXPERT, expert);
    }

    /** For each expert the one that it joins; -1 for those that stay. */
    private int[] joins(int... kept) {
        Matrix scores = likeness();
        int[] joins = new int[count];
        Arrays.fill(joins, -1);
        for (int expert = 0; expert < count; expert++) {
            if (Arrays.binarySearch(kept, expert) < 0) {
                joins[expert] = kept[0];
                for (int target : kept) {
                    joins[expert] =
                            scores.get(expert, target) > scores.get(expert, joins[expert]) ? target : joins[expert];
                }
            }
        }
        return joins;
    }

    /** Cosines of the router's scores of each two experts over all rows, but for a factor of each line. */
    private Matrix likeness() {
        GramMatrix inputs = layer.read().gram(ActivationSite.FEED_FORWARD);
        Matrix rows = Matrix.of(router);
        Matrix products = rows.times(new Matrix(inputs.toArray(), inputs.size(), inputs.size()), layer.workers())
                .times(rows.transpose(), layer.workers());
        double[] factors = new double[count];
        Arrays.setAll(factors, expert -> 1 / Math.sqrt(Math.max(Double.MIN_NORMAL, products.get(expert, expert))));
        return products.scaleColumns(factors);
    }

    /** target = (1 - share) * target + share * expert, channel by channel as they match. */
    private void join(int expert, int target, double share) {
        int[] match = match(expert, target);
        mixRows(stacks.get(0), biases.get(0), expert, target, share, match);
        mixRows(stacks.get(1), biases.get(1), expert, target, share, match);
        mixColumns(stacks.get(2), expert, target, share, match);
        if (biases.get(2) != null) {
            mix(biases.get(2), target, biases.get(2), expert, share);
        }
    }

    /** For each channel of the target the expert's. */
    private int[] match(int expert, int target) {
        FloatMatrix[][] parts = new FloatMatrix[2][ROLES.size()];
        for (int i = 0; i < ROLES.size(); i++) {
            parts[0][i] = Stacked.part(stacks.get(i), count, target);
            parts[1][i] = Stacked.part(stacks.get(i), count, expert);
        }
        parts[0][2] = transposed(parts[0][2]);
        parts[1][2] = transposed(parts[1][2]);
        int channels = parts[0][0].rows();
        double[][] alike = new double[channels][channels];
        layer.workers().run(channels, channel -> {
            for (int i = 0; i < ROLES.size(); i++) {
                for (int other = 0; other < channels; other++) {
                    alike[channel][other] += product(parts[0][i], channel, parts[1][i], other);
                }
            }
        });
        return LinearAssignment.best(alike);
    }

    private static double product(FloatMatrix a, int row, FloatMatrix b, int other) {
        double sum = 0;
        for (int i = 0; i < a.columns(); i++) {
            sum += (double) a.data()[a.offset(row) + i] * b.data()[b.offset(other) + i];
        }
        return sum;
    }

    private static FloatMatrix transposed(FloatMatrix matrix) {
        FloatMatrix result = FloatMatrix.zeros(matrix.columns(), matrix.rows());
        for (int row = 0; row < matrix.rows(); row++) {
            for (int column = 0; column < matrix.columns(); column++) {
                result.data()[result.offset(column) + row] = matrix.get(row, column);
            }
        }
        return result;
    }

    private void mixRows(FloatMatrix stack, FloatMatrix bias, int expert, int target, double share, int[] match) {
        int size = match.length;
        for (int channel = 0; channel < size; channel++) {
            mix(stack, target * size + channel, stack, expert * size + match[channel], share);
            if (bias != null) { // [experts x channels]
                int at = target * size + channel;
                bias.data()[at] = mean(bias.data()[at], bias.data()[expert * size + match[channel]], share);
            }
        }
    }

    private void mixColumns(FloatMatrix stack, int expert, int target, double share, int[] match) {
        int rows = stack.rows() / count;
        for (int row = 0; row < rows; row++) {
            int to = stack.offset(target * rows + row);
            int from = stack.offset(expert * rows + row);
            for (int channel = 0; channel < match.length; channel++) {
                stack.data()[to + channel] =
                        mean(stack.data()[to + channel], stack.data()[from + match[channel]], share);
            }
        }
    }

    private static void mix(FloatMatrix to, int row, FloatMatrix from, int other, double share) {
        for (int i = 0; i < to.columns(); i++) {
            int at = to.offset(row) + i;
            to.data()[at] = mean(to.data()[at], from.data()[from.offset(other) + i], share);
        }
    }

    private static float mean(float a, float b, double share) {
        return (float) ((1 - share) * a + share * b);
    }
}
