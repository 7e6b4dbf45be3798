package dev.lathe.compress.prune;

import dev.lathe.compress.LayerSweep;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.StepRecorder;
import dev.lathe.compress.Transform;
import dev.lathe.compress.TransformContext;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.model.decoder.LayerwiseModel;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Removes whole layers, one at a time: the one with the least influence, 1 - cos(hidden row before, hidden row after) on
 * average over the calibration tokens. The down matrix of the layer before it is refitted by damped least squares to
 * give what both gave, if that helps on texts held out. The first and the last layer stay. Made by {@link Prune}. Immutable and
 * thread-safe.
 *
 * <p>Source: Men et al. 2024, "ShortGPT: Layers in Large Language Models are More Redundant Than You Expect", arXiv 2403.03853,
 * section 3; the refit is this library's.
 */
public final class LayerPruning implements Transform {
    private final int count;
    private final boolean compensated;

    LayerPruning(int count, boolean compensated) {
        if (count < 0) {
            throw new IllegalArgumentException("removing " + count + " layers: expected 0 or more");
        }
        this.count = count;
        this.compensated = compensated;
    }

    /** The same without refitting the layer before. */
    public LayerPruning withoutCompensation() {
        return new LayerPruning(count, false);
    }

    @Override
    public String name() {
        return "prune " + count + (count == 1 ? " layer" : " layers") + (compensated ? "" : " without compensation");
    }

    @Override
    public Stage stage() {
        return Stage.STRUCTURE;
    }

    @Override
    public void edit(ModelEdit model, TransformContext context, StepRecorder recorder) throws IOException {
        int layers = Shapes.layers(model).size();
        if (count > Math.max(0, layers - 2)) {
            throw new IllegalArgumentException("removing " + count + " of " + layers
                    + " layers: the first and the last stay, so at most " + Math.max(0, layers - 2));
        }
        if (model.metadata().contains(LatheFormat.SIZES_KEY)) {
            throw new IllegalArgumentException(name() + " on a sliced model: its layers have hidden rows of different"
                    + " lengths; remove layers before slicing");
        }
        List<Integer> left = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            left.add(layer);
        }
        for (int i = 0; i < count; i++) {
            double[] influence = influence(model, context);
            int least = leastOfInner(influence);
            recorder.note(String.format(
                    Locale.ROOT,
                    "removed layer %d of the original, influence %.4f",
                    left.remove(least),
                    influence[least]));
            if (compensated) {
                refit(model, least, recorder, context);
            }
            LayerRemoval.remove(model, least);
            context.done(name(), i + 1, count);
        }
    }

    private static int leastOfInner(double[] influence) {
        int least = 1;
        for (int layer = 2; layer < influence.length - 1; layer++) {
            if (influence[layer] < influence[least]) {
                least = layer;
            }
        }
        return least;
    }

    /** 1 - the mean cosine between each layer's hidden rows before and after it. */
    private double[] influence(ModelEdit model, TransformContext context) throws IOException {
        LayerSweep sweep = LayerSweep.of(model, context.requireCalibration(name()), context.workers());
        double[] influence = new double[sweep.config().layers().size()];
        for (int layer = 0; layer < influence.length; layer++) {
            MeanCosine cosine = new MeanCosine();
            sweep.advance(cosine::add);
            influence[layer] = 1 - cosine.mean();
        }
        return influence;
    }

    /** The mean cosine between rows before and after a layer. */
    private static final class MeanCosine {
        private double sum;
        private long rows;

        void add(FloatMatrix before, FloatMatrix after) {
            for (int row = 0; row < before.rows(); row++) {
                sum += cosine(before.data(), after.data(), before.offset(row), before.columns());
            }
            rows += before.rows();
        }

        double mean() {
            return sum / rows;
        }
    }

    private static double cosine(float[] a, float[] b, int offset, int size) {
        double product = 0;
        double first = 0;
        double second = 0;
        for (int i = offset; i < offset + size; i++) {
            product += (double) a[i] * b[i];
            first += (double) a[i] * a[i];
            second += (double) b[i] * b[i];
        }
        return first == 0 || second == 0 ? 1 : product / Math.sqrt(first * second);
    }

    /** Lets the down matrix of the layer before give what the layer would have added. */
    private void refit(ModelEdit model, int layer, StepRecorder recorder, TransformContext context) throws IOException {
        LayerwiseModel runner = LayerwiseModel.of(model, context.workers());
        if (runner.config()
                .layers()
                .get(layer - 1)
                .arrangement()
                .afterFeedForward()
                .isPresent()) {
            throw new IllegalArgumentException(name() + ": a " + runner.config().family()
                    + " model norms what the down matrix gives, which no refit can pass: add withoutCompensation()");
        }
        if (runner.config().layers().get(layer - 1).feedForward().experts().isPresent()) {
            throw new IllegalArgumentException(name() + ": a " + runner.config().family()
                    + " model has experts and no one down matrix to refit: add withoutCompensation()");
        }
        String down = LayerRefit.matrix(layer);
        LayerRefit refit = LayerRefit.of(model, layer, context.requireCalibration(name()), context);
        if (refit.matrix().isPresent()) {
            FloatMatrix weights = model.floats(down);
            Weights.replace(model, down, refit.matrix().get());
            String note = String.format(
                    Locale.ROOT,
                    "refitted, loss on texts held out %.4f instead of %.4f",
                    refit.loss(),
                    refit.lossWithout());
            recorder.replaced(down, weights, refit.matrix().get(), note);
        } else {
            recorder.note(down + " stays as it is: no refit helps on texts held out");
        }
    }
}
