package dev.lathe.compress.quantize;

import dev.lathe.compress.ActivationStatistics;
import dev.lathe.compress.DecodedTensors;
import dev.lathe.compress.GramMatrix;
import dev.lathe.compress.LayerTensors;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.TensorReport;
import dev.lathe.compress.TransformContext;
import dev.lathe.model.ActivationObserver;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.LayerwiseModel;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
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
final class SequentialQuantization {
    private final ModelEdit model;
    private final TransformContext context;
    private final String step;
    private final Method method;
    private final Map<String, QuantizationPlan.Entry> plan = new HashMap<>();
    private final Map<String, TensorReport> reports = new HashMap<>();

    SequentialQuantization(
            ModelEdit model, TransformContext context, String step, Method method, QuantizationPlan plan) {
        this.model = model;
        this.context = context;
        this.step = step;
        this.method = method;
        plan.entries().forEach(entry -> this.plan.put(entry.tensor().name(), entry));
    }

    /** The matrices that it quantizes: those that read what the calibration texts tell. */
    Set<String> names() throws IOException {
        Set<String> names = new HashSet<>();
        int layers = LayerwiseModel.of(new DecodedTensors(model), context.workers())
                .config()
                .layers()
                .size();
        for (int layer = 0; layer < layers; layer++) {
            for (ActivationSite site : ActivationSite.values()) {
                names.addAll(readers(layer, site));
            }
        }
        head().ifPresent(names::add);
        return names;
    }

    /** Quantizes them; returns what became of each. */
    Map<String, TensorReport> run() throws IOException {
        LayerwiseModel runner = LayerwiseModel.of(new DecodedTensors(model), context.workers());
        List<FloatMatrix> hidden = runner.embed(context.requireCalibration(step));
        int layers = runner.config().layers().size();
        for (int layer = 0; layer < layers; layer++) {
            quantize(runner, layer, hidden);
            LayerwiseModel.Layer quantized = runner.layer(layer);
            hidden.replaceAll(text -> quantized.run(text, ActivationObserver.NONE));
            context.done(step, layer + 1, layers + 1);
        }
        if (head().isPresent()) {
            quantizeHead(head().get(), runner.head(), hidden);
        }
        context.done(step, layers + 1, layers + 1);
        return reports;
    }

    private void quantize(LayerwiseModel runner, int layer, List<FloatMatrix> hidden) throws IOException {
        Map<ActivationSite, SiteInput> inputs = inputs(runner.layer(layer), hidden);
        LayerWeights weights = new LayerWeights(model, layer);
        if (method.awq()) {
            LayerConfig config = runner.config().layers().get(layer);
            for (ActivationSite site : ActivationSite.values()) {
                if (weights.canMoveScales(site)) {
                    inputs.put(site, scaled(weights, layer, site, inputs.get(site), config));
                }
            }
        }
        for (ActivationSite site : ActivationSite.values()) {
            SiteInput input = inputs.get(site);
            InverseFactor factor = method.factor(input, context.workers());
            for (String name : readers(layer, site)) {
                put(name, encode(name, weights.matrix(name), input, factor));
            }
        }
    }

    private Map<ActivationSite, SiteInput> inputs(LayerwiseModel.Layer layer, List<FloatMatrix> hidden) {
        Set<ActivationSite> sites = EnumSet.allOf(ActivationSite.class);
        ActivationStatistics statistics =
                ActivationStatistics.collect(layer, new ArrayList<>(hidden), sites, context.workers());
        Map<ActivationSite, SiteInput> inputs = new EnumMap<>(ActivationSite.class);
        sites.forEach(site -> inputs.put(site, SiteInput.of(statistics.gram(site))));
        return inputs;
    }

    private SiteInput scaled(LayerWeights weights, int layer, ActivationSite site, SiteInput input, LayerConfig config)
            throws IOException {
        List<ChannelScaling.Reader> readers = new ArrayList<>();
        for (String name : readers(layer, site)) {
            readers.add(new ChannelScaling.Reader(
                    weights.matrix(name), plan.get(name).type()));
        }
        float[] meanSquares = site == ActivationSite.ATTENTION_OUTPUT
                ? LayerWeights.sharedByValues(config, input.importances())
                : input.importances();
        float[] scales = new ChannelScaling(readers, input.gram(), meanSquares, context.workers()).search();
        weights.moveScales(site, scales, config);
        return input.divided(scales);
    }

    private Encoded encode(String name, FloatMatrix matrix, SiteInput input, InverseFactor factor) {
        TensorType type = plan.get(name).type();
        return MatrixEncoder.encode(matrix, type, method.rounding(type, input, factor), context.workers());
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

    private void quantizeHead(String name, LayerwiseModel.Head head, List<FloatMatrix> hidden) throws IOException {
        GramMatrix gram = new GramMatrix(hidden.getFirst().columns());
        hidden.forEach(text -> gram.add(head.input(text), context.workers()));
        SiteInput input = SiteInput.of(gram);
        QuantizationPlan.Entry entry = plan.get(name);
        if (TensorRole.of(name) == TensorRole.EMBEDDING) { // looked up, too: each row stays near itself
            put(name, RowEncoder.encode(model, entry.tensor(), entry.type(), input.importances(), context.workers()));
        } else {
            InverseFactor factor = method.factor(input, context.workers());
            put(name, encode(name, model.floats(name), input, factor));
        }
    }

    private void put(String name, Encoded encoded) {
        QuantizationPlan.Entry entry = plan.get(name);
        model.put(name, encoded.type(), entry.tensor().dimensions(), encoded.content());
        reports.put(name, encoded.report(entry.tensor(), entry.note()));
    }
}
