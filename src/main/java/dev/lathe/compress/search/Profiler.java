package dev.lathe.compress.search;

import dev.lathe.compress.ActivationStatistics;
import dev.lathe.compress.LayerTensors;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.TransformContext;
import dev.lathe.compress.prune.Prune;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.compress.search.Profile.Kind;
import dev.lathe.compress.search.Profile.Part;
import dev.lathe.model.ActivationObserver;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.LayerConfig;
import dev.lathe.model.LayerwiseModel;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.codec.MatrixCodec;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Measures what every variant of every part of a model costs. A part is a sub-network of its own: it is run on the inputs that
 * it has in the whole model, which are kept, and its damage is the change of the hidden rows behind it relative to their
 * length. One variant of each part is also run through the rest of the model, and all damages of the part are scaled to the
 * nats that this one costs there.
 */
final class Profiler {
    private static final String STEP = "search";
    private static final Set<ActivationSite> GRAMS =
            Set.of(ActivationSite.ATTENTION_OUTPUT, ActivationSite.FEED_FORWARD_DOWN);

    private record Timed(Kind kind, LayerConfig layer, Variant variant) {}

    private final ModelEdit model;
    private final List<Variant> attention;
    private final List<Variant> feedForward;
    private final List<Variant> table;
    private final int signalTexts;
    private final TransformContext context;
    private final LayerwiseModel runner;
    private final List<Profile> profiles = new ArrayList<>();
    private final List<Double> silentShares = new ArrayList<>(); // by layer
    private final Map<Timed, Double> times = new HashMap<>(); // layers of equal shape take equal time
    private Impairment impairment;

    /**
     * A profiler.
     *
     * @param attention what can be done with a layer's attention
     * @param feedForward what can be done with its feed-forward part
     * @param table what can be done with the token table
     * @param signalTexts how many of the calibration texts damages are measured on
     */
    Profiler(
            ModelEdit model,
            List<Variant> attention,
            List<Variant> feedForward,
            List<Variant> table,
            int signalTexts,
            TransformContext context) {
        this.model = model;
        this.attention = attention;
        this.feedForward = feedForward;
        this.table = table;
        this.signalTexts = signalTexts;
        this.context = context;
        runner = LayerwiseModel.of(model, context.workers());
    }

    /** Measures everything. */
    SearchSpace run() throws IOException {
        List<int[]> texts = context.requireCalibration(STEP);
        List<int[]> signals = texts.subList(0, Math.min(signalTexts, texts.size()));
        impairment = new Impairment(runner, Impairment.hidden(runner, signals));
        int layers = runner.config().layers().size();
        profiles.add(table(signals));
        context.done(STEP, 1, layers + 1);
        List<FloatMatrix> hidden = runner.embed(texts);
        for (int layer = 0; layer < layers; layer++) {
            List<FloatMatrix> after = new ArrayList<>(hidden);
            ActivationStatistics statistics =
                    ActivationStatistics.collect(runner.layer(layer), after, GRAMS, context.workers());
            List<FloatMatrix> before = hidden.subList(0, signals.size());
            List<FloatMatrix> between = runHalf(runner, layer, Kind.ATTENTION, before);
            profiles.add(half(new Part(Kind.ATTENTION, layer), before, between, statistics));
            List<FloatMatrix> behind = after.subList(0, signals.size());
            profiles.add(half(new Part(Kind.FEED_FORWARD, layer), between, behind, statistics));
            silentShares.add(silentShare(layer, between));
            hidden = after;
            context.done(STEP, layer + 2, layers + 1);
        }
        double bytes = profiles.stream()
                .flatMap(profile -> tensors(profile.part()).stream())
                .mapToDouble(name -> model.require(name).byteCount())
                .sum();
        return new SearchSpace(List.copyOf(profiles), model.byteCount() - bytes);
    }

    /** The share of each layer's feed-forward channels that all texts leave alone. */
    List<Double> silentShares() {
        return silentShares;
    }

    /** Seconds that the matrices of the model take for one token as they are. */
    double secondsBefore() throws IOException {
        double seconds = tableSeconds(runner);
        for (int layer = 0; layer < runner.config().layers().size(); layer++) {
            seconds += seconds(runner, new Part(Kind.ATTENTION, layer), new Variant(0, TensorType.F32));
            seconds += seconds(runner, new Part(Kind.FEED_FORWARD, layer), new Variant(0, TensorType.F32));
        }
        return seconds;
    }

    /** The matrices of a part. */
    private List<String> tensors(Part part) {
        return switch (part.kind()) {
            case ATTENTION -> matrices(part.layer(), ActivationSite.ATTENTION, ActivationSite.ATTENTION_OUTPUT);
            case FEED_FORWARD -> matrices(part.layer(), ActivationSite.FEED_FORWARD, ActivationSite.FEED_FORWARD_DOWN);
            case TABLE ->
                model.tensor("output.weight").isPresent()
                        ? List.of("token_embd.weight", "output.weight")
                        : List.of("token_embd.weight");
        };
    }

    private List<String> matrices(int layer, ActivationSite first, ActivationSite second) {
        List<String> names = new ArrayList<>(LayerTensors.readers(model, layer, first));
        names.addAll(LayerTensors.readers(model, layer, second));
        return names;
    }

    private Profile table(List<int[]> signals) throws IOException {
        Part part = new Part(Kind.TABLE, 0);
        double[] bytes = new double[table.size()];
        double[] seconds = new double[table.size()];
        double[] damage = new double[table.size()];
        for (int i = 0; i < table.size(); i++) {
            ModelEdit edit = encoded(model, part, table.get(i).type());
            LayerwiseModel variant = LayerwiseModel.of(edit, context.workers());
            bytes[i] = bytes(edit, part);
            seconds[i] = tableSeconds(variant);
            damage[i] = impairment.ofModel(variant, signals);
        }
        return new Profile(part, table, bytes, seconds, damage);
    }

    /** One half of a layer, which maps hidden rows to others. */
    private Profile half(Part part, List<FloatMatrix> in, List<FloatMatrix> out, ActivationStatistics statistics)
            throws IOException {
        List<Variant> variants = part.kind() == Kind.ATTENTION ? attention : feedForward;
        double[] bytes = new double[variants.size()];
        double[] seconds = new double[variants.size()];
        double[] damage = new double[variants.size()];
        Map<Double, ModelEdit> pruned = new HashMap<>(); // by share
        int worst = -1; // of those that remove nothing
        List<FloatMatrix> worstRows = List.of();
        for (int i = 0; i < variants.size(); i++) {
            double removed = variants.get(i).removed();
            if (!pruned.containsKey(removed)) {
                pruned.put(removed, pruned(part, removed, statistics));
            }
            ModelEdit edit = encoded(pruned.get(removed), part, variants.get(i).type());
            LayerwiseModel variant = LayerwiseModel.of(edit, context.workers());
            List<FloatMatrix> rows = runHalf(variant, part.layer(), part.kind(), in);
            bytes[i] = bytes(edit, part);
            seconds[i] = seconds(variant, part, variants.get(i));
            damage[i] = relativeChange(out, rows);
            if (variants.get(i).removed() == 0 && (worst < 0 || damage[i] > damage[worst])) {
                worst = i;
                worstRows = rows;
            }
        }
        double factor = 0;
        if (damage[worst] > 0) {
            double nats = part.kind() == Kind.ATTENTION
                    ? impairment.afterAttention(part.layer(), worstRows)
                    : impairment.afterLayer(part.layer(), worstRows);
            factor = Math.max(0, nats) / damage[worst];
        }
        for (int i = 0; i < damage.length; i++) {
            damage[i] *= factor;
        }
        return new Profile(part, variants, bytes, seconds, damage);
    }

    private static List<FloatMatrix> runHalf(LayerwiseModel model, int layer, Kind kind, List<FloatMatrix> in)
            throws IOException {
        LayerwiseModel.Layer block = model.layer(layer);
        return in.stream()
                .map(text -> kind == Kind.ATTENTION
                        ? block.runAttention(text, ActivationObserver.NONE)
                        : block.runFeedForward(text, ActivationObserver.NONE))
                .toList();
    }

    /** A model of which one part lacks a share of its channels or heads. */
    private ModelEdit pruned(Part part, double removed, ActivationStatistics statistics) throws IOException {
        ModelEdit edit = new ModelEdit(model);
        if (removed > 0 && part.kind() == Kind.ATTENTION) {
            Prune.heads(removed).pruneLayer(edit, part.layer(), statistics, context);
        } else if (removed > 0) {
            Prune.feedForward(removed).pruneLayer(edit, part.layer(), statistics, context);
        }
        return edit;
    }

    /** A model of which one part's matrices have a type. */
    private ModelEdit encoded(ModelEdit pruned, Part part, TensorType type) throws IOException {
        ModelEdit edit = new ModelEdit(pruned);
        for (String name : tensors(part)) {
            FloatMatrix weights = edit.floats(name);
            TensorType actual = Quantize.typeFor(type, weights.columns());
            int rows = weights.rows();
            byte[] blocks =
                    MatrixCodec.encode(actual, weights.data(), rows, weights.columns(), null, context.workers());
            List<Long> dimensions = List.of((long) weights.columns(), (long) rows);
            edit.put(name, actual, dimensions, MemorySegment.ofArray(blocks));
        }
        return edit;
    }

    private double bytes(ModelEdit edit, Part part) {
        return tensors(part).stream()
                .mapToDouble(name -> edit.require(name).byteCount())
                .sum();
    }

    private double seconds(LayerwiseModel variant, Part part, Variant settings) throws IOException {
        Timed key = new Timed(part.kind(), variant.config().layers().get(part.layer()), settings);
        Double known = times.get(key);
        if (known == null) {
            LayerwiseModel.Layer block = variant.layer(part.layer());
            FloatMatrix row = FloatMatrix.zeros(1, variant.config().hiddenSize());
            known = Stopwatch.seconds(() -> {
                if (part.kind() == Kind.ATTENTION) {
                    block.runAttention(row, ActivationObserver.NONE);
                } else {
                    block.runFeedForward(row, ActivationObserver.NONE);
                }
            });
            times.put(key, known);
        }
        return known;
    }

    private static double tableSeconds(LayerwiseModel variant) throws IOException {
        LayerwiseModel.Head head = variant.head();
        FloatMatrix row = FloatMatrix.zeros(1, variant.config().hiddenSize());
        return Stopwatch.seconds(() -> head.logits(row));
    }

    private double silentShare(int layer, List<FloatMatrix> between) throws IOException {
        Consensus consensus = new Consensus(model.floats(LayerTensors.name(layer, "ffn_down.weight")));
        LayerwiseModel.Layer block = runner.layer(layer);
        for (FloatMatrix text : between) {
            block.runFeedForward(text, (site, rows) -> {
                if (site == ActivationSite.FEED_FORWARD_DOWN) {
                    consensus.add(rows);
                }
            });
        }
        return consensus.silentShare();
    }

    /** The mean over tokens of |change|² / |hidden row|². */
    private static double relativeChange(List<FloatMatrix> before, List<FloatMatrix> after) {
        double sum = 0;
        long count = 0;
        for (int text = 0; text < before.size(); text++) {
            FloatMatrix a = before.get(text);
            FloatMatrix b = after.get(text);
            for (int row = 0; row < a.rows(); row++) {
                double change = 0;
                double length = 0;
                for (int i = a.offset(row); i < a.offset(row + 1); i++) {
                    double difference = (double) a.data()[i] - b.data()[i];
                    change += difference * difference;
                    length += (double) a.data()[i] * a.data()[i];
                }
                sum += length > 0 ? change / length : 0;
            }
            count += a.rows();
        }
        return sum / count;
    }
}
