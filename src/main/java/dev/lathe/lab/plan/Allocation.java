package dev.lathe.lab.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which kind of machine serves which requests, and how many of each kind are needed, at the least cost. Requests come
 * in classes, such as by the lengths of prompt and output; a kind that is cheap for short ones can be dear for long
 * ones, so a mixture often costs less than any one kind.
 *
 * <p>Griggs et al.: Mélange: Cost Efficient Large Language Model Serving by Exploiting GPU Heterogeneity, 2024,
 * arXiv:2404.14527. Its integer program is solved by branch and bound; as there, machines of a kind are one pool, whose
 * capacity is divided freely.
 *
 * @param kinds kind of machine for each slice of requests, by index; slices of class i are i * slices to (i + 1) *
 *     slices
 * @param machines how many of each kind
 * @param cost of the machines
 * @param lowerBound no allocation costs less
 * @param isOptimal whether the search came to its end, so that none costs less than this one
 */
public record Allocation(
        List<Integer> kinds, List<Integer> machines, double cost, double lowerBound, boolean isOptimal) {
    private static final long MOST_NODES = 2_000_000;
    private static final double ROUNDING = 1e-9;

    /**
     * A kind of machine.
     *
     * @param name what it is called
     * @param cost of one, such as an hour's price
     * @param throughput requests a second that one serves if it serves nothing else, a number a class; 0 where it
     *     cannot serve the class in time
     */
    public record Kind(String name, double cost, List<Double> throughput) {
        /** Copies the list and checks it. */
        public Kind {
            throughput = List.copyOf(throughput);
            if (!(cost > 0) || throughput.stream().anyMatch(rate -> !(rate >= 0))) {
                throw new IllegalArgumentException("kind " + name + ": cost " + cost + ", throughput " + throughput
                        + ": expected a cost above 0 and no negative throughput");
            }
        }
    }

    /** Copies the lists. */
    public Allocation {
        kinds = List.copyOf(kinds);
        machines = List.copyOf(machines);
    }

    /**
     * Finds the cheapest allocation. The search begins with the best single kind and never ends with more; where it is
     * too large to finish, the result is the best found and says so.
     *
     * @param rates requests a second of each class
     * @param slices parts that each class's requests are divided into, each served by one kind
     * @throws IllegalArgumentException if a class has requests that no kind can serve
     */
    public static Allocation cheapest(List<Kind> kinds, List<Double> rates, int slices) {
        return new Search(kinds, rates, slices).run();
    }

    /** A depth-first search over slices, those with the most to lose first. */
    private static final class Search {
        private final List<Kind> kinds;
        private final int slices;
        private final double[][] load; // [slice][kind], in machines
        private final int[] order;
        private final double[] restBound;
        private final int[][] byCost; // kinds for each slice, cheapest first
        private final int[] chosen;
        private final double[] used;
        private int[] best;
        private double bestCost = Double.POSITIVE_INFINITY;
        private long nodes;

        Search(List<Kind> kinds, List<Double> rates, int slices) {
            if (kinds.isEmpty() || slices < 1) {
                throw new IllegalArgumentException(
                        kinds.size() + " kinds of machines, " + slices + " slices: expected at least one of each");
            }
            this.kinds = kinds;
            this.slices = slices;
            this.load = new double[rates.size() * slices][kinds.size()];
            for (int slice = 0; slice < load.length; slice++) {
                fill(slice, rates);
            }
            this.order = IntStream.range(0, load.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble((Integer slice) -> -cheapest(slice)))
                    .mapToInt(Integer::intValue)
                    .toArray();
            this.restBound = new double[load.length + 1];
            for (int i = load.length - 1; i >= 0; i--) {
                restBound[i] = restBound[i + 1] + cheapest(order[i]);
            }
            this.byCost = new int[load.length][];
            for (int slice = 0; slice < load.length; slice++) {
                byCost[slice] = byCost(slice);
            }
            this.chosen = new int[load.length];
            this.used = new double[kinds.size()];
        }

        private void fill(int slice, List<Double> rates) {
            int type = slice / slices;
            double rate = rates.get(type) / slices;
            boolean served = rate == 0;
            for (int kind = 0; kind < kinds.size(); kind++) {
                double throughput = kinds.get(kind).throughput.get(type);
                load[slice][kind] = rate == 0 ? 0 : throughput == 0 ? Double.POSITIVE_INFINITY : rate / throughput;
                served |= throughput > 0;
            }
            if (!(rate >= 0) || !served) {
                throw new IllegalArgumentException("class " + type + " has " + rates.get(type)
                        + " requests a second: expected at least 0, and a kind of machine that serves them in time");
            }
        }

        private double cheapest(int slice) {
            double least = Double.POSITIVE_INFINITY;
            for (int kind = 0; kind < kinds.size(); kind++) {
                least = Math.min(least, load[slice][kind] * kinds.get(kind).cost);
            }
            return least;
        }

        Allocation run() {
            for (int kind = 0; kind < kinds.size(); kind++) {
                Arrays.fill(chosen, kind);
                offer();
            }
            for (int slice = 0; slice < load.length; slice++) {
                chosen[slice] = byCost[slice][0];
            }
            offer();
            Arrays.fill(used, 0);
            descend(0);
            boolean complete = nodes <= MOST_NODES;
            return new Allocation(
                    Arrays.stream(best).boxed().toList(),
                    Arrays.stream(loads(best)).mapToObj(Search::whole).toList(),
                    bestCost,
                    complete ? bestCost : restBound[0],
                    complete);
        }

        private void descend(int depth) {
            if (nodes++ > MOST_NODES || wholeCost(used) + ROUNDING >= bestCost) {
                return;
            }
            if (fractionalCost() + restBound[depth] + ROUNDING >= bestCost) {
                return;
            }
            if (depth == order.length) {
                offer();
                return;
            }
            int slice = order[depth];
            for (int kind : byCost[slice]) {
                boolean startsRun = depth == 0 || order[depth - 1] / slices != slice / slices;
                boolean isSorted = startsRun || chosen[order[depth - 1]] <= kind; // slices of a class are alike
                if (isSorted && load[slice][kind] < Double.POSITIVE_INFINITY) {
                    chosen[slice] = kind;
                    used[kind] += load[slice][kind];
                    descend(depth + 1);
                    used[kind] -= load[slice][kind];
                }
            }
        }

        private int[] byCost(int slice) {
            List<Integer> all = new ArrayList<>();
            for (int kind = 0; kind < kinds.size(); kind++) {
                all.add(kind);
            }
            all.sort(Comparator.comparingDouble(kind -> load[slice][kind] * kinds.get(kind).cost));
            return all.stream().mapToInt(Integer::intValue).toArray();
        }

        private void offer() {
            double cost = wholeCost(loads(chosen));
            if (cost < bestCost) {
                bestCost = cost;
                best = chosen.clone();
            }
        }

        private double[] loads(int... choice) {
            double[] loads = new double[kinds.size()];
            for (int slice = 0; slice < choice.length; slice++) {
                loads[choice[slice]] += load[slice][choice[slice]];
            }
            return loads;
        }

        private double wholeCost(double... loads) {
            double cost = 0;
            for (int kind = 0; kind < loads.length; kind++) {
                cost += loads[kind] == Double.POSITIVE_INFINITY
                        ? Double.POSITIVE_INFINITY
                        : whole(loads[kind]) * kinds.get(kind).cost;
            }
            return cost;
        }

        private double fractionalCost() {
            double cost = 0;
            for (int kind = 0; kind < used.length; kind++) {
                cost += used[kind] * kinds.get(kind).cost;
            }
            return cost;
        }

        private static int whole(double load) {
            return (int) Math.ceil(load - ROUNDING);
        }
    }

    /** Cost of serving everything by the best single kind; infinite if none serves all classes. */
    public static double singleKind(List<Kind> kinds, List<Double> rates) {
        List<Double> costs = new ArrayList<>();
        for (Kind kind : kinds) {
            double load = 0;
            for (int type = 0; type < rates.size(); type++) {
                load += rates.get(type) == 0 ? 0 : rates.get(type) / kind.throughput.get(type);
            }
            costs.add(load == Double.POSITIVE_INFINITY ? load : Math.ceil(load - ROUNDING) * kind.cost);
        }
        return Collections.min(costs);
    }
}
