package dev.lathe.compress.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Evolves genomes, one choice a gene, towards small numbers of several objectives at once. The same seed gives the same result.
 *
 * <p>Source: Deb, Pratap, Agarwal, Meyarivan 2002, "A fast and elitist multiobjective genetic algorithm: NSGA-II"; uniform
 * crossover and a mutation of one gene on average. Genomes are kept once.
 */
final class GeneticSearch {
    private static final double CROSSOVER = 0.9;

    private record Individual(List<Integer> genome, double[] objectives) {}

    private final int[] choices;
    private final Function<int[], double[]> objectives;
    private final int size;
    private final SplittableRandom random;

    /**
     * A search.
     *
     * @param choices for each gene how many choices there are
     * @param objectives what shall be small
     * @param size of the population
     */
    GeneticSearch(int[] choices, Function<int[], double[]> objectives, int size, long seed) {
        this.choices = choices.clone();
        this.objectives = objectives;
        this.size = size;
        random = new SplittableRandom(seed);
    }

    /**
     * Evolves.
     *
     * @param proposals genomes to begin with; random ones join them
     * @return the genomes of the last generation that none of it dominates
     */
    List<int[]> run(List<int[]> proposals, int generations) {
        Set<List<Integer>> first = new LinkedHashSet<>();
        proposals.forEach(genome -> first.add(Arrays.stream(genome).boxed().toList()));
        for (int tries = 0; first.size() < size && tries < 10 * size; tries++) {
            first.add(IntStream.of(choices).map(random::nextInt).boxed().toList());
        }
        List<Individual> population = select(first.stream().map(this::judge).toList());
        for (int generation = 0; generation < generations; generation++) {
            population = select(join(population, children(population)));
        }
        int[] ranks = ParetoFronts.ranks(points(population));
        List<Individual> last = population;
        return IntStream.range(0, last.size())
                .filter(i -> ranks[i] == 0)
                .mapToObj(i -> genome(last.get(i).genome()))
                .toList();
    }

    private Individual judge(List<Integer> genome) {
        return new Individual(genome, objectives.apply(genome(genome)));
    }

    private static int[] genome(List<Integer> genes) {
        return genes.stream().mapToInt(Integer::intValue).toArray();
    }

    private static double[][] points(List<Individual> population) {
        return population.stream().map(Individual::objectives).toArray(double[][]::new);
    }

    private static List<Individual> join(List<Individual> parents, List<Individual> children) {
        List<Individual> all = new ArrayList<>(parents);
        Set<List<Integer>> seen = new LinkedHashSet<>();
        parents.forEach(parent -> seen.add(parent.genome()));
        children.stream().filter(child -> seen.add(child.genome())).forEach(all::add);
        return all;
    }

    /** The best, by front and then by loneliness. Parents that are as good as their children stay. */
    private List<Individual> select(List<Individual> all) {
        double[][] points = points(all);
        int[] ranks = ParetoFronts.ranks(points);
        double[] crowding = ParetoFronts.crowding(points, ranks);
        return IntStream.range(0, all.size())
                .boxed()
                .sorted(Comparator.<Integer>comparingInt(i -> ranks[i]).thenComparingDouble(i -> -crowding[i]))
                .limit(size)
                .map(all::get)
                .toList();
    }

    private List<Individual> children(List<Individual> parents) {
        List<Individual> children = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            List<Integer> mother = tournament(parents);
            List<Integer> father = tournament(parents);
            boolean cross = random.nextDouble() < CROSSOVER;
            List<Integer> child = new ArrayList<>();
            for (int gene = 0; gene < choices.length; gene++) {
                int value = cross && random.nextBoolean() ? father.get(gene) : mother.get(gene);
                child.add(random.nextInt(choices.length) == 0 ? random.nextInt(choices[gene]) : value);
            }
            children.add(judge(List.copyOf(child)));
        }
        return children;
    }

    /** The better of two; parents are sorted, the best first. */
    private List<Integer> tournament(List<Individual> parents) {
        int winner = Math.min(random.nextInt(parents.size()), random.nextInt(parents.size()));
        return parents.get(winner).genome();
    }
}
