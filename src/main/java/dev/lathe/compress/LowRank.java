package dev.lathe.compress;

import dev.lathe.compress.RankAllocation.Candidate;
import dev.lathe.compress.algebra.Matrix;
import dev.lathe.compress.algebra.TruncatedSvd;
import dev.lathe.model.ActivationObserver;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.LayerwiseModel;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Replaces the matrices of the layers by products of two smaller ones, where that saves parameters. The layers are factored
 * first to last, each on what the factored ones before it give, so that later layers make up for some of the error of earlier
 * ones. Immutable and thread-safe.
 *
 * <p>{@link #plain} truncates the singular values of the weights and needs no texts; {@link #whitened} truncates those of the
 * outputs on the calibration texts, which costs far less quality. See {@link Factorization} for the method and its papers.
 *
 * @see RankAllocation
 */
public final class LowRank implements Transform {
    private static final int RANK_STEP = 32;

    private final double removed;
    private final boolean whitened;
    private final boolean uniform;
    private final Set<ActivationSite> sites;
    private final int rankStep;
    private final boolean merged;

    private LowRank(
            double removed,
            boolean whitened,
            boolean uniform,
            Set<ActivationSite> sites,
            int rankStep,
            boolean merged) {
        if (!(removed >= 0 && removed < 1)) {
            throw new IllegalArgumentException(
                    "low rank shall remove " + removed + " of the parameters: expected at least 0 and less than 1");
        }
        if (rankStep < 1) {
            throw new IllegalArgumentException("ranks must be multiples of at least 1, got " + rankStep);
        }
        if (sites.isEmpty()) {
            throw new IllegalArgumentException("low rank on no matrices: name at least one site");
        }
        this.removed = removed;
        this.whitened = whitened;
        this.uniform = uniform;
        this.sites = Set.copyOf(sites);
        this.rankStep = rankStep;
        this.merged = merged;
    }

    /** Removes a share of the layers' parameters with the least error of the weights. */
    public static LowRank plain(double removed) {
        return new LowRank(removed, false, false, EnumSet.allOf(ActivationSite.class), RANK_STEP, false);
    }

    /** Removes a share of the layers' parameters with the least error of the layers' outputs on the calibration texts. */
    public static LowRank whitened(double removed) {
        return new LowRank(removed, true, false, EnumSet.allOf(ActivationSite.class), RANK_STEP, false);
    }

    /** Takes the same share from every matrix, instead of most where it hurts least. */
    public LowRank uniform() {
        return new LowRank(removed, whitened, true, sites, rankStep, merged);
    }

    /** Factors only the matrices that read at these sites; the share is one of their parameters. */
    public LowRank on(ActivationSite first, ActivationSite... others) {
        return new LowRank(removed, whitened, uniform, EnumSet.of(first, others), rankStep, merged);
    }

    /**
     * Ranks are multiples of this; 32 at first, which every kernel and most quantized types suit. A smaller step follows the
     * share more closely on small models.
     */
    public LowRank rankStep(int step) {
        return new LowRank(removed, whitened, uniform, sites, step, merged);
    }

    /**
     * Puts the product of its factors in a matrix's place: nothing gets smaller or faster, but the model keeps its architecture,
     * so other programs can tell what the lower ranks do to it.
     */
    public LowRank merged() {
        return new LowRank(removed, whitened, uniform, sites, rankStep, true);
    }

    @Override
    public String name() {
        return String.format(
                Locale.ROOT,
                "low rank %s%% %s%s%s%s",
                FormattedShare.percent(removed),
                whitened ? "whitened" : "plain",
                uniform ? " uniform" : "",
                merged ? " merged" : "",
                sites.size() == ActivationSite.values().length
                        ? ""
                        : " of " + EnumSet.copyOf(sites).toString().toLowerCase(Locale.ROOT));
    }

    @Override
    public Stage stage() {
        return Stage.FACTORS;
    }

    @Override
    public StepReport apply(ModelEdit model, TransformContext context) throws IOException {
        List<int[]> texts = whitened ? context.requireCalibration(name()) : List.of();
        StepRecorder recorder = new StepRecorder(model, name());
        new Run(model, context, texts, recorder).factor();
        return recorder.report();
    }

    /** Whether factors of one layer's own matrices can have so few parameters as {@link #factorLayer} shall leave. */
    public boolean suitsLayer(ModelEdit model, int layer) {
        double whole = 0;
        double least = 0;
        for (ActivationSite site : sites) {
            for (String name : LayerTensors.readers(model, layer, site)) {
                int rows = Math.toIntExact(model.require(name).dimension(1));
                int columns = Math.toIntExact(model.require(name).dimension(0));
                double[] errors = new double[Candidate.savingRanks(rows, columns, rankStep)];
                whole += (double) rows * columns;
                least += new Candidate(rows, columns, rankStep, errors).parameters(0);
            }
        }
        return least <= whole * (1 - removed);
    }

    /**
     * Factors one layer alone: the share is one of the parameters of its own matrices.
     *
     * @param statistics what the layer's matrices read, with the Gram matrices of their sites where the factors are whitened
     * @throws IllegalArgumentException if factors of the lowest rank have more parameters than shall be left
     */
    public void factorLayer(ModelEdit model, int layer, ActivationStatistics statistics, TransformContext context)
            throws IOException {
        new Run(model, context, List.of(), new StepRecorder(model, name())).factorLayer(layer, statistics);
    }

    /** One application to one model. */
    private final class Run {
        private final ModelEdit model;
        private final RealWeights weights;
        private final TransformContext context;
        private final List<int[]> texts;
        private final StepRecorder recorder;
        private final LayerwiseModel runner;
        private final int layers;

        Run(ModelEdit model, TransformContext context, List<int[]> texts, StepRecorder recorder) {
            this.model = model;
            this.weights = new RealWeights(model);
            this.context = context;
            this.texts = texts;
            this.recorder = recorder;
            runner = LayerwiseModel.of(model, context.workers());
            layers = runner.config().layers().size();
        }

        void factor() throws IOException {
            Map<String, Integer> ranks = uniform ? uniformRanks() : allocatedRanks();
            if (ranks.values().stream().allMatch(rank -> rank == 0)) {
                recorder.note(
                        "every matrix stays whole: no rank that is a multiple of " + rankStep + " saves so little");
                return;
            }
            leaveShape();
            List<FloatMatrix> hidden = texts.isEmpty() ? List.of() : runner.embed(texts);
            for (int layer = 0; layer < layers; layer++) {
                forEachMatrix(
                        layer,
                        statistics(layer, new ArrayList<>(hidden)),
                        (name, matrix) -> factor(name, matrix, ranks.get(name)));
                if (!hidden.isEmpty()) {
                    LayerwiseModel.Layer factored = runner.layer(layer);
                    hidden.replaceAll(text -> factored.run(text, ActivationObserver.NONE));
                }
                context.done(name(), layer + 1 + (uniform ? 0 : layers), uniform ? layers : 2 * layers);
            }
        }

        void factorLayer(int layer, ActivationStatistics statistics) throws IOException {
            Map<String, Factorization> matrices = new LinkedHashMap<>();
            Optional<ActivationStatistics> seen = whitened ? Optional.of(statistics) : Optional.empty();
            forEachMatrix(layer, seen, matrices::put);
            Map<String, Candidate> candidates = new LinkedHashMap<>();
            matrices.forEach((name, matrix) -> candidates.put(name, candidate(matrix)));
            Map<String, Integer> ranks = allocated(candidates);
            for (Map.Entry<String, Factorization> matrix : matrices.entrySet()) {
                factor(matrix.getKey(), matrix.getValue(), ranks.get(matrix.getKey()));
            }
            if (ranks.values().stream().anyMatch(rank -> rank > 0)) {
                leaveShape();
            }
        }

        private void leaveShape() {
            if (merged) {
                recorder.note("factors are multiplied again: no bytes are saved and no time");
            } else {
                model.setMetadata(LatheFormat.leaveShape(model.metadata()));
            }
        }

        private void factor(String name, Factorization matrix, int rank) throws IOException {
            if (rank == 0) {
                return;
            }
            TensorType type = weights.plainType(name);
            Factorization.Factors factors = matrix.factors(rank);
            String note = String.format(
                    Locale.ROOT,
                    "rank %d, error of the %s %.2f%%",
                    rank,
                    whitened ? "outputs" : "weights",
                    100 * factors.error());
            if (merged) {
                weights.put(name, type, factors.out().times(factors.in(), context.workers()));
                recorder.reshaped(name, note);
                return;
            }
            model.remove(name);
            weights.put(LatheFormat.inFactor(name), type, factors.in());
            weights.put(LatheFormat.outFactor(name), type, factors.out());
            recorder.reshaped(LatheFormat.inFactor(name), note);
            recorder.reshaped(LatheFormat.outFactor(name), note);
        }

        /** The rank nearest to the share, where factors of it are smaller than the matrix. */
        private Map<String, Integer> uniformRanks() {
            Map<String, Integer> ranks = new LinkedHashMap<>();
            for (int layer = 0; layer < layers; layer++) {
                for (String name : matrices(layer)) {
                    double rows = model.require(name).dimension(1);
                    double columns = model.require(name).dimension(0);
                    double rank = (1 - removed) * rows * columns / (rows + columns);
                    int steps = (int) Math.max(1, Math.rint(rank / rankStep));
                    boolean saves = steps <= Candidate.savingRanks((int) rows, (int) columns, rankStep);
                    ranks.put(name, saves && removed > 0 ? steps * rankStep : 0);
                }
            }
            return ranks;
        }

        /** Ranks by the least sum of relative errors, on the layers as they are now. */
        private Map<String, Integer> allocatedRanks() throws IOException {
            Map<String, Candidate> candidates = new LinkedHashMap<>();
            List<FloatMatrix> hidden = texts.isEmpty() ? List.of() : runner.embed(texts);
            for (int layer = 0; layer < layers; layer++) {
                forEachMatrix(
                        layer, statistics(layer, hidden), (name, matrix) -> candidates.put(name, candidate(matrix)));
                context.done(name(), layer + 1, 2 * layers);
            }
            return allocated(candidates);
        }

        private Map<String, Integer> allocated(Map<String, Candidate> candidates) {
            List<Candidate> all = List.copyOf(candidates.values());
            long whole = all.stream()
                    .mapToLong(one -> (long) one.rows() * one.columns())
                    .sum();
            int[] ranks = RankAllocation.within(all, (long) (whole * (1 - removed)));
            Map<String, Integer> named = new LinkedHashMap<>();
            int index = 0;
            for (String name : candidates.keySet()) {
                named.put(name, ranks[index++]);
            }
            return named;
        }

        private Candidate candidate(Factorization matrix) {
            int count = Candidate.savingRanks(matrix.rows(), matrix.columns(), rankStep);
            if (count == 0) {
                return new Candidate(matrix.rows(), matrix.columns(), rankStep, new double[0]);
            }
            TruncatedSvd svd = matrix.decompose(count * rankStep);
            double[] errors = new double[count];
            for (int i = 0; i < count; i++) {
                errors[i] = svd.total() == 0 ? 0 : svd.error((i + 1) * rankStep) / svd.total();
            }
            return new Candidate(matrix.rows(), matrix.columns(), rankStep, errors);
        }

        /**
         * Visits the matrices of a layer that are whole.
         *
         * @param statistics with the Gram matrices of what they read; empty for the error of the weights
         */
        private void forEachMatrix(int layer, Optional<ActivationStatistics> statistics, MatrixVisitor visitor)
                throws IOException {
            for (ActivationSite site : ActivationSite.values()) {
                List<String> names = readers(layer, site);
                if (!names.isEmpty()) {
                    Optional<Matrix> root = statistics.map(all -> Factorization.root(all.gram(site)));
                    for (String name : names) {
                        visitor.visit(name, Factorization.of(weights.get(name), root, context.workers()));
                    }
                }
            }
        }

        /**
         * What a layer reads, where that is asked for.
         *
         * @param hidden rows before the layer; those after it when this returns
         */
        private Optional<ActivationStatistics> statistics(int layer, List<FloatMatrix> hidden) throws IOException {
            return whitened
                    ? Optional.of(ActivationStatistics.collect(runner.layer(layer), hidden, sites, context.workers()))
                    : Optional.empty();
        }

        private List<String> matrices(int layer) {
            return java.util.Arrays.stream(ActivationSite.values())
                    .flatMap(site -> readers(layer, site).stream())
                    .toList();
        }

        private List<String> readers(int layer, ActivationSite site) {
            return sites.contains(site)
                    ? LayerTensors.readers(model, layer, site).stream()
                            .filter(name -> model.tensor(name).isPresent())
                            .toList()
                    : List.of();
        }
    }

    private interface MatrixVisitor {
        void visit(String name, Factorization matrix) throws IOException;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LowRank that
                && removed == that.removed
                && whitened == that.whitened
                && uniform == that.uniform
                && sites.equals(that.sites)
                && rankStep == that.rankStep
                && merged == that.merged;
    }

    @Override
    public int hashCode() {
        return Objects.hash(removed, whitened, uniform, sites, rankStep, merged);
    }
}
