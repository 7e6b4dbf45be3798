package dev.lathe.compress;

import java.util.ArrayList;
import java.util.List;

/** Writes a transform's report: begun before it changes anything, finished after. */
final class StepLog {
    private static final double NANOS = 1e9;

    private final String step;
    private final ModelEdit model;
    private final long start = System.nanoTime();
    private final long parameters;
    private final long bytes;
    private final List<TensorReport> tensors = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    StepLog(String step, ModelEdit model) {
        this.step = step;
        this.model = model;
        parameters = model.parameterCount();
        bytes = model.byteCount();
    }

    /** A tensor that was changed or added, as the model has it now. */
    void changed(String tensor, double relativeError, String note) {
        var info = model.require(tensor);
        tensors.add(new TensorReport(tensor, info.type(), info.dimensions(), info.byteCount(), relativeError, note));
    }

    void note(String note) {
        notes.add(note);
    }

    StepReport finish() {
        return new StepReport(
                step,
                parameters,
                model.parameterCount(),
                bytes,
                model.byteCount(),
                (System.nanoTime() - start) / NANOS,
                tensors,
                notes);
    }
}
