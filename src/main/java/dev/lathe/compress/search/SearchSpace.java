package dev.lathe.compress.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * All parts of a model with what can be done to each: a genome says which variant each takes. Costs of parts add up.
 *
 * @param profiles the parts
 * @param otherBytes of tensors that no variant touches
 */
record SearchSpace(List<Profile> profiles, double otherBytes) {
    /** How many variants each part has. */
    int[] choices() {
        return profiles.stream().mapToInt(profile -> profile.variants().size()).toArray();
    }

    /** Bytes, seconds and damage. */
    double[] objectives(int[] genome) {
        double[] sums = {otherBytes, 0, 0};
        for (int i = 0; i < genome.length; i++) {
            Profile profile = profiles.get(i);
            sums[0] += profile.bytes()[genome[i]];
            sums[1] += profile.seconds()[genome[i]];
            sums[2] += profile.damage()[genome[i]];
        }
        return sums;
    }

    /** Every part with its least damage. */
    int[] best() {
        return profiles.stream()
                .mapToInt(profile -> leastIndex(profile.damage()))
                .toArray();
    }

    private static int leastIndex(double[] values) {
        int least = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] < values[least]) {
                least = i;
            }
        }
        return least;
    }

    /**
     * Genomes from the best to the smallest, each from the one before by the step of one part that does the least damage for
     * what it saves: the parts merged by how much each impairs the whole.
     *
     * @param objective what shall be saved: 0 for bytes, 1 for seconds
     */
    List<int[]> descent(int objective) {
        List<int[]> genomes = new ArrayList<>();
        int[] genome = best();
        while (true) {
            genomes.add(genome.clone());
            int part = -1;
            int choice = -1;
            double least = Double.POSITIVE_INFINITY;
            for (int i = 0; i < genome.length; i++) {
                Profile profile = profiles.get(i);
                double[] costs = objective == 0 ? profile.bytes() : profile.seconds();
                for (int other = 0; other < costs.length; other++) {
                    double saved = costs[genome[i]] - costs[other];
                    double price = (profile.damage()[other] - profile.damage()[genome[i]]) / saved;
                    if (saved > 0 && price < least) {
                        part = i;
                        choice = other;
                        least = price;
                    }
                }
            }
            if (part < 0) {
                return genomes;
            }
            genome[part] = choice;
        }
    }

    /** For each variant, the genome in which every part that has it takes it and the others their best. */
    List<int[]> uniform() {
        return profiles.stream()
                .flatMap(profile -> profile.variants().stream())
                .distinct()
                .map(this::uniform)
                .toList();
    }

    private int[] uniform(Variant variant) {
        int[] genome = best();
        for (int i = 0; i < genome.length; i++) {
            int index = profiles.get(i).variants().indexOf(variant);
            genome[i] = index < 0 ? genome[i] : index;
        }
        return genome;
    }

    /** The genome that is in the budget with the least damage after changing one or two parts of it; never a worse one. */
    int[] repaired(int[] genome, Budget budget, double secondsBefore) {
        int[] current = genome.clone();
        double[] value = judge(current, budget, secondsBefore);
        for (boolean better = true; better; ) {
            better = false;
            for (int i = 0; i < current.length; i++) {
                for (int j = i; j < current.length; j++) {
                    int[] found = bestOfTwo(current, i, j, budget, secondsBefore);
                    double[] foundValue = judge(found, budget, secondsBefore);
                    if (Arrays.compare(foundValue, value) < 0) {
                        current = found;
                        value = foundValue;
                        better = true;
                    }
                }
            }
        }
        return current;
    }

    private int[] bestOfTwo(int[] genome, int i, int j, Budget budget, double secondsBefore) {
        int[] best = genome.clone();
        double[] value = judge(best, budget, secondsBefore);
        int[] trial = genome.clone();
        for (int a = 0; a < profiles.get(i).variants().size(); a++) {
            for (int b = 0; b < profiles.get(j).variants().size(); b++) {
                trial[i] = a;
                trial[j] = b;
                double[] found = judge(trial, budget, secondsBefore);
                if (Arrays.compare(found, value) < 0) {
                    best = trial.clone();
                    value = found;
                }
            }
        }
        return best;
    }

    /** First what is beyond the budget, then the damage, then the bytes. */
    double[] judge(int[] genome, Budget budget, double secondsBefore) {
        double[] objectives = objectives(genome);
        double excess = budget.excess(objectives[0], objectives[1], secondsBefore);
        return new double[] {excess, objectives[2], objectives[0]};
    }
}
