package dev.lathe.lab.predict;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * A regression by small trees, each fitted to what the ones before it left. Immutable; the order of samples does not
 * matter but where splits tie.
 *
 * <p>Friedman: Greedy Function Approximation: A Gradient Boosting Machine, 2001, algorithm 2 (least squares).
 */
final class BoostedTrees {
    private static final double RATE = 0.1;

    private final double start;
    private final List<Node> trees;

    private BoostedTrees(double start, List<Node> trees) {
        this.start = start;
        this.trees = trees;
    }

    /** A tree: a value, or a question and what follows. */
    private record Node(double value, int feature, double threshold, Node below, Node above) {
        double predict(double... features) {
            Node node = this;
            while (node.below != null) {
                node = features[node.feature] <= node.threshold ? node.below : node.above;
            }
            return node.value;
        }
    }

    /**
     * Fits.
     *
     * @param samples features of each, as many in all
     * @param targets one each
     * @param rounds number of trees
     * @param depth of each tree
     * @param leastLeaf samples that a leaf has at least
     */
    static BoostedTrees fit(List<double[]> samples, double[] targets, int rounds, int depth, int leastLeaf) {
        double start = Arrays.stream(targets).average().orElse(0);
        double[] left = Arrays.stream(targets).map(target -> target - start).toArray();
        List<Node> trees = new ArrayList<>();
        int[][] orders = IntStream.range(0, samples.getFirst().length)
                .mapToObj(feature -> order(samples, feature))
                .toArray(int[][]::new);
        for (int round = 0; round < rounds; round++) {
            Node tree = tree(samples, left, orders, depth, leastLeaf);
            trees.add(tree);
            for (int i = 0; i < left.length; i++) {
                left[i] -= RATE * tree.predict(samples.get(i));
            }
        }
        return new BoostedTrees(start, trees);
    }

    double predict(double... features) {
        double sum = start;
        for (Node tree : trees) {
            sum += RATE * tree.predict(features);
        }
        return sum;
    }

    /**
     * A tree of the best splits.
     *
     * @param orders for each feature the members, ascending by it
     */
    private static Node tree(List<double[]> samples, double[] targets, int[][] orders, int depth, int leastLeaf) {
        int count = orders[0].length;
        double sum = 0;
        for (int member : orders[0]) {
            sum += targets[member];
        }
        Node leaf = new Node(sum / Math.max(1, count), 0, 0, null, null);
        if (depth == 0 || count < 2 * leastLeaf) {
            return leaf;
        }
        double best = sum * sum / count * (1 + 1e-12); // a split must explain more
        int feature = -1;
        double threshold = 0;
        for (int f = 0; f < orders.length; f++) {
            double below = 0;
            for (int i = 1; i < count; i++) {
                below += targets[orders[f][i - 1]];
                double before = samples.get(orders[f][i - 1])[f];
                double here = samples.get(orders[f][i])[f];
                double gain = below * below / i + (sum - below) * (sum - below) / (count - i);
                if (i >= leastLeaf && count - i >= leastLeaf && before < here && gain > best) {
                    best = gain;
                    feature = f;
                    threshold = (before + here) / 2;
                }
            }
        }
        if (feature < 0) {
            return leaf;
        }
        int chosen = feature;
        double at = threshold;
        return new Node(
                0,
                feature,
                threshold,
                tree(samples, targets, part(orders, i -> samples.get(i)[chosen] <= at), depth - 1, leastLeaf),
                tree(samples, targets, part(orders, i -> samples.get(i)[chosen] > at), depth - 1, leastLeaf));
    }

    private static int[][] part(int[][] orders, IntPredicate member) {
        return Arrays.stream(orders)
                .map(order -> Arrays.stream(order).filter(member).toArray())
                .toArray(int[][]::new);
    }

    private static int[] order(List<double[]> samples, int feature) {
        return IntStream.range(0, samples.size())
                .boxed()
                .sorted(Comparator.comparingDouble(member -> samples.get(member)[feature]))
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
