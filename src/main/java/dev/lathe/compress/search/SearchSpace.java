package dev.lathe.compress.search;

import static dev.lathe.compress.search.Profile.DIVERGENCE;

import dev.lathe.compress.Transform;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * All parts of a model with what can be done to each: a genome says which variant each takes. Costs of parts add up.
 *
 * @param first what is done to the whole model before, such as slicing
 * @param profiles the parts
 * @param others costs of what no variant touches, and of what is done before: bytes, seconds, divergence
 */
record SearchSpace(Optional<Transform> first, List<Profile> profiles, double[] others) {
    /** How many variants each part has. */
    int[] choices() {
        return profiles.stream().mapToInt(profile -> profile.variants().size()).toArray();
    }

    /** Bytes, seconds and divergence. */
    double[] objectives(int[] genome) {
        double[] sums = others.clone();
        for (int i = 0; i < genome.length; i++) {
            add(sums, profiles.get(i).costs()[genome[i]], 1);
        }
        return sums;
    }

    private static void add(double[] sums, double[] costs, int sign) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += sign * costs[i];
        }
    }

    /** Without the variants that can never be part of what is best in these objectives. */
    SearchSpace efficient(int... objectives) {
        return with(profile -> profile.efficient(objectives));
    }

    /** With only such variants. */
    SearchSpace only(Predicate<Variant> wanted) {
        return with(profile ->
                profile.only(IntStream.range(0, profile.variants().size())
                        .filter(i -> wanted.test(profile.variants().get(i)))
                        .toArray()));
    }

    private SearchSpace with(UnaryOperator<Profile> change) {
        return new SearchSpace(first, profiles.stream().map(change).toList(), others);
    }

    /** Every part with its least divergence. */
    int[] best() {
        return profiles.stream().mapToInt(SearchSpace::leastDivergence).toArray();
    }

    private static int leastDivergence(Profile profile) {
        int least = 0;
        for (int i = 1; i < profile.costs().length; i++) {
            if (profile.costs()[i][DIVERGENCE] < profile.costs()[least][DIVERGENCE]) {
                least = i;
            }
        }
        return least;
    }

    /**
     * Genomes from the best to the smallest, each from the one before by the step of one part that costs the least divergence for
     * what it saves: the parts merged by how much each impairs the whole.
     *
     * @param objective what shall be saved: bytes or seconds
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
                double[][] costs = profiles.get(i).costs();
                double[] now = costs[genome[i]];
                for (int other = 0; other < costs.length; other++) {
                    double saved = now[objective] - costs[other][objective];
                    double price = (costs[other][DIVERGENCE] - now[DIVERGENCE]) / saved;
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

    /** For each variant, the genomes in which every part that has it takes it; the table takes its type, or its best. */
    List<int[]> uniform() {
        List<int[]> genomes = new ArrayList<>();
        profiles.stream()
                .flatMap(profile -> profile.variants().stream())
                .distinct()
                .forEach(variant -> {
                    int[] genome = best();
                    for (int i = 0; i < genome.length; i++) {
                        int index = profiles.get(i).variants().indexOf(variant);
                        boolean isTable = profiles.get(i).part().kind() == Part.Kind.TABLE;
                        genome[i] = index < 0 || isTable ? genome[i] : index;
                    }
                    genomes.add(genome);
                    int[] withTable = genome.clone();
                    for (int i = 0; i < genome.length; i++) {
                        int index = profiles.get(i).variants().indexOf(new Variant(Reduction.NONE, variant.type()));
                        boolean isTable = profiles.get(i).part().kind() == Part.Kind.TABLE;
                        withTable[i] = index >= 0 && isTable ? index : genome[i];
                    }
                    genomes.add(withTable);
                });
        return genomes;
    }

    /** A genome with the table's variant that is best for a budget beside what the other parts have. */
    int[] withBestTable(int[] genome, Budget budget, double secondsBefore) {
        int[] changed = genome.clone();
        for (int i = 0; i < changed.length; i++) {
            if (profiles.get(i).part().kind() == Part.Kind.TABLE) {
                improve(changed, objectives(changed), i, i, budget, secondsBefore);
            }
        }
        return changed;
    }

    /** The genome that is in the budget with the least divergence after changing one or two parts of it; never a worse one. */
    int[] repaired(int[] genome, Budget budget, double secondsBefore) {
        int[] current = genome.clone();
        double[] sums = objectives(current);
        for (boolean better = true; better; ) {
            better = false;
            for (int i = 0; i < current.length; i++) {
                for (int j = i; j < current.length; j++) {
                    better |= improve(current, sums, i, j, budget, secondsBefore);
                }
            }
        }
        return current;
    }

    /** Gives two parts their best variants beside what the others have; whether that is better than before. */
    private boolean improve(int[] genome, double[] sums, int i, int j, Budget budget, double secondsBefore) {
        double[][] first = profiles.get(i).costs();
        double[][] second = i == j
                ? new double[][] {new double[sums.length]}
                : profiles.get(j).costs();
        double[] rest = objectives(genome);
        add(rest, first[genome[i]], -1);
        if (i != j) {
            add(rest, second[genome[j]], -1);
        }
        double[] value = budget.judge(sums, secondsBefore);
        boolean better = false;
        double[] trial = new double[sums.length];
        for (int a = 0; a < first.length; a++) {
            for (int b = 0; b < second.length; b++) {
                for (int k = 0; k < trial.length; k++) {
                    trial[k] = rest[k] + first[a][k] + second[b][k];
                }
                double[] found = budget.judge(trial, secondsBefore);
                if (isBetter(found, value)) {
                    better = true;
                    value = found;
                    genome[i] = a;
                    genome[j] = i == j ? a : b;
                }
            }
        }
        System.arraycopy(objectives(genome), 0, sums, 0, sums.length);
        return better;
    }

    /** By more than sums in another order differ. */
    private static boolean isBetter(double[] found, double[] value) {
        for (int i = 0; i < found.length; i++) {
            double margin = 1e-9 * Math.abs(value[i]);
            if (found[i] < value[i] - margin) {
                return true;
            }
            if (found[i] > value[i] + margin) {
                return false;
            }
        }
        return false;
    }

    /** How good a genome is: {@link Budget#judge}. */
    double[] judge(int[] genome, Budget budget, double secondsBefore) {
        return budget.judge(objectives(genome), secondsBefore);
    }

    /** A genome that can be compared. */
    static List<Integer> list(int[] genome) {
        return IntStream.of(genome).boxed().toList();
    }
}
