package dev.lathe.compress.lowrank;

import java.util.List;

/**
 * Which rank each matrix gets within a total of parameters, so that the sum of their errors is small: each takes the rank with
 * the least error plus parameters times a price, and the price is the lowest that keeps the total. Such ranks are optimal for
 * the total that they use; what is left of it goes where it lowers the error most.
 */
final class RankAllocation {
    private static final int BISECTIONS = 200;

    private RankAllocation() {}

    /**
     * What may become of one matrix, or of several of one shape that shall have the same rank.
     *
     * @param count how many matrices
     * @param rows of the matrix
     * @param columns of the matrix
     * @param rankStep ranks are multiples of it
     * @param errors the error of each rank {@code rankStep}, {@code 2 rankStep} ... that saves parameters, never increasing; the
     *     whole matrix has none
     */
    record Candidate(int count, int rows, int columns, int rankStep, double[] errors) {
        /** One matrix. */
        Candidate(int rows, int columns, int rankStep, double[] errors) {
            this(1, rows, columns, rankStep, errors);
        }

        /** Ranks at which two factors have fewer parameters than the matrix. */
        static int savingRanks(int rows, int columns, int rankStep) {
            long whole = (long) rows * columns;
            return (int) ((whole - 1) / ((long) rankStep * (rows + columns)));
        }

        int choices() {
            return errors.length + 1;
        }

        double error(int choice) {
            return choice < errors.length ? errors[choice] : 0;
        }

        long parameters(int choice) {
            return count
                    * (choice < errors.length
                            ? (long) (choice + 1) * rankStep * (rows + columns)
                            : (long) rows * columns);
        }

        /** The rank of a choice; 0 for the whole matrix. */
        int rank(int choice) {
            return choice < errors.length ? (choice + 1) * rankStep : 0;
        }
    }

    /**
     * The rank of each matrix, 0 where it stays whole.
     *
     * @param candidates the matrices
     * @param parameters the most that all of them may have together
     * @throws IllegalArgumentException if the lowest ranks have more
     */
    static int[] within(List<Candidate> candidates, long parameters) {
        int[] choices = new int[candidates.size()];
        if (total(candidates, choices) > parameters) {
            throw new IllegalArgumentException("factors of the lowest rank have " + total(candidates, choices)
                    + " parameters, which is more than " + parameters + ": remove less, or allow lower ranks");
        }
        double high = highestPrice(candidates);
        double low = 0;
        for (int i = 0; i < BISECTIONS; i++) {
            double price = (low + high) / 2;
            int[] chosen = atPrice(candidates, price);
            if (total(candidates, chosen) <= parameters) {
                choices = chosen;
                high = price;
            } else {
                low = price;
            }
        }
        spendRest(candidates, choices, parameters);
        int[] ranks = new int[choices.length];
        for (int i = 0; i < ranks.length; i++) {
            ranks[i] = candidates.get(i).rank(choices[i]);
        }
        return ranks;
    }

    private static int[] atPrice(List<Candidate> candidates, double price) {
        int[] choices = new int[candidates.size()];
        for (int i = 0; i < choices.length; i++) {
            Candidate candidate = candidates.get(i);
            double best = Double.POSITIVE_INFINITY;
            for (int choice = 0; choice < candidate.choices(); choice++) {
                double cost = candidate.error(choice) + price * candidate.parameters(choice);
                if (cost < best) {
                    best = cost;
                    choices[i] = choice;
                }
            }
        }
        return choices;
    }

    /** A price at which every matrix takes its lowest rank. */
    private static double highestPrice(List<Candidate> candidates) {
        double errors = 0;
        for (Candidate candidate : candidates) {
            errors = Math.max(errors, candidate.error(0));
        }
        return errors + Double.MIN_NORMAL;
    }

    private static long total(List<Candidate> candidates, int[] choices) {
        long total = 0;
        for (int i = 0; i < choices.length; i++) {
            total += candidates.get(i).parameters(choices[i]);
        }
        return total;
    }

    private static void spendRest(List<Candidate> candidates, int[] choices, long parameters) {
        long rest = parameters - total(candidates, choices);
        while (true) {
            int best = -1;
            double bestGain = 0;
            for (int i = 0; i < choices.length; i++) {
                Candidate candidate = candidates.get(i);
                if (choices[i] + 1 < candidate.choices()) {
                    long more = candidate.parameters(choices[i] + 1) - candidate.parameters(choices[i]);
                    double gain = (candidate.error(choices[i]) - candidate.error(choices[i] + 1)) / more;
                    if (more <= rest && gain > bestGain) {
                        best = i;
                        bestGain = gain;
                    }
                }
            }
            if (best < 0) {
                return;
            }
            rest -= candidates.get(best).parameters(choices[best] + 1)
                    - candidates.get(best).parameters(choices[best]);
            choices[best]++;
        }
    }
}
