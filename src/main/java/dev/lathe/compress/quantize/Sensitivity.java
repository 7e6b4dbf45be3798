package dev.lathe.compress.quantize;

import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.TransformContext;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.gguf.TensorSource;
import dev.lathe.model.ActivationObserver;
import dev.lathe.model.LayerwiseModel;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Measures what changing one matrix at a time does to a model's predictions: texts run through the model once, and once more
 * from each changed matrix on. A layer's weights are in memory, and the rows of one text for each matrix.
 */
final class Sensitivity {
    private final TensorSource model;
    private final TransformContext context;
    private final String step;
    private final List<Weight> weights;
    private final Map<String, Encoded> changed;
    private final double[] damages;

    /** The rows of a text as one changed matrix leaves them. */
    private record Stream(int weight, FloatMatrix hidden) {}

    private Sensitivity(
            TensorSource model,
            TransformContext context,
            String step,
            List<Weight> weights,
            Map<String, Encoded> changed) {
        this.model = model;
        this.context = context;
        this.step = step;
        this.weights = weights;
        this.changed = changed;
        damages = new double[weights.size()];
    }

    /**
     * Measures.
     *
     * @param weights the matrices
     * @param changed what each would become
     * @param texts what to measure on
     * @return for each matrix the divergence of the predictions, in nats a token
     */
    static double[] measure(
            TensorSource model,
            TransformContext context,
            String step,
            List<Weight> weights,
            Map<String, Encoded> changed,
            List<int[]> texts)
            throws IOException {
        Sensitivity sensitivity = new Sensitivity(model, context, step, weights, changed);
        int tokens = 0;
        for (int text = 0; text < texts.size(); text++) {
            sensitivity.add(texts.get(text));
            tokens += texts.get(text).length;
            context.done(step + ": sensitivity", text + 1, texts.size());
        }
        for (int i = 0; i < sensitivity.damages.length; i++) {
            sensitivity.damages[i] /= tokens;
        }
        return sensitivity.damages;
    }

    private void add(int[] text) throws IOException {
        LayerwiseModel base = runner(model);
        FloatMatrix hidden = base.embed(List.of(text)).getFirst();
        List<Stream> streams = new ArrayList<>();
        for (int weight = 0; weight < weights.size(); weight++) {
            if (weights.get(weight).role() == TensorRole.EMBEDDING) {
                streams.add(new Stream(
                        weight, withChanged(weight).embed(List.of(text)).getFirst()));
            }
        }
        int layers = base.config().layers().size();
        for (int layer = 0; layer < layers; layer++) {
            LayerwiseModel.Layer unchanged = base.layer(layer);
            streams.replaceAll(
                    stream -> new Stream(stream.weight(), unchanged.run(stream.hidden(), ActivationObserver.NONE)));
            for (int weight = 0; weight < weights.size(); weight++) {
                if (weights.get(weight).layer() == layer) {
                    LayerwiseModel.Layer one = withChanged(weight).layer(layer);
                    streams.add(new Stream(weight, one.run(hidden, ActivationObserver.NONE)));
                }
            }
            hidden = unchanged.run(hidden, ActivationObserver.NONE);
        }
        LayerwiseModel.Head head = base.head();
        LogitCurvature curvature = new LogitCurvature(head.logits(hidden));
        for (int weight = 0; weight < weights.size(); weight++) {
            if (weights.get(weight).role() == TensorRole.HEAD) {
                damages[weight] += curvature.of(withChanged(weight).head().logits(hidden));
            }
        }
        for (Stream stream : streams) {
            LayerwiseModel.Head its = weights.get(stream.weight()).isHead()
                    ? withChanged(stream.weight()).head()
                    : head;
            damages[stream.weight()] += curvature.of(its.logits(stream.hidden()));
        }
    }

    private LayerwiseModel withChanged(int weight) {
        TensorInfo tensor = weights.get(weight).tensor();
        ModelEdit edit = new ModelEdit(model);
        Encoded encoded = changed.get(tensor.name());
        edit.put(tensor.name(), encoded.type(), tensor.dimensions(), encoded.content());
        return runner(edit);
    }

    private LayerwiseModel runner(TensorSource source) {
        return LayerwiseModel.of(new DecodedTensors(source), context.workers());
    }
}
