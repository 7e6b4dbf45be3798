package dev.lathe.compress.search;

import dev.lathe.compress.ActivationStatistics;
import dev.lathe.compress.LayerEdit;
import dev.lathe.compress.LayerSet;
import dev.lathe.compress.LayerSweep;
import dev.lathe.compress.LayerTransform;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.StepRecorder;
import dev.lathe.compress.Transform;
import dev.lathe.compress.TransformContext;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.compress.search.Part.Kind;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.model.ActivationObserver;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.TensorRole;
import dev.lathe.model.family.Families;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;

/**
 * Measures what every variant of every part of a model costs. A part is run on the inputs that it has in the whole model, which
 * are kept, and its change is that of the hidden rows after it relative to their length.
 *
 * <ul>
 *   <li>Each type is measured on the whole part, rounded to nearest; what the method of the final encoding gains over that is
 *       measured on the layer in the middle, for each type.
 *   <li>Each reduction is measured in plain numbers, and once more with one type, which says how much of the types' changes is
 *       left with what it leaves.
 *   <li>One type and one reduction of each kind also run through the rest of the model, which gives the nats for a change.
 * </ul>
 *
 * The divergence of a variant is that of its reduction plus that of its type: changes that have nothing to do with each other add up.
 */
final class Profiler {
    private static final String STEP = "search: profile";
    private static final int ROWS = 512;
    private static final int STRIDE = 4;

    private final ModelEdit model;
    private final List<Reduction> reductions;
    private final List<TensorType> types;
    private final UnaryOperator<Quantize> method;
    private final CalibrationSplit texts;
    private final TransformContext context;
    private final PartTimes times;
    private final int layers;
    private final DivergenceMeter meter;
    private final List<Double> silentShares = new ArrayList<>();
    private int done;
    private final Map<Kind, double[]> gains = new HashMap<>(); // of the method, by type

    /**
     * A profiler.
     *
     * @param model plain or sliced
     * @param reductions what can be done with a half of a layer, those of one kind one after the other
     * @param types what can be done with any part
     * @param method how the types' numbers will be chosen in the end
     */
    Profiler(
            ModelEdit model,
            List<Reduction> reductions,
            List<TensorType> types,
            UnaryOperator<Quantize> method,
            CalibrationSplit texts,
            TransformContext context)
            throws IOException {
        this.model = model;
        this.reductions = reductions;
        this.types = types;
        this.method = method;
        this.texts = texts;
        this.context = context;
        times = new PartTimes(context.workers());
        layers = Families.shape(model.metadata()).layers().size();
        meter = new DivergenceMeter(model, texts.signals(), ROWS, context.workers());
    }

    /**
     * Measures everything: first all types, then what can go.
     *
     * @param first what was done to the model before
     * @param divergenceBefore what that cost
     * @param bound from what types alone can do, the divergence that nothing which shall win may have alone: where a share of a part
     *     does more, larger ones are not tried
     */
    SearchSpace run(Optional<Transform> first, double divergenceBefore, ToDoubleFunction<SearchSpace> bound)
            throws IOException {
        Profile table = table();
        context.done(STEP, ++done, 4 * layers + 1);
        List<PartCosts> parts = new ArrayList<>();
        sweep(this::isMiddle, (part, in, out, statistics) -> parts.add(types(part, in, out, statistics)));
        SearchSpace types = space(first, divergenceBefore, table, parts);
        double most = bound.applyAsDouble(types) - divergenceBefore;
        int[] next = {0};
        sweep(
                _ -> reductions.size() > 1,
                (part, in, out, statistics) -> reduce(parts.get(next[0]++), in, out, statistics, most));
        return space(first, divergenceBefore, table, parts);
    }

    private boolean isMiddle(int layer) {
        return layer == layers / 2;
    }

    private interface PartMeasurement {
        /**
         * Measures a part.
         *
         * @param in hidden rows of the signal texts before it
         * @param out those after it
         * @param statistics what the layer's matrices read on the other texts
         */
        void measure(Part part, List<FloatMatrix> in, List<FloatMatrix> out, ActivationStatistics statistics)
                throws IOException;
    }

    /**
     * Visits the halves of all layers, each with what it reads in the model as it is.
     *
     * @param needsGrams for which layers the statistics have Gram matrices
     */
    private void sweep(IntPredicate needsGrams, PartMeasurement measurement) throws IOException {
        LayerSweep fitting = LayerSweep.of(model, texts.fitting(), context.workers());
        LayerSweep signals = LayerSweep.of(model, texts.signals(), context.workers());
        while (!fitting.isAtEnd()) {
            int layer = fitting.layer();
            Set<ActivationSite> grams = needsGrams.test(layer) ? ActivationSite.ofMatrices() : Set.of();
            ActivationStatistics statistics = fitting.advance(grams);
            for (Kind kind : List.of(Kind.ATTENTION, Kind.FEED_FORWARD)) {
                List<FloatMatrix> before = signals.hidden();
                signals.advanceHalf(ActivationObserver.NONE);
                measurement.measure(new Part(kind, layer), before, signals.hidden(), statistics);
                context.done(STEP, ++done, 4 * layers + 1);
            }
        }
    }

    private SearchSpace space(
            Optional<Transform> first, double divergenceBefore, Profile table, List<PartCosts> parts) {
        List<Profile> profiles = new ArrayList<>(List.of(table));
        parts.forEach(
                part -> profiles.add(part.profile(types, gains.get(part.part().kind()))));
        return new SearchSpace(first, profiles, new double[] {otherBytes(profiles), 0, divergenceBefore});
    }

    /** Of what is in no part: vectors as they are, matrices with 8 bits. */
    private double otherBytes(List<Profile> profiles) {
        List<TensorInfo> others = new ArrayList<>(model.tensors());
        profiles.forEach(profile -> others.removeAll(profile.part().tensors(model)));
        return others.stream()
                .mapToDouble(tensor -> Part.typeOf(tensor, TensorType.Q8_0).byteCount(tensor.elementCount()))
                .sum();
    }

    /** The share of each layer's feed-forward channels that all texts leave alone. */
    List<Double> silentShares() {
        return silentShares;
    }

    /** Seconds that the parts of the model take for one token as they are. */
    double secondsNow() throws IOException {
        double seconds = times.ofTable(model);
        for (int layer = 0; layer < layers; layer++) {
            seconds += times.of(new Part(Kind.ATTENTION, layer), "now", model);
            seconds += times.of(new Part(Kind.FEED_FORWARD, layer), "now", model);
        }
        return seconds;
    }

    private Profile table() throws IOException {
        Part part = new Part(Kind.TABLE, 0);
        List<Variant> variants = new ArrayList<>();
        List<double[]> costs = new ArrayList<>();
        for (TensorType type : types) {
            ModelEdit edit = Rounding.of(model, part, type, Map.of(), STRIDE, context.workers());
            double divergence = meter.ofModel(edit, texts.signals());
            variants.add(new Variant(Reduction.NONE, type));
            costs.add(
                    new double[] {part.bytes(model, type), times.ofTable(model, type), STRIDE * Math.max(0, divergence)
                    });
        }
        return new Profile(part, variants, costs.toArray(double[][]::new));
    }

    /** One half of a layer, which maps hidden rows to others, with each type and nothing removed. */
    private PartCosts types(Part part, List<FloatMatrix> in, List<FloatMatrix> out, ActivationStatistics statistics)
            throws IOException {
        if (part.kind() == Kind.FEED_FORWARD) {
            silentShares.add(silentShare(part.layer(), in));
        }
        if (isMiddle(part.layer())) {
            gains.put(part.kind(), gains(part, in, out, statistics));
        }
        PartCosts costs = new PartCosts(part, typeDivergences(part, in, out, statistics));
        costs.add(Reduction.NONE, 0, 1, bytesAndSeconds(part, Reduction.NONE, model));
        return costs;
    }

    /** The same half made smaller in every way that suits it. */
    private void reduce(
            PartCosts costs, List<FloatMatrix> in, List<FloatMatrix> out, ActivationStatistics statistics, double most)
            throws IOException {
        Part part = costs.part();
        TensorType probe = types.get(types.size() / 2);
        double probeChange =
                change(part, in, out, Rounding.of(model, part, probe, Map.of(), STRIDE, context.workers()));
        Reduction.Way way = Reduction.Way.WHOLE;
        double natsEach = 0;
        double divergence = 0;
        for (Reduction reduction : reductions) {
            boolean isFirst = reduction.way() != way;
            Optional<LayerTransform> transform = reduction.of(part);
            if (transform.isEmpty() || !isFirst && divergence > most || !reduction.suits(model, part)) {
                continue;
            }
            ModelEdit edit = new ModelEdit(model);
            transform.get().edit(edit(edit, part, statistics));
            List<FloatMatrix> rows = part.run(edit, in, context.workers());
            double change = HiddenRows.relativeChange(out, rows);
            if (isFirst) { // the first of a way goes through the rest of the model
                way = reduction.way();
                natsEach = change > 0 ? Math.max(0, meter.behind(part, rows)) / change : 0;
            }
            divergence = natsEach * change;
            double both = change(part, in, out, Rounding.of(edit, part, probe, Map.of(), STRIDE, context.workers()));
            double left = probeChange > 0 ? Math.max(0, both - change) / probeChange : 0;
            costs.add(reduction, divergence, left, bytesAndSeconds(part, reduction, edit));
        }
    }

    private double[][] bytesAndSeconds(Part part, Reduction reduction, ModelEdit edit) throws IOException {
        double[][] costs = new double[types.size()][];
        for (int i = 0; i < costs.length; i++) {
            TensorType type = types.get(i);
            double seconds = times.of(part, new Variant(reduction, type), edit, type);
            costs[i] = new double[] {part.bytes(edit, type), seconds};
        }
        return costs;
    }

    /** Nats for each type, rounded to nearest. */
    private double[] typeDivergences(
            Part part, List<FloatMatrix> in, List<FloatMatrix> out, ActivationStatistics statistics)
            throws IOException {
        Map<String, float[]> importances = Rounding.importances(model, part, statistics);
        double[] divergences = new double[types.size()];
        int worst = 0;
        List<FloatMatrix> worstRows = List.of();
        for (int i = 0; i < divergences.length; i++) {
            ModelEdit edit = Rounding.of(model, part, types.get(i), importances, STRIDE, context.workers());
            List<FloatMatrix> rows = part.run(edit, in, context.workers());
            divergences[i] = HiddenRows.relativeChange(out, rows);
            if (i == 0 || divergences[i] > divergences[worst]) {
                worst = i;
                worstRows = rows;
            }
        }
        double natsEach = divergences[worst] > 0 ? Math.max(0, meter.behind(part, worstRows)) / divergences[worst] : 0;
        for (int i = 0; i < divergences.length; i++) {
            divergences[i] *= STRIDE * natsEach;
        }
        return divergences;
    }

    /** What is left of each type's change when the final method chooses the numbers, on a layer as it is. */
    private double[] gains(Part part, List<FloatMatrix> in, List<FloatMatrix> out, ActivationStatistics statistics)
            throws IOException {
        Map<String, float[]> importances = Rounding.importances(model, part, statistics);
        double[] gains = new double[types.size()];
        for (int i = 0; i < gains.length; i++) {
            TensorType type = types.get(i);
            double nearest = change(part, in, out, Rounding.of(model, part, type, importances, 1, context.workers()));
            ModelEdit edit = new ModelEdit(model);
            method.apply(Quantize.to(type)).on(LayerSet.at(part.sites())).edit(edit(edit, part, statistics));
            gains[i] = nearest > 0 ? Math.min(1, change(part, in, out, edit) / nearest) : 1;
            context.done("search: gain of the encoding", i + 1, gains.length);
        }
        return gains;
    }

    private LayerEdit edit(ModelEdit edit, Part part, ActivationStatistics statistics) {
        return new LayerEdit(edit, part.layer(), statistics, new StepRecorder(edit, STEP), context.workers());
    }

    private double change(Part part, List<FloatMatrix> in, List<FloatMatrix> out, ModelEdit edit) throws IOException {
        return HiddenRows.relativeChange(out, part.run(edit, in, context.workers()));
    }

    private double silentShare(int layer, List<FloatMatrix> between) throws IOException {
        Consensus consensus = new Consensus(model.floats(TensorRole.DOWN.weight(layer)));
        ActivationObserver observer = (site, _, rows) -> {
            if (site == ActivationSite.FEED_FORWARD_DOWN) {
                consensus.add(rows);
            }
        };
        LayerSweep.from(model, layer, true, between, context.workers()).advanceHalf(observer);
        return consensus.silentShare();
    }
}
