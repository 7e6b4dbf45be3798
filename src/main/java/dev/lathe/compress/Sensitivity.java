package dev.lathe.compress;

import dev.lathe.gguf.TensorSource;
import dev.lathe.model.decoder.LayerwiseModel;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Measures what changing one matrix at a time does to a model's predictions: sequences run through the model once, and once
 * more from each changed matrix on. A layer's weights are in memory, and the rows of one sequence for each matrix.
 */
public final class Sensitivity {
    private static final int TEXTS = 4;
    private static final int TOKENS = 256;

    private final TensorSource model;
    private final TransformContext context;
    private final List<Change> changes;
    private final double[] losses;

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

    private Sensitivity(TensorSource model, TransformContext context, List<Change> changes) {
        this.model = model;
        this.context = context;
        this.changes = changes;
        losses = new double[changes.size()];
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
        for (int i = 0; i < sensitivity.losses.length; i++) {
            sensitivity.losses[i] /= tokens;
        }
        return sensitivity.losses;
    }

    private void add(int[] text) throws IOException {
        LayerSweep sweep = LayerSweep.of(new DecodedTensors(model), List.of(text), context.workers());
        List<Integer> changed = new ArrayList<>(); // which change each sequence of rows but the first has gone through
        for (int change = 0; change < changes.size(); change++) {
            Place place = changes.get(change).place();
            if (place == Place.EMBEDDING || place == Place.EMBEDDING_AND_HEAD) {
                changed.add(change);
                sweep.add(LayerSweep.of(changed(change), List.of(text), context.workers())
                        .hidden());
            }
        }
        while (!sweep.isAtEnd()) {
            int layer = sweep.layer();
            List<FloatMatrix> before = List.of(sweep.hidden().getFirst());
            List<FloatMatrix> behind = new ArrayList<>();
            for (int change = 0; change < changes.size(); change++) {
                if (changes.get(change).place() == Place.LAYER
                        && changes.get(change).layer() == layer) {
                    changed.add(change);
                    behind.addAll(LayerSweep.from(changed(change), layer, false, before, context.workers())
                            .to(layer + 1)
                            .hidden());
                }
            }
            sweep.advance();
            sweep.add(behind);
        }
        addUp(sweep.hidden(), changed);
    }

    /** Adds how far the logits are from those of the first rows. */
    private void addUp(List<FloatMatrix> hidden, List<Integer> changed) throws IOException {
        LayerwiseModel.Head head = head(new DecodedTensors(model));
        LogitCurvature curvature = new LogitCurvature(head.logits(hidden.getFirst()));
        for (int change = 0; change < changes.size(); change++) {
            if (changes.get(change).place() == Place.HEAD) {
                losses[change] += curvature.of(head(changed(change)).logits(hidden.getFirst()));
            }
        }
        for (int i = 0; i < changed.size(); i++) {
            int change = changed.get(i);
            boolean isHead = changes.get(change).place() == Place.EMBEDDING_AND_HEAD;
            LayerwiseModel.Head its = isHead ? head(changed(change)) : head;
            losses[change] += curvature.of(its.logits(hidden.get(i + 1)));
        }
    }

    private TensorSource changed(int change) {
        ModelEdit edit = new ModelEdit(model);
        changes.get(change).edit().accept(edit);
        return new DecodedTensors(edit);
    }

    private LayerwiseModel.Head head(TensorSource source) throws IOException {
        return LayerwiseModel.of(source, context.workers()).head();
    }
}
