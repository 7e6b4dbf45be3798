package dev.lathe.compress.quantize;

import dev.lathe.compress.TensorReport;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.tensor.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A matrix in its new type.
 *
 * @param type the type
 * @param content its blocks, row after row
 * @param relativeError root mean square of the change over that of the weights before; 0 where both are zero
 */
record Encoded(TensorType type, MemorySegment content, double relativeError) {
    /** Matrices of one shape, one below the other; the error is their quadratic mean. */
    static Encoded stacked(List<Encoded> parts) {
        long size = parts.getFirst().content().byteSize();
        MemorySegment all = Arena.ofAuto().allocate(size * parts.size());
        double squares = 0;
        for (int i = 0; i < parts.size(); i++) {
            all.asSlice(i * size, size).copyFrom(parts.get(i).content());
            squares += parts.get(i).relativeError() * parts.get(i).relativeError();
        }
        return new Encoded(parts.getFirst().type(), all, Math.sqrt(squares / parts.size()));
    }

    TensorReport report(TensorInfo before, String note) {
        return new TensorReport(before.name(), type, before.dimensions(), content.byteSize(), relativeError, note);
    }
}
