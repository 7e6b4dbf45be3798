package dev.lathe.compress.quantize;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Chooses one option for each of many items so that the loss is small and the bytes stay within a budget.
 *
 * <p>Of each item's options those on the lower convex hull of loss over bytes can be best for some price of a byte. All items
 * begin with their smallest option; then the step to the next option on a hull that lessens the loss most per byte is taken,
 * among all items, as long as it fits. What fits no more lets cheaper steps of other items go on. The loss is the least there
 * is for the bytes taken whenever all steps of one slope fit, and else off by less than one step.
 *
 * <p>Source: Shoham, Gersho 1988, "Efficient bit allocation for an arbitrary set of quantizers", IEEE Transactions on Acoustics,
 * Speech and Signal Processing 36(9).
 */
final class BitAllocation {
    /**
     * One way to store an item.
     *
     * @param bytes what it takes
     * @param loss what it costs, in any unit that adds up over items
     */
    record Option(long bytes, double loss) {}

    /** A step along an item's hull. */
    private record Step(int item, int from, int to, long bytes, double gain) {
        double slope() {
            return gain / bytes;
        }
    }

    private BitAllocation() {}

    /** The least bytes that items can take. */
    static long least(List<List<Option>> items) {
        return items.stream()
                .mapToLong(options ->
                        options.stream().mapToLong(Option::bytes).min().orElseThrow())
                .sum();
    }

    /**
     * Chooses.
     *
     * @param items the options of each
     * @param budget bytes of all chosen together; at least {@link #least}
     * @return the index of each item's option
     */
    static int[] choose(List<List<Option>> items, long budget) {
        int[] chosen = new int[items.size()];
        List<Step> steps = new ArrayList<>();
        long bytes = 0;
        for (int item = 0; item < chosen.length; item++) {
            List<Integer> hull = hull(items.get(item));
            chosen[item] = hull.getFirst();
            bytes += items.get(item).get(chosen[item]).bytes();
            for (int i = 1; i < hull.size(); i++) {
                steps.add(step(items.get(item), item, hull.get(i - 1), hull.get(i)));
            }
        }
        if (bytes > budget) {
            throw new IllegalArgumentException("the least is " + bytes + " bytes, the budget " + budget);
        }
        steps.sort(Comparator.comparingDouble(Step::slope).reversed()); // stable: of equals the first item
        for (Step step : steps) {
            if (chosen[step.item()] == step.from() && bytes + step.bytes() <= budget) {
                chosen[step.item()] = step.to();
                bytes += step.bytes();
            }
        }
        return chosen;
    }

    private static Step step(List<Option> options, int item, int from, int to) {
        return new Step(
                item,
                from,
                to,
                options.get(to).bytes() - options.get(from).bytes(),
                options.get(from).loss() - options.get(to).loss());
    }

    /** Indices of the options on the lower convex hull, from the smallest on, the loss always less. */
    static List<Integer> hull(List<Option> options) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < options.size(); i++) {
            order.add(i);
        }
        order.sort(Comparator.<Integer>comparingLong(i -> options.get(i).bytes())
                .thenComparingDouble(i -> options.get(i).loss()));
        List<Integer> hull = new ArrayList<>();
        for (int next : order) {
            if (!hull.isEmpty()
                    && options.get(next).loss() >= options.get(hull.getLast()).loss()) {
                continue;
            }
            while (hull.size() > 1 && isAbove(options, hull.get(hull.size() - 2), hull.getLast(), next)) {
                hull.removeLast();
            }
            hull.add(next);
        }
        return hull;
    }

    /** Whether the middle option lies on or above the line between the others. */
    private static boolean isAbove(List<Option> options, int left, int middle, int right) {
        Step first = step(options, 0, left, middle);
        Step second = step(options, 0, middle, right);
        return first.gain() * second.bytes() <= second.gain() * first.bytes();
    }
}
