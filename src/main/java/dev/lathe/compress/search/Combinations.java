package dev.lathe.compress.search;

import static dev.lathe.compress.search.Profile.BYTES;
import static dev.lathe.compress.search.Profile.DIVERGENCE;
import static dev.lathe.compress.search.Profile.SECONDS;

import dev.lathe.compress.Recipe;
import dev.lathe.compress.Transform;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.compress.search.Part.Kind;
import dev.lathe.compress.search.SearchResult.Candidate;
import dev.lathe.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Searches the combinations of a space for those that fit a budget and for the front of all. */
final class Combinations {
    private static final int POPULATION = 96;
    private static final int GENERATIONS = 120;
    private static final int REPAIRED = 6;

    private final SearchSpace space;
    private final Budget budget;
    private final double secondsBefore;
    private final long seed;
    private final List<Double> silentShares;
    private final List<Candidate> fitting;

    /**
     * Searches.
     *
     * @param silentShares the share of each layer's feed-forward channels that all texts leave alone
     */
    Combinations(SearchSpace space, Budget budget, double secondsBefore, long seed, List<Double> silentShares) {
        this.space = space;
        this.budget = budget;
        this.secondsBefore = secondsBefore;
        this.seed = seed;
        this.silentShares = silentShares;
        fitting = fitting(space.efficient(budget.objectives()));
    }

    /** Recipes within the budget, of least expected divergence. */
    List<Candidate> fitting() {
        return fitting;
    }

    /** The least expected divergence of what fits; infinite where nothing does. */
    double leastDivergence() {
        return fitting.stream().mapToDouble(Candidate::divergence).min().orElse(Double.POSITIVE_INFINITY);
    }

    /** The best that gives each part a type and removes nothing. */
    Optional<Candidate> typesAlone() {
        SearchSpace types = space.only(variant -> variant.reduction().equals(Reduction.NONE));
        return fitting(types.efficient(budget.objectives())).stream().findFirst();
    }

    /** Uniform recipes within the budget, each with the best table that fits. */
    List<Candidate> uniform() {
        Map<List<Integer>, int[]> different = new LinkedHashMap<>();
        space.uniform().stream()
                .map(genome -> space.withBestTable(genome, budget, secondsBefore))
                .forEach(genome -> different.putIfAbsent(SearchSpace.list(genome), genome));
        return different.values().stream()
                .filter(genome -> space.judge(genome, budget, secondsBefore)[0] == 0)
                .map(genome -> candidate(space, genome))
                .toList();
    }

    /** What comes nearest to the budget. */
    Candidate nearest() {
        SearchSpace efficient = space.efficient(budget.objectives());
        return candidate(efficient, efficient.repaired(efficient.best(), budget, secondsBefore));
    }

    /** Recipes none of which is better than another in bytes, seconds and divergence. */
    List<Candidate> front() {
        SearchSpace efficient = space.efficient(BYTES, SECONDS, DIVERGENCE);
        List<int[]> front = evolved(efficient, BYTES, SECONDS, DIVERGENCE);
        return front.stream().map(genome -> candidate(efficient, genome)).toList();
    }

    private List<Candidate> fitting(SearchSpace within) {
        Map<List<Integer>, int[]> repaired = new LinkedHashMap<>();
        evolved(within, budget.objectives()).stream()
                .sorted(Comparator.comparing(genome -> within.judge(genome, budget, secondsBefore), Arrays::compare))
                .limit(REPAIRED)
                .map(genome -> within.repaired(genome, budget, secondsBefore))
                .forEach(genome -> repaired.putIfAbsent(SearchSpace.list(genome), genome));
        return repaired.values().stream()
                .filter(genome -> within.judge(genome, budget, secondsBefore)[0] == 0)
                .map(genome -> candidate(within, genome))
                .sorted(Comparator.comparingDouble(Candidate::divergence))
                .toList();
    }

    private List<int[]> evolved(SearchSpace within, int... objectives) {
        List<int[]> proposals = new ArrayList<>();
        for (int objective : objectives) {
            if (objective != DIVERGENCE) {
                proposals.addAll(some(within.descent(objective)));
            }
        }
        proposals.addAll(consensus(within));
        proposals.addAll(within.uniform());
        Function<int[], double[]> costs = genome -> {
            double[] all = within.objectives(genome);
            return IntStream.of(objectives).mapToDouble(i -> all[i]).toArray();
        };
        return new GeneticSearch(within.choices(), costs, POPULATION, seed)
                .run(proposals.stream().limit(POPULATION * 2 / 3).toList(), GENERATIONS);
    }

    /** So many of a long list, evenly. */
    private static List<int[]> some(List<int[]> genomes) {
        int step = Math.max(1, genomes.size() / (POPULATION / 8));
        return IntStream.iterate(0, i -> i < genomes.size(), i -> i + step)
                .mapToObj(genomes::get)
                .toList();
    }

    /** For each type, every layer without the share of its channels that all texts leave alone. */
    private List<int[]> consensus(SearchSpace within) {
        List<int[]> genomes = new ArrayList<>();
        for (TensorType type : types(within)) {
            int[] genome = within.best();
            for (int i = 0; i < genome.length; i++) {
                Profile profile = within.profiles().get(i);
                if (profile.part().kind() == Kind.FEED_FORWARD) {
                    genome[i] = silent(profile, type, genome[i]);
                }
            }
            genomes.add(genome);
        }
        return genomes;
    }

    private static List<TensorType> types(SearchSpace within) {
        return within.profiles().stream()
                .flatMap(profile -> profile.variants().stream())
                .map(Variant::type)
                .distinct()
                .toList();
    }

    /** The variant that removes most of the channels that all texts leave alone, and not more. */
    private int silent(Profile profile, TensorType type, int otherwise) {
        double most = 0;
        int chosen = otherwise;
        for (int i = 0; i < profile.variants().size(); i++) {
            Variant variant = profile.variants().get(i);
            if (variant.type() == type
                    && variant.reduction().way() == Reduction.Way.UNITS
                    && variant.reduction().removed()
                            <= silentShares.get(profile.part().layer())
                    && variant.reduction().removed() > most) {
                most = variant.reduction().removed();
                chosen = i;
            }
        }
        return chosen;
    }

    private static Candidate candidate(SearchSpace within, int[] genome) {
        double[] costs = within.objectives(genome);
        return new Candidate(recipe(within, genome), Math.round(costs[BYTES]), costs[SECONDS], costs[DIVERGENCE]);
    }

    /** The steps that a genome says. */
    private static Recipe recipe(SearchSpace within, int[] genome) {
        Map<Part, Reduction> reductions = new LinkedHashMap<>();
        Map<Part, TensorType> types = new LinkedHashMap<>();
        for (int i = 0; i < genome.length; i++) {
            Profile profile = within.profiles().get(i);
            Variant variant = profile.variants().get(genome[i]);
            reductions.put(profile.part(), variant.reduction());
            types.put(profile.part(), variant.type());
        }
        List<Transform> steps = new ArrayList<>();
        within.first().ifPresent(steps::add);
        PartReductions reduce = PartReductions.of(reductions);
        if (!reduce.isNothing()) {
            steps.add(reduce);
        }
        steps.add(quantize(types, within.first().isPresent()));
        return Recipe.of(steps.toArray(Transform[]::new));
    }

    /** The most frequent type for all, and another for the parts that differ. */
    private static Quantize quantize(Map<Part, TensorType> types, boolean hasResidualMatrices) {
        TensorType usual = types.entrySet().stream()
                .filter(entry -> entry.getKey().kind() != Kind.TABLE)
                .collect(Collectors.groupingBy(Map.Entry::getValue, LinkedHashMap::new, Collectors.counting()))
                .entrySet()
                .stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
        Quantize quantize = Quantize.to(usual);
        for (Map.Entry<Part, TensorType> entry : types.entrySet()) {
            if (entry.getKey().kind() == Kind.TABLE) {
                quantize = quantize.head(entry.getValue()).embedding(entry.getValue());
            } else if (entry.getValue() != usual) {
                quantize = quantize.tensors(entry.getKey().names(), entry.getValue());
            }
        }
        return hasResidualMatrices ? quantize.tensors("*_shortcut.weight", TensorType.Q8_0) : quantize;
    }
}
