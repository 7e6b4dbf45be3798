package dev.lathe.compress;

import dev.lathe.tensor.Workers;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * What a transform works with.
 *
 * @param calibration token texts that the model is run on; empty where the recipe was given none
 * @param workers the threads that compute
 * @param progress told what is done
 * @param cancelled asked between layers; a transform that hears yes throws {@link
 *     java.util.concurrent.CancellationException}
 */
public record TransformContext(
        List<int[]> calibration, Workers workers, CompressionProgress progress, BooleanSupplier cancelled) {
    /** Copies the list. */
    public TransformContext {
        calibration = List.copyOf(calibration);
    }

    /** A context without progress or cancelling. */
    public static TransformContext of(List<int[]> calibration, Workers workers) {
        return new TransformContext(calibration, workers, CompressionProgress.NONE, () -> false);
    }

    /**
     * The calibration texts of a transform that cannot do without.
     *
     * @throws IllegalArgumentException if there are none
     */
    public List<int[]> requireCalibration(String transform) {
        if (calibration.isEmpty()) {
            throw new IllegalArgumentException(
                    transform + " needs calibration texts: add calibratedOn(Calibration.text(file)) to the recipe");
        }
        return calibration;
    }

    /**
     * Reports that a part is done, and ends the work if it was cancelled.
     *
     * @throws java.util.concurrent.CancellationException if it was
     */
    public void done(String step, int part, int parts) {
        progress.done(step, part, parts);
        if (cancelled.getAsBoolean()) {
            throw new java.util.concurrent.CancellationException(
                    step + " was cancelled after part " + part + " of " + parts);
        }
    }
}
