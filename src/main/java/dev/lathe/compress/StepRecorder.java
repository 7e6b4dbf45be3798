package dev.lathe.compress;

import dev.lathe.figures.Stopwatch;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.tensor.FloatMatrix;
import java.util.ArrayList;
import java.util.List;

/** Takes down what a transform does to a model, from its making to {@link #report}. Not thread-safe. */
public final class StepRecorder {
    private final ModelEdit model;
    private final String step;
    private final long parameters;
    private final long bytes;
    private final Stopwatch.Lap lap = Stopwatch.system().start();
    private final List<TensorReport> tensors = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    /** Looks at the model before the transform begins. */
    public StepRecorder(ModelEdit model, String step) {
        this.model = model;
        this.step = step;
        parameters = model.parameterCount();
        bytes = model.byteCount();
    }

    /**
     * A tensor was replaced by one of the same shape.
     *
     * @param before its elements before
     * @param after its elements now
     */
    public void replaced(String name, FloatMatrix before, FloatMatrix after, String note) {
        double change = 0;
        double total = 0;
        for (int i = 0; i < before.rows() * before.columns(); i++) {
            double difference = (double) after.data()[i] - before.data()[i];
            change += difference * difference;
            total += (double) before.data()[i] * before.data()[i];
        }
        add(name, change == 0 ? 0 : Math.sqrt(change / total), note);
    }

    /** A tensor was replaced by one of another shape. */
    public void reshaped(String name, String note) {
        add(name, Double.NaN, note);
    }

    private void add(String name, double error, String note) {
        TensorInfo tensor = model.require(name);
        add(new TensorReport(name, tensor.type(), tensor.dimensions(), tensor.byteCount(), error, note));
    }

    /** A tensor of which all is known. */
    public void add(TensorReport tensor) {
        tensors.add(tensor);
    }

    /** Something the caller should know. */
    public void note(String text) {
        notes.add(text);
    }

    /** What was done since the beginning. */
    public StepReport report() {
        return new StepReport(
                step, parameters, model.parameterCount(), bytes, model.byteCount(), lap.seconds(), tensors, notes);
    }
}
