package dev.lathe.lab.predict;

import dev.lathe.figures.Summary;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/**
 * Predicts the time of operations from features of the operation and of the machine, learned from measurements of some
 * machines: the roofline's time, times a factor that a ridge regression and then boosted trees learn. The regression
 * goes on where nothing was measured, the trees know the rest. Predictions are above 0. Immutable.
 *
 * <p>After Xiang et al.: NCPP: Nova CPU Performance Predictor on a Novel Dataset, 2024 (a network over groups of a machine's
 * and its workload's features) and Das and Mannarswamy: ML-driven Hardware Cost Model for MLIR, 2023: some hundred
 * measurements of one library's own operations need no network, and its error is told by cross-validation.
 */
public final class LearnedCost {
    private static final int ROUNDS = 150;
    private static final int DEPTH = 3;
    private static final int LEAST_LEAF = 3;
    private static final double RIDGE = 1e-3;
    private static final int BITS = 8;

    private final PowerModel line;
    private final BoostedTrees trees;

    private LearnedCost(PowerModel line, BoostedTrees trees) {
        this.line = line;
        this.trees = trees;
    }

    /** An operation on a machine, what it took, and what limits alone would say. */
    private record Example(String machine, Operation operation, double[] features, double limit, double seconds) {
        static List<Example> of(Costs costs) {
            List<Example> examples = new ArrayList<>();
            for (MachineCosts machine : costs.machines()) {
                for (Observation observation : machine.observations()) {
                    Operation operation = observation.operation();
                    Roofline roofline = machine.roofline(operation.type(), operation.threads());
                    examples.add(new Example(
                            machine.name(),
                            operation,
                            LearnedCost.features(machine, operation),
                            roofline.seconds(operation.bytes(), operation.multiplies()),
                            observation.seconds()));
                }
            }
            return examples;
        }
    }

    /** All above 0, since logarithms are taken. */
    private static double[] features(MachineCosts machine, Operation operation) {
        Roofline roofline = machine.roofline(operation.type(), operation.threads());
        return new double[] {
            operation.outputs(),
            operation.inputs(),
            operation.tokens(),
            operation.threads(),
            BITS * operation.weightBytes() / operation.outputs() / operation.inputs(),
            operation.weightBytes(),
            operation.modelBytes(),
            operation.multiplies() / operation.bytes(),
            operation.bytes() / roofline.bytesPerSecond(),
            operation.multiplies() / roofline.multipliesPerSecond(),
            operation.multiplies() / operation.bytes() / roofline.ridge(),
            machine.machine().processors()
        };
    }

    /**
     * Learns from all that was measured.
     *
     * @throws IllegalArgumentException if that are fewer than 20 operations
     */
    public static LearnedCost fit(Costs costs) {
        return fit(Example.of(costs));
    }

    private static LearnedCost fit(List<Example> examples) {
        if (examples.size() < 20) {
            throw new IllegalArgumentException(
                    examples.size() + " measured operations: expected at least 20 to learn from; measure more shapes");
        }
        PowerModel line = PowerModel.fit(
                examples.stream()
                        .map(example -> new PowerModel.Sample(example.features, example.seconds / example.limit))
                        .toList(),
                RIDGE);
        double[] left = examples.stream()
                .mapToDouble(example -> Math.log(example.seconds / example.limit / line.predict(example.features)))
                .toArray();
        BoostedTrees trees =
                BoostedTrees.fit(examples.stream().map(Example::features).toList(), left, ROUNDS, DEPTH, LEAST_LEAF);
        return new LearnedCost(line, trees);
    }

    /**
     * Predicted seconds of an operation.
     *
     * @param machine whose limits for the operation's type and threads are known; its observations do not matter
     * @throws IllegalArgumentException if they are not known
     */
    public double seconds(MachineCosts machine, Operation operation) {
        double limit = machine.roofline(operation.type(), operation.threads())
                .seconds(operation.bytes(), operation.multiplies());
        return seconds(features(machine, operation), limit);
    }

    private double seconds(double[] features, double limit) {
        return limit * line.predict(features) * Math.exp(trees.predict(features));
    }

    /**
     * Relative errors, without sign, of operations whose shape of weights no operation learned from had.
     *
     * @param folds groups of shapes, each predicted from the others
     */
    public static Summary crossValidateShapes(Costs costs, int folds) {
        List<Example> examples = Example.of(costs);
        List<String> shapes = new ArrayList<>(examples.stream()
                .map(example -> example.operation.shape())
                .distinct()
                .sorted()
                .toList());
        Collections.shuffle(shapes, new Random(1)); // shapes of a grid would be held back line by line
        return crossValidate(examples, example -> shapes.indexOf(example.operation.shape()) % folds);
    }

    /** The same of machines: each predicted from what was measured on the others and its own limits. */
    public static Summary crossValidateMachines(Costs costs) {
        return crossValidate(Example.of(costs), Example::machine);
    }

    private static Summary crossValidate(List<Example> examples, Function<Example, Object> group) {
        List<Object> groups = examples.stream().map(group).distinct().toList();
        if (groups.size() < 2) {
            throw new IllegalArgumentException("all " + examples.size()
                    + " measured operations are of one group: expected two or more to predict one from the others");
        }
        List<Double> errors = new ArrayList<>();
        for (Object held : groups) {
            LearnedCost learned = fit(examples.stream()
                    .filter(example -> !group.apply(example).equals(held))
                    .toList());
            examples.stream()
                    .filter(example -> group.apply(example).equals(held))
                    .forEach(example ->
                            errors.add(error(learned.seconds(example.features, example.limit), example.seconds)));
        }
        return Summary.of(errors);
    }

    /** Relative errors, without sign, of the machines' limits alone: what learning has to beat. */
    public static Summary rooflineErrors(Costs costs) {
        return Summary.of(Example.of(costs).stream()
                .map(example -> error(example.limit, example.seconds))
                .toList());
    }

    private static double error(double predicted, double seconds) {
        return Math.abs(predicted - seconds) / seconds;
    }
}
