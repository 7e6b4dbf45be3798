package dev.lathe.compress;

import dev.lathe.gguf.TensorInfo;
import dev.lathe.gguf.TensorSource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Some parts of a tensor along its last dimension: rows of a matrix, matrices of a stack. Immutable. */
final class TensorParts {
    private final TensorInfo tensor;
    private final int[] chosen;
    private final long partBytes;

    private TensorParts(TensorInfo tensor, int[] chosen) {
        this.tensor = tensor;
        this.chosen = chosen;
        partBytes = tensor.byteCount() / tensor.dimensions().getLast();
    }

    /**
     * Parts of a tensor.
     *
     * @throws IllegalArgumentException if a part is in the middle of a block, or there is none with its number
     */
    static TensorParts of(TensorInfo tensor, int... chosen) {
        long count = tensor.dimensions().getLast();
        if (tensor.dimensions().size() == 1 && tensor.type().blockSize() > 1) {
            throw new IllegalArgumentException("tensor " + tensor.name() + " of type " + tensor.type()
                    + " is a vector in blocks, of which no single element can be kept");
        }
        for (int part : chosen) {
            if (part < 0 || part >= count) {
                throw new IllegalArgumentException(
                        "tensor " + tensor.name() + " has parts 0 to " + (count - 1) + ", not " + part);
            }
        }
        return new TensorParts(tensor, chosen.clone());
    }

    /** Some of these parts. */
    TensorParts parts(int... ofThese) {
        int[] both = new int[ofThese.length];
        for (int i = 0; i < both.length; i++) {
            both[i] = chosen[ofThese[i]];
        }
        return new TensorParts(tensor, both);
    }

    List<Long> dimensions() {
        List<Long> dimensions = new ArrayList<>(tensor.dimensions());
        dimensions.set(dimensions.size() - 1, (long) chosen.length);
        return dimensions;
    }

    /** The parts of the tensor's content, one after the other. */
    MemorySegment copy(MemorySegment content) {
        MemorySegment copy = Arena.ofAuto().allocate(Math.multiplyExact(partBytes, chosen.length));
        for (int i = 0; i < chosen.length; i++) {
            MemorySegment.copy(content, chosen[i] * partBytes, copy, i * partBytes, partBytes);
        }
        return copy;
    }

    /** A range of the parts' bytes, as they stand one after the other; a copy where they do not in the source. */
    MemorySegment map(TensorSource source, long byteOffset, long byteCount, Arena arena) throws IOException {
        if (byteCount == 0 || (byteOffset + byteCount - 1) / partBytes == byteOffset / partBytes) {
            return source.map(tensor, inSource(byteOffset), byteCount, arena);
        }
        MemorySegment copy = arena.allocate(byteCount, Long.BYTES);
        for (long done = 0; done < byteCount; ) {
            long count = Math.min(partBytes - (byteOffset + done) % partBytes, byteCount - done);
            try (Arena reading = Arena.ofConfined()) {
                MemorySegment part = source.map(tensor, inSource(byteOffset + done), count, reading);
                MemorySegment.copy(part, 0, copy, done, count);
            }
            done += count;
        }
        return copy;
    }

    private long inSource(long offset) {
        return chosen[Math.toIntExact(offset / partBytes)] * partBytes + offset % partBytes;
    }
}
