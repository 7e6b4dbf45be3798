package dev.lathe.compress.prune;

import dev.lathe.compress.LayerSweep;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.StepRecorder;
import dev.lathe.compress.Transform;
import dev.lathe.compress.TransformContext;
import dev.lathe.gguf.Metadata;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.model.config.LayerConfig;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * Gives the dense feed-forward part of each layer thresholds below which a magnitude counts as zero: quantiles of what
 * is read on the calibration texts. Weights stay as they are; those that meet a zero are skipped. Made by {@link
 * Prune}. Immutable and thread-safe.
 */
public final class ThresholdPruning implements Transform {
    private static final Kind ACTIVATIONS = new Kind(
            "activations",
            "feed-forward activations",
            List.of(ActivationSite.FEED_FORWARD, ActivationSite.FEED_FORWARD_DOWN),
            layer -> layer.feedForward().experts().isEmpty(),
            "all layers of this model have experts, which have no thresholds",
            LatheFormat::withThresholds,
            "no byte is saved; time is where one row at a time meets plain numbers, in matrices of at most a mebibyte"
                    + " or with three quarters of zeros");
    private static final Kind GATES = new Kind(
            "neurons",
            "neurons by their gates",
            List.of(ActivationSite.FEED_FORWARD_GATE),
            layer ->
                    layer.feedForward().gated() && layer.feedForward().experts().isEmpty(),
            "no layer of this model has a gate without experts",
            LatheFormat::withGateThresholds,
            "no byte is saved; under a limit on weights, inactive neurons need not be read");

    private final double share;
    private final Kind kind;

    /**
     * Which magnitudes have thresholds.
     *
     * @param what their name
     * @param which how the step's name ends
     * @param sites each layer has a threshold for each of them, in this order
     * @param has whether a layer can have thresholds; those of the others are zero
     * @param refusal why a model is refused that has no such layer
     * @param stored metadata with thresholds
     * @param note where time or memory is saved
     */
    private record Kind(
            String what,
            String which,
            List<ActivationSite> sites,
            Predicate<LayerConfig> has,
            String refusal,
            BiFunction<Metadata, float[], Metadata> stored,
            String note) {}

    private ThresholdPruning(double share, Kind kind) {
        if (!(share >= 0 && share < 1)) {
            throw new IllegalArgumentException(
                    "a share of " + share + " of the " + kind.what + ": expected 0 up to, but not including, 1");
        }
        this.share = share;
        this.kind = kind;
    }

    /** Of what the part reads, and of what its last matrix reads. */
    static ThresholdPruning ofActivations(double share) {
        return new ThresholdPruning(share, ACTIVATIONS);
    }

    /**
     * Of what the function of the gate gives: neurons below are inactive, which is known before their other weights are
     * needed.
     */
    static ThresholdPruning ofGates(double share) {
        return new ThresholdPruning(share, GATES);
    }

    @Override
    public String name() {
        return String.format(Locale.ROOT, "prune %.1f%% of %s", 100 * share, kind.which);
    }

    @Override
    public Stage stage() {
        return Stage.SPARSITY;
    }

    @Override
    public void edit(ModelEdit model, TransformContext context, StepRecorder recorder) throws IOException {
        List<LayerConfig> layers = Shapes.layers(model);
        List<ActivationSite> sites = kind.sites;
        if (layers.stream().noneMatch(kind.has)) {
            throw new IllegalArgumentException(name() + ": " + kind.refusal);
        }
        float[] thresholds = new float[sites.size() * layers.size()]; // earlier ones would be seen by the measurement
        model.setMetadata(kind.stored.apply(model.metadata(), thresholds.clone()));
        LayerSweep sweep = LayerSweep.of(model, context.requireCalibration(name()), context.workers())
                .reporting(context, name());
        while (!sweep.isAtEnd()) {
            int layer = sweep.layer();
            if (kind.has.test(layers.get(layer))) {
                Map<ActivationSite, Magnitudes> magnitudes = new EnumMap<>(ActivationSite.class);
                sites.forEach(site -> magnitudes.put(site, new Magnitudes()));
                sweep.show((site, _, rows) -> {
                    if (magnitudes.containsKey(site)) {
                        magnitudes.get(site).add(rows);
                    }
                });
                for (int i = 0; i < sites.size(); i++) {
                    thresholds[sites.size() * layer + i] =
                            magnitudes.get(sites.get(i)).quantile(share);
                }
                model.setMetadata(kind.stored.apply(model.metadata(), thresholds.clone()));
            }
            sweep.advance();
        }
        recorder.note(kind.note);
    }
}
