package dev.lathe.compress;

import java.util.List;

/**
 * What one transform did.
 *
 * @param step the transform's name
 * @param parametersBefore elements of all tensors before
 * @param parametersAfter elements of all tensors after
 * @param bytesBefore bytes of all tensors before
 * @param bytesAfter bytes of all tensors after
 * @param seconds wall time
 * @param tensors tensors that were changed, in their order
 * @param notes what the caller should know: fallbacks, and gains that did not come
 */
public record StepReport(
        String step,
        long parametersBefore,
        long parametersAfter,
        long bytesBefore,
        long bytesAfter,
        double seconds,
        List<TensorReport> tensors,
        List<String> notes) {
    /** Copies the lists. */
    public StepReport {
        tensors = List.copyOf(tensors);
        notes = List.copyOf(notes);
    }
}
