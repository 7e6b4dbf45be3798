package dev.lathe.compress.quantize;

import dev.lathe.compress.ActivationStatistics;
import dev.lathe.compress.DecodedTensors;
import dev.lathe.compress.GramMatrix;
import dev.lathe.compress.LayerEdit;
import dev.lathe.compress.LayerSweep;
import dev.lathe.compress.LayerTensors;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.Stacked;
import dev.lathe.compress.StepRecorder;
import dev.lathe.compress.TensorReport;
import dev.lathe.compress.TransformContext;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.TensorRole;
import dev.lathe.model.decoder.LayerwiseModel;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Quantizes layer after layer, each for what it reads when the layers before it are already quantized, so that errors do not
 * add up unseen. One layer's weights are in memory as floats.
 */
final class SequentialQuantization implements LayerSweep.LayerEditor {
    private final ModelEdit model;
    private final Method method;
    private final Workers workers;
    private final Map<String, QuantizationPlan.Entry> plan = new HashMap<>();
    private final Map<String, TensorReport> reports = new HashMap<>();

    SequentialQuantization(ModelEdit model, Method method, QuantizationPlan plan, Workers workers) {
        this.model = model;
        this.method = method;
        this.workers = workers;
        plan.entries().forEach(entry -> this.plan.put(entry.tensor().name(), entry));
    }

    /** The matrices that it quantizes: those that read what the calibration sequences tell. */
    Set<String> names() {
        Set<String> names = new HashSet<>();
        int layers = LayerwiseModel.of(model, workers).config().layers().size();
        for (int layer = 0; layer < layers; layer++) {
            for (ActivationSite site : ActivationSite.values()) {
                names.addAll(readers(layer, site));
            }
        }
        head().ifPresent(names::add);
        return names;
    }

    /** Quantizes them; returns what became of each. */
    Map<String, TensorReport> run(TransformContext context, String step) throws IOException {
        LayerSweep sweep = LayerSweep.of(new DecodedTensors(model), context.requireCalibration(step), workers)
                .reporting(context, step);
        Set<ActivationSite> sites = ActivationSite.ofMatrices();
        sweep.edit(model, new StepRecorder(model, step), _ -> sites, this);
        if (head().isPresent()) {
            quantizeHead(head().get(), sweep.hidden());
        }
        context.done(step + ": head", 1, 1);
        return reports;
    }

    /** Quantizes the matrices of a layer, at least where it has the Gram matrices of what they read. */
    @Override
    public void edit(LayerEdit layer) throws IOException {
        LayerWeights weights = new LayerWeights(model, layer.layer());
        Map<ActivationSite, SiteInput> inputs = inputs(layer.read());
        if (method.awq()) {
            for (ActivationSite site : inputs.keySet()) {
                if (weights.canMoveScales(site, layer.config())) {
                    inputs.put(site, scaled(weights, layer, site, inputs.get(site)));
                }
            }
        }
        for (ActivationSite site : layer.read().gramSites()) {
            if (site.isOfExperts()) {
                quantizeExperts(layer, weights, site);
            }
        }
        for (Map.Entry<ActivationSite, SiteInput> input : inputs.entrySet()) {
            InverseFactor factor = method.factor(input.getValue(), workers);
            for (String name : readers(layer.layer(), input.getKey())) {
                put(name, encode(name, weights.matrix(name), input.getValue(), factor));
            }
        }
    }

    private static Map<ActivationSite, SiteInput> inputs(ActivationStatistics read) {
        Map<ActivationSite, SiteInput> inputs = new EnumMap<>(ActivationSite.class);
        read.gramSites().stream()
                .filter(site -> !site.isOfExperts())
                .forEach(site -> inputs.put(site, SiteInput.of(read.gram(site))));
        return inputs;
    }

    /** Each expert for the rows of the tokens that chose it. */
    private void quantizeExperts(LayerEdit layer, LayerWeights weights, ActivationSite site) throws IOException {
        List<String> names = readers(layer.layer(), site);
        Map<String, List<Encoded>> encoded = new HashMap<>();
        for (int expert = 0; expert < layer.matrices(site); expert++) {
            SiteInput input = SiteInput.of(layer.read().gram(site, expert));
            InverseFactor factor = method.factor(input, workers);
            for (String name : names) {
                FloatMatrix matrix = Stacked.part(weights.matrix(name), layer.matrices(site), expert);
                encoded.computeIfAbsent(name, key -> new ArrayList<>()).add(encode(name, matrix, input, factor));
            }
        }
        for (String name : names) {
            put(name, Encoded.stacked(encoded.get(name)));
        }
    }

    private SiteInput scaled(LayerWeights weights, LayerEdit layer, ActivationSite site, SiteInput input)
            throws IOException {
        LayerConfig config = layer.config();
        List<ChannelScaling.Reader> readers = new ArrayList<>();
        for (String name : readers(layer.layer(), site)) {
            readers.add(new ChannelScaling.Reader(
                    weights.matrix(name), plan.get(name).type()));
        }
        float[] meanSquares = site == ActivationSite.ATTENTION_OUTPUT
                ? LayerWeights.sharedByValues(config, input.importances())
                : input.importances();
        float[] scales = new ChannelScaling(readers, input.gram(), meanSquares, workers).search();
        weights.moveScales(site, scales, config);
        return input.divided(scales);
    }

    private Encoded encode(String name, FloatMatrix matrix, SiteInput input, InverseFactor factor) {
        TensorType type = plan.get(name).type();
        return MatrixEncoder.encode(matrix, type, method.rounding(type, input, factor), workers);
    }

    /** The matrices of the plan that read at a site and are not yet what they shall be. */
    private List<String> readers(int layer, ActivationSite site) {
        return LayerTensors.readers(model, layer, site).stream()
                .filter(this::isChanged)
                .toList();
    }

    private boolean isChanged(String name) {
        QuantizationPlan.Entry entry = plan.get(name);
        return entry != null && (method.awq() || entry.tensor().type() != entry.type());
    }

    private Optional<String> head() {
        return Optional.of(LayerTensors.head(model)).filter(this::isChanged);
    }

    private void quantizeHead(String name, List<FloatMatrix> hidden) throws IOException {
        LayerwiseModel.Head head =
                LayerwiseModel.of(new DecodedTensors(model), workers).head();
        GramMatrix gram = new GramMatrix(hidden.getFirst().columns());
        hidden.forEach(text -> gram.add(head.input(text), workers));
        SiteInput input = SiteInput.of(gram);
        QuantizationPlan.Entry entry = plan.get(name);
        if (TensorRole.of(name) == TensorRole.EMBEDDING) { // looked up, too: each row stays near itself
            put(name, RowEncoder.encode(model, entry.tensor(), entry.type(), input.importances(), workers));
        } else {
            InverseFactor factor = method.factor(input, workers);
            put(name, encode(name, model.floats(name), input, factor));
        }
    }

    private void put(String name, Encoded encoded) {
        QuantizationPlan.Entry entry = plan.get(name);
        model.put(name, encoded.type(), entry.tensor().dimensions(), encoded.content());
        reports.put(name, encoded.report(entry.tensor(), entry.note()));
    }
}
