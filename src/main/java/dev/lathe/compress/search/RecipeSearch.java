package dev.lathe.compress.search;

import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.Recipe;
import dev.lathe.compress.SourceHash;
import dev.lathe.compress.StepRecorder;
import dev.lathe.compress.StepReport;
import dev.lathe.compress.TensorReport;
import dev.lathe.compress.Transform;
import dev.lathe.compress.TransformContext;
import dev.lathe.compress.prune.Prune;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.compress.search.Profile.Kind;
import dev.lathe.compress.search.SearchResult.Candidate;
import dev.lathe.model.LayerwiseModel;
import dev.lathe.model.ModelConfig;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Finds the recipe that costs a model the least within a budget. A model is divided into parts: the attention and the
 * feed-forward part of each layer, and the token table. What can be done with a part, which share of its channels goes and which
 * type its matrices get, is measured part by part on cached inputs: bytes, seconds on this machine, damage. An evolutionary search
 * then looks for the best combinations of all parts; its proposals are uniform recipes, the parts merged by how much each impairs
 * the whole, and the channels that all texts agree to leave alone. The best are applied and measured on other texts.
 *
 * <p>As a step of a recipe it applies the best. The seed decides the search, but seconds are measured: with a budget of bytes
 * alone, the best is the same every time; the front may differ.
 *
 * <p>Sources: the division, the search by part and the merging by impairment are those of EMO-PMS, arXiv 2303.16212, without its
 * training; the choice among variants by measured time that of ProxylessNAS, arXiv 1812.00332. Immutable and thread-safe.
 */
public final class RecipeSearch implements Transform {
    private static final int POPULATION = 96;
    private static final int GENERATIONS = 120;
    private static final int SIGNAL_TEXTS = 4;
    private static final int VERIFIED = 3;

    private final Budget budget;
    private final List<TensorType> types;
    private final double[] fractions;
    private final long seed;

    private RecipeSearch(Budget budget, List<TensorType> types, double[] fractions, long seed) {
        this.budget = budget;
        this.types = List.copyOf(types);
        this.fractions = fractions.clone();
        this.seed = seed;
        if (types.isEmpty()) {
            throw new IllegalArgumentException("a search needs at least one type");
        }
        for (double fraction : fractions) {
            if (!(fraction > 0 && fraction < 1)) {
                throw new IllegalArgumentException("a share of " + fraction + " to remove: expected above 0, below 1");
            }
        }
    }

    /** A search with types of 3 to 8 bits and shares of an eighth to a half. */
    public static RecipeSearch within(Budget budget) {
        List<TensorType> types = List.of(
                TensorType.Q8_0, TensorType.Q6_K, TensorType.Q5_K, TensorType.Q4_K, TensorType.IQ4_XS, TensorType.Q3_K);
        return new RecipeSearch(budget, types, new double[] {0.125, 0.25, 0.375, 0.5}, 0);
    }

    /** Other types to choose from. */
    public RecipeSearch types(TensorType... types) {
        return new RecipeSearch(budget, List.of(types), fractions, seed);
    }

    /** Other shares of channels and heads that may be removed; none for types alone. */
    public RecipeSearch fractions(double... fractions) {
        return new RecipeSearch(budget, types, fractions, seed);
    }

    /** Another seed of the search. */
    public RecipeSearch seed(long seed) {
        return new RecipeSearch(budget, types, fractions, seed);
    }

    @Override
    public String name() {
        return "search within " + budget;
    }

    @Override
    public Stage stage() {
        return Stage.STRUCTURE;
    }

    /** The steps it applies are recorded instead. */
    @Override
    public boolean isRecorded() {
        return false;
    }

    @Override
    public StepReport apply(ModelEdit model, TransformContext context) throws IOException {
        StepRecorder recorder = new StepRecorder(model, name());
        String hash = model.metadata().findString(Recipe.SOURCE_KEY).orElse(SourceHash.of(model));
        SearchResult result = search(model, context);
        Candidate best = result.best();
        List<TensorReport> tensors = new ArrayList<>();
        for (Transform transform : best.recipe().transforms()) {
            StepReport step = transform.apply(model, context);
            tensors.addAll(step.tensors());
            recorder.note("applied: " + step.step());
            step.notes().forEach(recorder::note);
        }
        String earlier = model.metadata()
                .findString(Recipe.METADATA_KEY)
                .map(steps -> steps + ", ")
                .orElse("");
        model.setMetadata(model.metadata().toBuilder()
                .string(Recipe.METADATA_KEY, earlier + best.recipe())
                .string(Recipe.SOURCE_KEY, hash)
                .build());
        recorder.note(String.format(
                Locale.ROOT,
                "a front of %d recipes; the best moves predictions by %.5f nats a token, expected %.5f",
                result.front().size(),
                result.bestDamage(),
                best.damage()));
        StepReport report = recorder.report();
        return new StepReport(
                report.step(),
                report.parametersBefore(),
                report.parametersAfter(),
                report.bytesBefore(),
                report.bytesAfter(),
                report.seconds(),
                tensors,
                report.notes());
    }

    /**
     * Searches without changing the model.
     *
     * @throws IllegalArgumentException if nothing fits the budget, or there are no calibration texts
     * @throws IOException if the model cannot be read
     */
    public SearchResult search(ModelEdit model, TransformContext context) throws IOException {
        List<Variant> variants = variants();
        List<Variant> table = types.stream().map(type -> new Variant(0, type)).toList();
        Profiler profiler = new Profiler(model, heads(model), variants, table, SIGNAL_TEXTS, context);
        SearchSpace space = profiler.run();
        double secondsBefore = profiler.secondsBefore();
        List<int[]> proposals = new ArrayList<>(space.uniform());
        proposals.addAll(consensus(space, profiler.silentShares()));
        proposals.addAll(some(space.descent(0)));
        proposals.addAll(some(space.descent(1)));
        List<int[]> front = new GeneticSearch(space.choices(), space::objectives, POPULATION, seed)
                .run(proposals.stream().limit(POPULATION / 2).toList(), GENERATIONS);
        List<int[]> fitting = fitting(space, front, secondsBefore);
        return verify(space, front, fitting, secondsBefore, model, context);
    }

    private List<Variant> variants() {
        List<Variant> variants = new ArrayList<>();
        types.forEach(type -> variants.add(new Variant(0, type)));
        for (double fraction : fractions) {
            types.forEach(type -> variants.add(new Variant(fraction, type)));
        }
        return variants;
    }

    /** Only shares that are whole groups of heads. */
    private List<Variant> heads(ModelEdit model) {
        int groups = ModelConfig.of(model.metadata(), 1).layers().getFirst().keyValueHeadCount();
        return variants().stream()
                .filter(variant -> variant.removed() * groups == Math.rint(variant.removed() * groups))
                .toList();
    }

    /** So many of a long list, evenly. */
    private static List<int[]> some(List<int[]> genomes) {
        List<int[]> some = new ArrayList<>();
        int step = Math.max(1, genomes.size() / (POPULATION / 8));
        for (int i = 0; i < genomes.size(); i += step) {
            some.add(genomes.get(i));
        }
        return some;
    }

    /** For each type, every layer without the share of its channels that all texts leave alone. */
    private List<int[]> consensus(SearchSpace space, List<Double> silentShares) {
        List<int[]> genomes = new ArrayList<>();
        for (TensorType type : types) {
            int[] genome = space.best();
            for (int i = 0; i < genome.length; i++) {
                Profile profile = space.profiles().get(i);
                if (profile.part().kind() == Kind.FEED_FORWARD) {
                    double share = silentShares.get(profile.part().layer());
                    double removed = Arrays.stream(fractions)
                            .filter(fraction -> fraction <= share)
                            .max()
                            .orElse(0);
                    genome[i] = profile.variants().indexOf(new Variant(removed, type));
                }
            }
            genomes.add(genome);
        }
        return genomes;
    }

    /** The genomes within the budget of least expected damage, after repair. */
    private List<int[]> fitting(SearchSpace space, List<int[]> front, double secondsBefore) {
        Map<List<Integer>, int[]> repaired = new LinkedHashMap<>();
        front.stream()
                .sorted(Comparator.comparing(
                        genome -> space.judge(genome, budget, secondsBefore), (a, b) -> Arrays.compare(a, b)))
                .limit(2 * VERIFIED)
                .map(genome -> space.repaired(genome, budget, secondsBefore))
                .forEach(genome ->
                        repaired.putIfAbsent(Arrays.stream(genome).boxed().toList(), genome));
        List<int[]> fitting = repaired.values().stream()
                .filter(genome -> space.judge(genome, budget, secondsBefore)[0] == 0)
                .limit(VERIFIED)
                .toList();
        if (fitting.isEmpty()) {
            double[] least = space.objectives(repaired.values().iterator().next());
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "%s: nothing fits, the nearest has %,.0f bytes and %.2fx speed; allow smaller types or larger shares",
                    name(),
                    least[0],
                    secondsBefore / least[1]));
        }
        return fitting;
    }

    /** Applies the best few and measures them on texts at the end of the calibration, which no damage was measured on. */
    private SearchResult verify(
            SearchSpace space,
            List<int[]> front,
            List<int[]> fitting,
            double secondsBefore,
            ModelEdit model,
            TransformContext context)
            throws IOException {
        List<int[]> texts = context.requireCalibration(name());
        List<int[]> others = texts.subList(Math.max(0, texts.size() - SIGNAL_TEXTS), texts.size());
        LayerwiseModel original = LayerwiseModel.of(model, context.workers());
        Impairment impairment = new Impairment(original, Impairment.hidden(original, others));
        Candidate best = null;
        double least = Double.POSITIVE_INFINITY;
        for (int[] genome : fitting) {
            Candidate candidate = candidate(space, genome);
            ModelEdit edit = new ModelEdit(model);
            for (Transform transform : candidate.recipe().transforms()) {
                transform.apply(edit, context);
            }
            double nats = impairment.ofModel(LayerwiseModel.of(edit, context.workers()), others);
            if (nats < least) {
                least = nats;
                best = candidate;
            }
        }
        List<Candidate> candidates = front.stream()
                .map(genome -> candidate(space, genome))
                .sorted(Comparator.comparingLong(Candidate::bytes).thenComparingDouble(Candidate::damage))
                .toList();
        return new SearchResult(candidates, best, least, secondsBefore);
    }

    private Candidate candidate(SearchSpace space, int[] genome) {
        double[] objectives = space.objectives(genome);
        return new Candidate(recipe(space, genome), Math.round(objectives[0]), objectives[1], objectives[2]);
    }

    /** The steps that a genome says. */
    private static Recipe recipe(SearchSpace space, int[] genome) {
        int layers = (genome.length - 1) / 2;
        double[] heads = new double[layers];
        double[] channels = new double[layers];
        Quantize quantize = Quantize.to(TensorType.Q8_0); // every matrix has a type of its own
        for (int i = 0; i < genome.length; i++) {
            Profile profile = space.profiles().get(i);
            Variant variant = profile.variants().get(genome[i]);
            int layer = profile.part().layer();
            switch (profile.part().kind()) {
                case ATTENTION -> {
                    heads[layer] = variant.removed();
                    quantize = quantize.tensors("blk." + layer + ".attn_*", variant.type());
                }
                case FEED_FORWARD -> {
                    channels[layer] = variant.removed();
                    quantize = quantize.tensors("blk." + layer + ".ffn_*", variant.type());
                }
                case TABLE -> quantize = quantize.embedding(variant.type()).head(variant.type());
            }
        }
        List<Transform> steps = new ArrayList<>();
        if (Arrays.stream(heads).anyMatch(share -> share > 0)) {
            steps.add(Prune.headsByLayer(heads));
        }
        if (Arrays.stream(channels).anyMatch(share -> share > 0)) {
            steps.add(Prune.feedForwardByLayer(channels));
        }
        steps.add(quantize);
        return Recipe.of(steps.toArray(Transform[]::new));
    }
}
