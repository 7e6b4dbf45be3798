package dev.lathe.compress;

import dev.lathe.gguf.TensorSource;
import dev.lathe.model.ActivationObserver;
import dev.lathe.model.LayerwiseModel;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Measures what changing one matrix at a time does to a model's predictions: texts run through the model once, and once more
 * from each changed matrix on. A layer's weights are in memory, and the rows of one text for each matrix.
 */
public final class Sensitivity {
    private static final int TEXTS = 4;
    private static final int TOKENS = 256;

    private final TensorSource model;
    private final TransformContext context;
    private final List<Change> changes;
    private final double[] damages;

    /**
     * A change of one matrix.
     *
     * @param place where it is
     * @param layer its layer, if it is in one
     * @param edit makes the change
     */
    public record Change(Place place, int layer, Consumer<ModelEdit> edit) {}

    /** Where a matrix is. */
    public enum Place {
        /** The token embedding. */
        EMBEDDING,
        /** The token embedding, which gives the logits too. */
        EMBEDDING_AND_HEAD,
        /** A layer. */
        LAYER,
        /** What gives the logits. */
        HEAD
    }

    /** The rows of a text as one change leaves them. */
    private record Stream(int change, FloatMatrix hidden) {}

    private Sensitivity(TensorSource model, TransformContext context, List<Change> changes) {
        this.model = model;
        this.context = context;
        this.changes = changes;
        damages = new double[changes.size()];
    }

    /**
     * Measures on some calibration texts: short pieces, as many tokens as show which matrix matters.
     *
     * @param step what it is for, for progress
     * @param changes the changes, each made alone
     * @return for each change the divergence of the predictions, in nats a token
     * @throws IllegalArgumentException if there are no calibration texts
     */
    public static double[] measure(TensorSource model, TransformContext context, String step, List<Change> changes)
            throws IOException {
        List<int[]> texts = context.requireCalibration(step).stream()
                .limit(TEXTS)
                .map(text -> Arrays.copyOf(text, Math.min(TOKENS, text.length)))
                .toList();
        return measure(model, context, step, changes, texts);
    }

    /**
     * Measures.
     *
     * @param step what it is for, for progress
     * @param changes the changes, each made alone
     * @param texts what to measure on
     * @return for each change the divergence of the predictions, in nats a token
     */
    public static double[] measure(
            TensorSource model, TransformContext context, String step, List<Change> changes, List<int[]> texts)
            throws IOException {
        Sensitivity sensitivity = new Sensitivity(model, context, changes);
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
        for (int change = 0; change < changes.size(); change++) {
            Place place = changes.get(change).place();
            if (place == Place.EMBEDDING || place == Place.EMBEDDING_AND_HEAD) {
                streams.add(
                        new Stream(change, changed(change).embed(List.of(text)).getFirst()));
            }
        }
        int layers = base.config().layers().size();
        for (int layer = 0; layer < layers; layer++) {
            LayerwiseModel.Layer unchanged = base.layer(layer);
            streams.replaceAll(
                    stream -> new Stream(stream.change(), unchanged.run(stream.hidden(), ActivationObserver.NONE)));
            for (int change = 0; change < changes.size(); change++) {
                if (changes.get(change).place() == Place.LAYER
                        && changes.get(change).layer() == layer) {
                    LayerwiseModel.Layer one = changed(change).layer(layer);
                    streams.add(new Stream(change, one.run(hidden, ActivationObserver.NONE)));
                }
            }
            hidden = unchanged.run(hidden, ActivationObserver.NONE);
        }
        LayerwiseModel.Head head = base.head();
        LogitCurvature curvature = new LogitCurvature(head.logits(hidden));
        for (int change = 0; change < changes.size(); change++) {
            if (changes.get(change).place() == Place.HEAD) {
                damages[change] += curvature.of(changed(change).head().logits(hidden));
            }
        }
        for (Stream stream : streams) {
            boolean isHead = changes.get(stream.change()).place() == Place.EMBEDDING_AND_HEAD;
            LayerwiseModel.Head its = isHead ? changed(stream.change()).head() : head;
            damages[stream.change()] += curvature.of(its.logits(stream.hidden()));
        }
    }

    private LayerwiseModel changed(int change) {
        ModelEdit edit = new ModelEdit(model);
        changes.get(change).edit().accept(edit);
        return runner(edit);
    }

    private LayerwiseModel runner(TensorSource source) {
        return LayerwiseModel.of(new DecodedTensors(source), context.workers());
    }
}
