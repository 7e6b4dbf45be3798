package dev.lathe.compress.lowrank;

import dev.lathe.compress.LayerEdit;
import dev.lathe.compress.LayerSweep;
import dev.lathe.compress.LayerTensors;
import dev.lathe.compress.LayerTransform;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.RemovedShare;
import dev.lathe.compress.Stacked;
import dev.lathe.compress.StepRecorder;
import dev.lathe.compress.TransformContext;
import dev.lathe.compress.algebra.Matrix;
import dev.lathe.compress.algebra.TruncatedSvd;
import dev.lathe.compress.lowrank.RankAllocation.Candidate;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.model.family.Families;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

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
public final class LowRank implements LayerTransform {
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
        RemovedShare.require(removed);
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
        return new LowRank(removed, false, false, ActivationSite.ofMatrices(), RANK_STEP, false);
    }

    /** Removes a share of the layers' parameters with the least error of the layers' outputs on the calibration texts. */
    public static LowRank whitened(double removed) {
        return new LowRank(removed, true, false, ActivationSite.ofMatrices(), RANK_STEP, false);
    }

    /** Takes the same share from every matrix, instead of most where it hurts least. */
    public LowRank uniform() {
        return new LowRank(removed, whitened, true, sites, rankStep, merged);
    }

    /** Factors only the matrices that read at these sites; the share is one of their parameters. */
    public LowRank on(ActivationSite first, ActivationSite... others) {
        return on(EnumSet.of(first, others));
    }

    /** The same for a set of sites. */
    public LowRank on(Set<ActivationSite> sites) {
        return new LowRank(removed, whitened, uniform, sites, rankStep, merged);
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
                RemovedShare.percent(removed),
                whitened ? "whitened" : "plain",
                uniform ? " uniform" : "",
                merged ? " merged" : "",
                sites.equals(ActivationSite.ofMatrices())
                        ? ""
                        : " of " + EnumSet.copyOf(sites).toString().toLowerCase(Locale.ROOT));
    }

    @Override
    public Stage stage() {
        return Stage.FACTORS;
    }

    @Override
    public boolean needsCalibration() {
        return whitened;
    }

    @Override
    public Set<ActivationSite> gramSites(ModelEdit model, int layer) {
        return whitened ? sites : Set.of();
    }

    @Override
    public void edit(ModelEdit model, TransformContext context, StepRecorder recorder) throws IOException {
        Map<String, Integer> ranks = uniform ? uniformRanks(model) : allocatedRanks(model, context, recorder);
        if (ranks.values().stream().allMatch(rank -> rank == 0)) {
            recorder.note("every matrix stays whole: no rank that is a multiple of " + rankStep + " saves so little");
            return;
        }
        leaveShape(model, recorder);
        sweep(model, context, name(), recorder, layer -> {
            forEachMatrix(layer, (name, matrix) -> factor(layer, name, matrix, ranks.get(name)));
        });
    }

    private void sweep(
            ModelEdit model,
            TransformContext context,
            String step,
            StepRecorder recorder,
            LayerSweep.LayerEditor editor)
            throws IOException {
        List<int[]> sequences = whitened ? context.requireCalibration(name()) : List.of();
        LayerSweep.of(model, sequences, context.workers())
                .reporting(context, step)
                .edit(model, recorder, layer -> gramSites(model, layer), editor);
    }

    /** Whether factors of the layer's own matrices can have so few parameters as shall be left. */
    @Override
    public boolean suits(ModelEdit model, int layer) {
        double whole = 0;
        double least = 0;
        for (String name : matrices(model, layer)) {
            Candidate candidate = candidate(model.require(name));
            whole += (double) candidate.count() * candidate.rows() * candidate.columns();
            least += candidate.parameters(0);
        }
        return least <= whole * (1 - removed);
    }

    /** Factors one layer alone: the share is one of the parameters of its own matrices. */
    @Override
    public void edit(LayerEdit layer) throws IOException {
        Map<String, List<Factorization>> matrices = new LinkedHashMap<>();
        forEachMatrix(layer, matrices::put);
        Map<String, Candidate> candidates = new LinkedHashMap<>();
        matrices.forEach((name, matrix) -> candidates.put(name, candidate(matrix)));
        Map<String, Integer> ranks = allocated(candidates);
        for (Map.Entry<String, List<Factorization>> matrix : matrices.entrySet()) {
            factor(layer, matrix.getKey(), matrix.getValue(), ranks.get(matrix.getKey()));
        }
        if (ranks.values().stream().anyMatch(rank -> rank > 0)) {
            leaveShape(layer.model(), layer.recorder());
        }
    }

    private void leaveShape(ModelEdit model, StepRecorder recorder) {
        if (merged) {
            recorder.note("factors are multiplied again: no bytes are saved and no time");
        } else {
            model.setMetadata(LatheFormat.leaveShape(model.metadata()));
        }
    }

    private void factor(LayerEdit layer, String name, List<Factorization> matrices, int rank) throws IOException {
        if (rank == 0) {
            return;
        }
        ModelEdit model = layer.model();
        TensorType type = model.plainType(name);
        List<Factorization.Factors> factors =
                matrices.stream().map(matrix -> matrix.factors(rank)).toList();
        double squares = factors.stream()
                .mapToDouble(one -> one.error() * one.error())
                .average()
                .orElseThrow();
        String note = String.format(
                Locale.ROOT,
                "rank %d, error of the %s %.2f%%",
                rank,
                whitened ? "outputs" : "weights",
                100 * Math.sqrt(squares));
        if (merged) {
            put(model, name, factors, one -> one.out().times(one.in(), layer.workers()), type);
            layer.recorder().reshaped(name, note);
            return;
        }
        model.remove(name);
        put(model, LatheFormat.inFactor(name), factors, Factorization.Factors::in, type);
        put(model, LatheFormat.outFactor(name), factors, Factorization.Factors::out, type);
        layer.recorder().reshaped(LatheFormat.inFactor(name), note);
        layer.recorder().reshaped(LatheFormat.outFactor(name), note);
    }

    private static void put(
            ModelEdit model,
            String name,
            List<Factorization.Factors> factors,
            Function<Factorization.Factors, Matrix> part,
            TensorType type) {
        List<FloatMatrix> parts =
                factors.stream().map(one -> part.apply(one).toFloats()).toList();
        if (parts.size() == 1) {
            model.putMatrix(name, parts.getFirst(), type);
        } else {
            model.putStack(name, Stacked.of(parts), parts.size(), type);
        }
    }

    /** The rank nearest to the share, where factors of it are smaller than the matrix. */
    private Map<String, Integer> uniformRanks(ModelEdit model) {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        for (int layer = 0; layer < layerCount(model); layer++) {
            for (String name : matrices(model, layer)) {
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

    private static int layerCount(ModelEdit model) {
        return Families.shape(model.metadata()).layers().size();
    }

    /** Ranks by the least sum of relative errors, on the layers as they are now. */
    private Map<String, Integer> allocatedRanks(ModelEdit model, TransformContext context, StepRecorder recorder)
            throws IOException {
        Map<String, Candidate> candidates = new LinkedHashMap<>();
        sweep(model, context, name() + ": ranks", recorder, layer -> {
            forEachMatrix(layer, (name, matrix) -> candidates.put(name, candidate(matrix)));
        });
        return allocated(candidates);
    }

    private Map<String, Integer> allocated(Map<String, Candidate> candidates) {
        List<Candidate> all = List.copyOf(candidates.values());
        long whole = all.stream()
                .mapToLong(one -> (long) one.count() * one.rows() * one.columns())
                .sum();
        int[] ranks = RankAllocation.within(all, (long) (whole * (1 - removed)));
        Map<String, Integer> named = new LinkedHashMap<>();
        int index = 0;
        for (String name : candidates.keySet()) {
            named.put(name, ranks[index++]);
        }
        return named;
    }

    /** The ranks of a matrix, or of all experts' together, with errors. */
    private Candidate candidate(List<Factorization> matrices) {
        int rows = matrices.getFirst().rows();
        int columns = matrices.getFirst().columns();
        double[] errors = new double[Candidate.savingRanks(rows, columns, rankStep)];
        double total = 0;
        for (Factorization matrix : errors.length > 0 ? matrices : List.<Factorization>of()) {
            TruncatedSvd svd = matrix.decompose(errors.length * rankStep);
            total += svd.total();
            for (int i = 0; i < errors.length; i++) {
                errors[i] += svd.error((i + 1) * rankStep);
            }
        }
        for (int i = 0; i < errors.length; i++) {
            errors[i] = total == 0 ? 0 : errors[i] / total;
        }
        return new Candidate(matrices.size(), rows, columns, rankStep, errors);
    }

    /** The ranks of a matrix whose errors do not matter. */
    private Candidate candidate(TensorInfo matrix) {
        int rows = Math.toIntExact(matrix.dimension(1));
        int columns = Math.toIntExact(matrix.dimension(0));
        int count = matrix.dimensions().size() > 2 ? Math.toIntExact(matrix.dimension(2)) : 1;
        double[] errors = new double[Candidate.savingRanks(rows, columns, rankStep)];
        return new Candidate(count, rows, columns, rankStep, errors);
    }

    private interface MatrixVisitor {
        /** A matrix alone, or those of all experts. */
        void visit(String name, List<Factorization> matrices) throws IOException;
    }

    /** Visits the matrices of a layer that are whole. */
    private void forEachMatrix(LayerEdit layer, MatrixVisitor visitor) throws IOException {
        for (ActivationSite site : ActivationSite.values()) {
            List<String> names = readers(layer.model(), layer.layer(), site);
            List<Optional<Matrix>> roots = new ArrayList<>();
            for (int expert = 0; !names.isEmpty() && expert < layer.matrices(site); expert++) {
                roots.add(
                        whitened ? Optional.of(Factorization.root(layer.read().gram(site, expert))) : Optional.empty());
            }
            for (String name : names) {
                FloatMatrix stack = layer.model().floats(name);
                List<Factorization> matrices = new ArrayList<>();
                for (int expert = 0; expert < roots.size(); expert++) {
                    Matrix weights = Matrix.of(Stacked.part(stack, roots.size(), expert));
                    matrices.add(Factorization.of(weights, roots.get(expert), layer.workers()));
                }
                visitor.visit(name, matrices);
            }
        }
    }

    private List<String> matrices(ModelEdit model, int layer) {
        return Arrays.stream(ActivationSite.values())
                .flatMap(site -> readers(model, layer, site).stream())
                .toList();
    }

    private List<String> readers(ModelEdit model, int layer, ActivationSite site) {
        return sites.contains(site)
                ? LayerTensors.readers(model, layer, site).stream()
                        .filter(name -> model.tensor(name).isPresent())
                        .toList()
                : List.of();
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
