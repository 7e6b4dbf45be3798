package dev.lathe.compress;

import dev.lathe.gguf.Metadata;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.gguf.TensorSource;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.codec.BlockCodec;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/**
 * A model with its blocks decoded to float32 wherever they are read: it computes with exactly the numbers that the blocks
 * hold, whether or not there is a kernel for their type. Takes no memory of its own.
 */
public final class DecodedTensors implements TensorSource {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final TensorSource source;

    /** Decodes what it reads of a model. */
    public DecodedTensors(TensorSource source) {
        this.source = source;
    }

    @Override
    public Metadata metadata() {
        return source.metadata();
    }

    @Override
    public List<TensorInfo> tensors() {
        return source.tensors().stream().map(DecodedTensors::decoded).toList();
    }

    @Override
    public Optional<TensorInfo> tensor(String name) {
        return source.tensor(name).map(DecodedTensors::decoded);
    }

    private static TensorInfo decoded(TensorInfo tensor) {
        return tensor.type().blockSize() == 1
                ? tensor
                : new TensorInfo(
                        tensor.name(), TensorType.F32, tensor.dimensions(), tensor.byteOffset(), tensor.fileIndex());
    }

    @Override
    public MemorySegment map(TensorInfo tensor, long byteOffset, long byteCount, Arena arena) throws IOException {
        TensorInfo encoded = source.tensor(tensor.name())
                .orElseThrow(() -> new IllegalArgumentException("there is no tensor " + tensor.name()));
        if (encoded.type().blockSize() == 1) {
            return source.map(encoded, byteOffset, byteCount, arena);
        }
        BlockCodec codec = BlockCodec.of(encoded.type());
        int blockSize = encoded.type().blockSize();
        long from = byteOffset / Float.BYTES / blockSize * blockSize;
        long to = (byteOffset + byteCount + Float.BYTES * blockSize - 1) / Float.BYTES / blockSize * blockSize;
        MemorySegment blocks = source.map(
                encoded, encoded.type().byteCount(from), encoded.type().byteCount(to - from), arena);
        MemorySegment floats = arena.allocate(Float.BYTES * (to - from), Float.BYTES);
        float[] block = new float[blockSize];
        for (long element = from; element < to; element += blockSize) {
            codec.decode(blocks, encoded.type().byteCount(element - from), block, 0, blockSize);
            MemorySegment.copy(block, 0, floats, FLOAT, Float.BYTES * (element - from), blockSize);
        }
        return floats.asSlice(byteOffset - Float.BYTES * from, byteCount);
    }
}
