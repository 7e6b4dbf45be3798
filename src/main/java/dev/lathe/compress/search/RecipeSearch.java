package dev.lathe.compress.search;

import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.StepRecorder;
import dev.lathe.compress.StepReport;
import dev.lathe.compress.Transform;
import dev.lathe.compress.TransformContext;
import dev.lathe.compress.search.SearchResult.Candidate;
import dev.lathe.compress.slice.Slice;
import dev.lathe.model.family.Families;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds the recipe that costs a model the least within a budget. A model is divided into parts: the attention and the
 * feed-forward part of each layer, and the token table. What can be done with a part, which share is removed ({@link Reduction})
 * and which type the rest gets, is measured part by part on cached inputs: bytes, seconds on this machine, divergence. An evolutionary
 * search then looks for the best combinations of all parts; its proposals are uniform recipes, the parts merged by how much each
 * impairs the whole, and the channels that all texts agree to leave alone. The same is done with the sliced model, for each share
 * of the hidden size that could still win. The best are applied and measured on other texts, beside the best uniform recipes.
 *
 * <p>As a step of a recipe it applies the best. The seed decides the search, but seconds are measured: with a budget of bytes
 * alone, the best is the same every time; the front may differ.
 *
 * <p>Sources: the division, the search by part and the merging by divergence are those of EMO-PMS, arXiv 2303.16212, without its
 * training; the choice among variants by measured time that of ProxylessNAS, arXiv 1812.00332. Immutable and thread-safe.
 */
public final class RecipeSearch implements Transform {
    /** The types that are chosen from unless others are given, from the most bits to the fewest. */
    public static final List<TensorType> TYPES = List.of(
            TensorType.Q8_0,
            TensorType.Q6_K,
            TensorType.Q5_K,
            TensorType.Q4_K,
            TensorType.Q4_0,
            TensorType.IQ4_XS,
            TensorType.Q3_K,
            TensorType.Q2_K);

    private static final int ROWS = 2048;

    private final Budget budget;
    private final List<TensorType> types;
    private final double[] fractions;
    private final double[] slices;
    private final long seed;

    private RecipeSearch(Budget budget, List<TensorType> types, double[] fractions, double[] slices, long seed) {
        this.budget = budget;
        this.types = types.stream()
                .sorted(Comparator.comparingDouble(type -> -(double) type.blockBytes() / type.blockSize()))
                .toList();
        this.fractions = fractions.clone();
        this.slices = slices.clone();
        this.seed = seed;
        if (types.isEmpty()) {
            throw new IllegalArgumentException("a search needs at least one type");
        }
        requireShares(fractions);
        requireShares(slices);
    }

    private static void requireShares(double[] shares) {
        for (double share : shares) {
            if (!(share > 0 && share < 1)) {
                throw new IllegalArgumentException("a share of " + share + " to remove: expected above 0, below 1");
            }
        }
    }

    /** A search with types of 2 to 8 bits, shares of an eighth to a half, and slices of an eighth and a quarter. */
    public static RecipeSearch within(Budget budget) {
        return new RecipeSearch(budget, TYPES, new double[] {0.125, 0.25, 0.5}, new double[] {0.125, 0.25}, 0);
    }

    /** Other types to choose from. */
    public RecipeSearch types(TensorType... types) {
        return new RecipeSearch(budget, List.of(types), fractions, slices, seed);
    }

    /** Other shares of a part that may be removed, as channels or heads, by rank or in blocks; none for types alone. */
    public RecipeSearch fractions(double... fractions) {
        return new RecipeSearch(budget, types, fractions, slices, seed);
    }

    /** Other shares of the hidden size that may be sliced off; none for models of full size alone. */
    public RecipeSearch slices(double... slices) {
        return new RecipeSearch(budget, types, fractions, slices, seed);
    }

    /** Another seed of the search. */
    public RecipeSearch seed(long seed) {
        return new RecipeSearch(budget, types, fractions, slices, seed);
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
    public void edit(ModelEdit model, TransformContext context, StepRecorder recorder) throws IOException {
        SearchResult result = search(model, context);
        for (StepReport step : result.best().recipe().apply(model, context)) {
            step.tensors().forEach(recorder::add);
            recorder.note("applied: " + step.step());
            step.notes().forEach(recorder::note);
        }
        result.notes().forEach(recorder::note);
    }

    /**
     * Searches without changing the model.
     *
     * @throws IllegalArgumentException if nothing fits the budget, or there are no calibration texts
     * @throws IOException if the model cannot be read
     */
    public SearchResult search(ModelEdit model, TransformContext context) throws IOException {
        return new Run(model, context).search();
    }

    private void requireDense(ModelEdit model) {
        if (Families.shape(model.metadata()).layers().stream()
                .anyMatch(layer -> layer.feedForward().experts().isPresent())) {
            throw new IllegalArgumentException(name()
                    + ": the model has experts, whose parts no search tells apart yet; quantize within a budget of bytes, or"
                    + " give a recipe");
        }
    }

    /** One search on one model. */
    private final class Run {
        private final ModelEdit model;
        private final TransformContext context;
        private final CalibrationSplit texts;
        private final TransformContext fitting;
        private final List<Combinations> searched = new ArrayList<>();
        private final List<String> notes = new ArrayList<>();
        private double secondsBefore;

        Run(ModelEdit model, TransformContext context) {
            requireDense(model);
            this.model = model;
            this.context = context;
            texts = CalibrationSplit.of(context.requireCalibration(name()));
            fitting = new TransformContext(texts.fitting(), context.workers(), context.progress(), context.cancelled());
        }

        SearchResult search() throws IOException {
            Profiler profiler = profiler(model);
            secondsBefore = profiler.secondsNow();
            add(profiler, Optional.empty(), 0);
            for (double share : slices) {
                slice(Slice.hiddenSize(share));
            }
            Verification.Verdict verdict = new Verification(model, texts, fitting).of(finalists());
            notes.addAll(verdict.notes());
            List<Candidate> front = Candidate.front(
                    searched.stream().flatMap(one -> one.front().stream()).toList());
            notes.add(String.format(
                    Locale.ROOT,
                    "a front of %d recipes; the best moves predictions by %.5f nats a token, expected %.5f",
                    front.size(),
                    verdict.divergence(),
                    verdict.best().divergence()));
            return new SearchResult(front, verdict.best(), verdict.divergence(), secondsBefore, notes);
        }

        private Profiler profiler(ModelEdit base) throws IOException {
            return new Profiler(base, Reduction.choices(fractions), types, Verification.METHOD, texts, fitting);
        }

        private void add(Profiler profiler, Optional<Transform> first, double divergence) throws IOException {
            SearchSpace space = profiler.run(first, divergence, this::leastKnownWith);
            searched.add(new Combinations(space, budget, secondsBefore, seed, profiler.silentShares()));
        }

        /** The least divergence of what is known to fit; infinite where nothing is. */
        private double leastKnown() {
            return searched.stream()
                    .mapToDouble(Combinations::leastDivergence)
                    .min()
                    .orElse(Double.POSITIVE_INFINITY);
        }

        /** The same when a further model's types are known. */
        private double leastKnownWith(SearchSpace types) {
            Combinations further = new Combinations(types, budget, secondsBefore, seed, List.of());
            return Math.min(leastKnown(), further.leastDivergence());
        }

        /** Profiles the sliced model, unless the slice alone diverges more than a recipe that is known to fit. */
        private void slice(Slice slice) throws IOException {
            ModelEdit sliced = new ModelEdit(model);
            slice.apply(sliced, fitting);
            DivergenceMeter meter = new DivergenceMeter(model, texts.signals(), ROWS, context.workers());
            double divergence = meter.ofModel(sliced, texts.signals());
            double known = leastKnown();
            if (divergence >= known) {
                notes.add(String.format(
                        Locale.ROOT,
                        "%s is not searched: its loss increase is %.5f nats a token, that of a recipe that fits %.5f",
                        slice.name(),
                        divergence,
                        known));
            } else {
                add(profiler(sliced), Optional.of(slice), divergence);
            }
        }

        /** What to apply and measure: the best of the search, and the best uniform recipes. */
        private List<Finalist> finalists() throws IOException {
            List<Candidate> fitting = searched.stream()
                    .flatMap(one -> one.fitting().stream())
                    .sorted(Comparator.comparingDouble(Candidate::divergence))
                    .toList();
            List<Candidate> uniform = searched.stream()
                    .flatMap(one -> one.uniform().stream())
                    .sorted(Comparator.comparingDouble(Candidate::divergence))
                    .toList();
            if (fitting.isEmpty()) {
                Candidate nearest = searched.stream()
                        .map(Combinations::nearest)
                        .min(Comparator.comparingDouble(
                                one -> budget.excess(one.bytes(), one.seconds(), secondsBefore)))
                        .orElseThrow();
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "%s: nothing fits, the nearest has %,d bytes and %.2fx speed; allow smaller types or larger shares",
                        name(),
                        nearest.bytes(),
                        secondsBefore / nearest.seconds()));
            }
            List<Finalist> finalists = new ArrayList<>();
            finalists.add(new Finalist("the search's best", fitting.getFirst()));
            searched.getFirst()
                    .typesAlone()
                    .ifPresent(one -> finalists.add(new Finalist("its best by types alone", one)));
            uniform.stream().limit(1).forEach(one -> finalists.add(new Finalist("the best uniform recipe", one)));
            uniform.stream()
                    .filter(one -> one.recipe().transforms().size() == 1) // nothing goes, only types
                    .sorted(Comparator.comparingLong(Candidate::bytes).reversed())
                    .limit(2)
                    .forEach(one -> finalists.add(new Finalist("one of the largest uniform types", one)));
            Verification.largestMixes(model, budget)
                    .forEach(one -> finalists.add(new Finalist("one of the largest mixes", one)));
            return finalists;
        }
    }
}
