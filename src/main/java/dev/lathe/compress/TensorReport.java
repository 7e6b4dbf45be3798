package dev.lathe.compress;

import dev.lathe.tensor.TensorType;
import java.util.List;

/**
 * What became of one tensor.
 *
 * @param name its name
 * @param type its type now
 * @param dimensions its lengths now, the contiguous axis first
 * @param byteCount its bytes now
 * @param relativeError root mean square of its change over that of its weights before; NaN where the shapes cannot be compared
 * @param note what is special about it, or empty
 */
public record TensorReport(
        String name, TensorType type, List<Long> dimensions, long byteCount, double relativeError, String note) {
    /** Copies the list. */
    public TensorReport {
        dimensions = List.copyOf(dimensions);
    }
}
