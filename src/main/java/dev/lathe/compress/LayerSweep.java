package dev.lathe.compress;

import dev.lathe.gguf.TensorSource;
import dev.lathe.model.ActivationObserver;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.decoder.LayerwiseModel;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/**
 * Calibration sequences on their way through a model, layer by layer. Whatever measures layers or edits them walks with it.
 *
 * <p>The hidden rows of all sequences are in memory, and the weights of one layer. They are read from the model when the rows
 * reach the layer, so an edit made before then counts: the error of one layer is seen by the next. The last layer runs only if
 * its rows are asked for. Without sequences no layer runs. Not thread-safe.
 */
public final class LayerSweep {
    private final LayerwiseModel model;
    private final Workers workers;
    private final int layers;
    private final List<FloatMatrix> hidden;
    private int layer;
    private boolean isBehindAttention;
    private boolean isLastToRun; // the rows stand before the last layer, though the sweep is at its end
    private IntConsumer done = layer -> {};

    private LayerSweep(LayerwiseModel model, Workers workers, List<FloatMatrix> hidden) {
        this.model = model;
        this.workers = workers;
        this.hidden = hidden;
        layers = model.config().layers().size();
    }

    /**
     * Begins with the embeddings of sequences.
     *
     * @param model what the sequences run through; may be edited on the way
     * @param workers the threads that compute; they stay the caller's
     * @throws IOException if the embedding cannot be read
     */
    public static LayerSweep of(TensorSource model, List<int[]> sequences, Workers workers) throws IOException {
        LayerwiseModel runner = LayerwiseModel.of(model, workers);
        return new LayerSweep(runner, workers, sequences.isEmpty() ? new ArrayList<>() : runner.embed(sequences));
    }

    /**
     * Begins at a layer.
     *
     * @param isBehindAttention whether the rows have been through its attention already
     * @param hidden for each sequence its rows there [tokens x hidden]
     */
    public static LayerSweep from(
            TensorSource model, int layer, boolean isBehindAttention, List<FloatMatrix> hidden, Workers workers) {
        LayerSweep sweep = new LayerSweep(LayerwiseModel.of(model, workers), workers, new ArrayList<>(hidden));
        sweep.layer = layer;
        sweep.isBehindAttention = isBehindAttention;
        return sweep;
    }

    /** Tells a context of each layer that is done, and stops where that was cancelled. */
    public LayerSweep reporting(TransformContext context, String step) {
        done = count -> context.done(step, count, layers);
        return this;
    }

    /** The shape of the model as its metadata say now. */
    public ModelConfig config() {
        return model.config();
    }

    /** The layer that the rows enter next; the number of layers at the end. */
    public int layer() {
        return layer;
    }

    /** Whether the rows have been through all layers. */
    public boolean isAtEnd() {
        return layer == layers;
    }

    /** The rows of each sequence where they stand [tokens x hidden]. */
    public List<FloatMatrix> hidden() throws IOException {
        runLast();
        return List.copyOf(hidden);
    }

    /** Takes further rows along, which stand where the others do. */
    public void add(List<FloatMatrix> rows) throws IOException {
        runLast();
        hidden.addAll(rows);
    }

    /** Puts others in place of the rows where they stand. */
    public void replaceHidden(UnaryOperator<FloatMatrix> change) throws IOException {
        runLast();
        hidden.replaceAll(change);
    }

    /** What the next layer reads, with Gram matrices at some sites. The rows stay where they are. */
    public ActivationStatistics statistics(Set<ActivationSite> gramSites) throws IOException {
        ActivationStatistics statistics = new ActivationStatistics();
        show(statistics.observer(gramSites, workers));
        return statistics;
    }

    /** Shows what the next layer reads. The rows stay where they are. */
    public void show(ActivationObserver observer) throws IOException {
        if (!hidden.isEmpty()) {
            LayerwiseModel.Layer current = model.layer(layer);
            hidden.forEach(rows -> current.run(rows, observer));
        }
    }

    /** Runs the next layer as it is now. */
    public void advance() throws IOException {
        if (layer + 1 == layers && !isBehindAttention) {
            isLastToRun = true;
        } else {
            run(ActivationObserver.NONE);
        }
        leave();
    }

    /** Runs the next layer as it is now; tells what it reads, with Gram matrices at some sites. */
    public ActivationStatistics advance(Set<ActivationSite> gramSites) throws IOException {
        ActivationStatistics statistics = new ActivationStatistics();
        run(statistics.observer(gramSites, workers));
        leave();
        return statistics;
    }

    /** Runs the next layer as it is now, and shows each sequence's rows before and after it. */
    public void advance(Passage passage) throws IOException {
        LayerwiseModel.Layer current = model.layer(layer);
        hidden.replaceAll(before -> {
            FloatMatrix after = current.run(before, ActivationObserver.NONE);
            passage.seen(before, after);
            return after;
        });
        leave();
    }

    /** Sees the rows of one sequence pass a layer. */
    @FunctionalInterface
    public interface Passage {
        /** The rows before the layer and after it [tokens x hidden]. */
        void seen(FloatMatrix before, FloatMatrix after);
    }

    /** Runs the attention of the next layer, or its feed-forward part if the rows stand between them. */
    public void advanceHalf(ActivationObserver observer) throws IOException {
        LayerwiseModel.Layer current = model.layer(layer);
        if (isBehindAttention) {
            hidden.replaceAll(rows -> current.runFeedForward(rows, observer));
            leave();
        } else {
            hidden.replaceAll(rows -> current.runAttention(rows, observer));
            isBehindAttention = true;
        }
    }

    /** Runs the layers up to one. */
    public LayerSweep to(int end) throws IOException {
        while (layer < end) {
            advance();
        }
        return this;
    }

    /** Runs all layers that are left. */
    public LayerSweep toEnd() throws IOException {
        return to(layers);
    }

    /** Measures all layers that are left, each on what it reads, with Gram matrices at some sites. */
    public void observe(IntFunction<Set<ActivationSite>> gramSites, LayerObserver observer) throws IOException {
        while (!isAtEnd()) {
            int current = layer;
            observer.observe(current, advance(gramSites.apply(current)));
        }
    }

    /** Measures a layer. */
    @FunctionalInterface
    public interface LayerObserver {
        /** Told what a layer reads. */
        void observe(int layer, ActivationStatistics read) throws IOException;
    }

    /**
     * Edits all layers that are left, each from what it reads when those before it are edited already.
     *
     * @param edited what the sweep runs on, or what it decodes
     * @param gramSites where the edit needs Gram matrices
     * @param recorder hears what is done
     */
    public void edit(
            ModelEdit edited, StepRecorder recorder, IntFunction<Set<ActivationSite>> gramSites, LayerEditor editor)
            throws IOException {
        while (!isAtEnd()) {
            ActivationStatistics read = statistics(gramSites.apply(layer));
            editor.edit(new LayerEdit(edited, layer, read, recorder, workers));
            advance();
        }
    }

    /** Edits a layer. */
    @FunctionalInterface
    public interface LayerEditor {
        /** Edits the layer's tensors, and the metadata where its shape changes. */
        void edit(LayerEdit layer) throws IOException;
    }

    private void run(ActivationObserver observer) throws IOException {
        if (hidden.isEmpty()) {
            return;
        }
        LayerwiseModel.Layer current = model.layer(layer);
        hidden.replaceAll(
                isBehindAttention
                        ? rows -> current.runFeedForward(rows, observer)
                        : rows -> current.run(rows, observer));
    }

    private void runLast() throws IOException {
        if (isLastToRun) {
            isLastToRun = false;
            layer--;
            run(ActivationObserver.NONE);
            layer++;
        }
    }

    private void leave() {
        isBehindAttention = false;
        layer++;
        done.accept(layer);
    }
}
