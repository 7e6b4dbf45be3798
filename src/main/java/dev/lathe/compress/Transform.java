package dev.lathe.compress;

import java.io.IOException;

/** One step that makes a model smaller. Immutable and thread-safe. */
public interface Transform {
    /** What it is and with which settings, in a few words: the step's name in reports and in the file. */
    String name();

    /** Where it belongs in a recipe; steps of an earlier stage must come first. */
    Stage stage();

    /** Whether a saved file names the step; not needed where the file's own keys say the same. */
    default boolean isRecorded() {
        return true;
    }

    /**
     * Edits the model in place. After a failure the edit is of no more use; the source it was made of is as it was.
     *
     * @param recorder is told what is done to which tensors, and what the caller should know
     * @throws IllegalArgumentException if the model or the calibration does not suit; says why and what would
     * @throws IOException if the model's source or the calibration text cannot be read
     */
    void edit(ModelEdit model, TransformContext context, StepRecorder recorder) throws IOException;

    /**
     * Edits the model as {@link #edit} does.
     *
     * @return what was done
     */
    default StepReport apply(ModelEdit model, TransformContext context) throws IOException {
        StepRecorder recorder = new StepRecorder(model, name());
        edit(model, context, recorder);
        return recorder.report();
    }

    /** The order of transforms: shapes first, numbers last. */
    enum Stage {
        /** Changes which rows, columns and layers there are. */
        STRUCTURE,
        /** Replaces matrices by products of smaller ones. */
        FACTORS,
        /** Sets weights to zero. */
        SPARSITY,
        /** Changes how numbers are encoded. */
        ENCODING
    }
}
