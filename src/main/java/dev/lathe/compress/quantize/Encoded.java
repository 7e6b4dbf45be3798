package dev.lathe.compress.quantize;

import dev.lathe.compress.TensorReport;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.tensor.TensorType;
import java.lang.foreign.MemorySegment;

/**
 * A matrix in its new type.
 *
 * @param type the type
 * @param content its blocks, row after row
 * @param relativeError root mean square of the change over that of the weights before; 0 where both are zero
 */
record Encoded(TensorType type, MemorySegment content, double relativeError) {
    TensorReport report(TensorInfo before, String note) {
        return new TensorReport(before.name(), type, before.dimensions(), content.byteSize(), relativeError, note);
    }
}
