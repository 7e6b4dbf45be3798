package dev.lathe.huggingface;

import dev.lathe.gguf.TensorInfo;
import dev.lathe.safetensors.Safetensors;
import dev.lathe.safetensors.StoredTensor;
import dev.lathe.tensor.TensorType;
import dev.lathe.text.json.JsonException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A tensor as a GGUF file has it, made of one of the folder.
 *
 * @param info what it is
 * @param content gives some of its bytes
 */
record FolderTensor(TensorInfo info, Content content) {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int MAX_VECTOR = 1 << 24;

    /** What is added to embeddings: llama.cpp adds F32 only. */
    private static final Set<String> ADDED = Set.of("position_embd.weight", "token_types.weight");

    /** Bytes of a tensor. */
    @FunctionalInterface
    private interface Content {
        MemorySegment map(Safetensors files, long byteOffset, long byteCount, Arena arena) throws IOException;
    }

    MemorySegment map(Safetensors files, long byteOffset, long byteCount, Arena arena) throws IOException {
        return content.map(files, byteOffset, byteCount, arena);
    }

    /** All tensors of a folder, by the names that they have here. */
    static Map<String, FolderTensor> all(
            Safetensors files, Config config, Family family, List<Safetensors> denseFiles) {
        List<FolderTensor> tensors = new ArrayList<>();
        Map<String, StoredTensor[]> experts = new LinkedHashMap<>();
        for (StoredTensor stored : files.tensors()) {
            Optional<Family.ExpertMatrix> expert = family.expert(stored.name());
            if (expert.isPresent()) {
                put(experts, expert.get(), stored, family.expertCount(config));
            } else {
                family.rename(stored.name(), config).ifPresent(name -> {
                    FolderTensor tensor = of(name, stored, config, family);
                    tensors.add(ADDED.contains(name) ? tensor.widened() : tensor);
                });
            }
        }
        experts.forEach((name, matrices) -> tensors.add(stacked(name, matrices)));
        for (int i = 0; i < denseFiles.size(); i++) {
            tensors.add(dense("dense_" + (i + 2) + ".weight", denseFiles.get(i)));
        }
        family.vectors(config).forEach((name, values) -> tensors.add(vector(name, values)));
        return ModelFolder.byName(tensors);
    }

    /** The matrix of a dense layer, which is in a file of its own. */
    private static FolderTensor dense(String name, Safetensors file) {
        StoredTensor stored =
                file.tensors().size() == 1 ? file.tensor("linear.weight").orElse(null) : null;
        if (stored == null || stored.shape().size() != 2) {
            throw new JsonException(
                    "the file of " + name + " has " + file.tensors() + ", one matrix linear.weight is expected");
        }
        return new FolderTensor(
                new TensorInfo(name, type(stored), stored.shape().reversed(), 0, 0),
                (_, byteOffset, byteCount, arena) -> file.map(stored, byteOffset, byteCount, arena));
    }

    private static void put(
            Map<String, StoredTensor[]> experts, Family.ExpertMatrix place, StoredTensor stored, int count) {
        if (place.expert() >= count) {
            throw new JsonException("tensor " + stored.name() + " belongs to expert " + place.expert()
                    + ", the configuration has " + count);
        }
        experts.computeIfAbsent(place.name(), _ -> new StoredTensor[count])[place.expert()] = stored;
    }

    private static FolderTensor vector(String name, float[] values) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[Float.BYTES * values.length]);
        MemorySegment.copy(values, 0, bytes, FLOAT, 0, values.length);
        return new FolderTensor(
                new TensorInfo(name, TensorType.F32, List.of((long) values.length), 0, 0),
                (_, byteOffset, byteCount, _) -> bytes.asSlice(byteOffset, byteCount));
    }

    /** The matrices of a layer's experts as one tensor. */
    private static FolderTensor stacked(String name, StoredTensor[] experts) {
        StoredTensor first = experts[0];
        for (int i = 0; i < experts.length; i++) {
            if (experts[i] == null || first == null) {
                throw new JsonException("tensor " + name + " lacks the matrix of expert " + (first == null ? 0 : i));
            }
            if (!experts[i].shape().equals(first.shape()) || experts[i].type() != first.type()) {
                throw new JsonException("tensor " + experts[i].name() + " is " + experts[i].type() + " "
                        + experts[i].shape() + ", that of the first expert is " + first.type() + " " + first.shape());
            }
        }
        if (first.shape().size() != 2) {
            throw new JsonException(
                    "tensor " + first.name() + " has " + first.shape().size() + " axes, expected 2");
        }
        List<Long> dimensions = List.of(first.shape().get(1), first.shape().get(0), (long) experts.length);
        return new FolderTensor(
                new TensorInfo(name, type(first), dimensions, 0, 0),
                (files, byteOffset, byteCount, arena) -> joined(files, experts, byteOffset, byteCount, arena));
    }

    private static MemorySegment joined(
            Safetensors files, StoredTensor[] parts, long byteOffset, long byteCount, Arena arena) throws IOException {
        long size = parts[0].byteCount();
        int part = (int) (byteOffset / size);
        if (byteOffset + byteCount <= (part + 1) * size) {
            return files.map(parts[part], byteOffset - part * size, byteCount, arena);
        }
        MemorySegment all = arena.allocate(byteCount, Long.BYTES);
        for (long done = 0; done < byteCount; ) {
            long from = byteOffset + done;
            part = (int) (from / size);
            long count = Math.min((part + 1) * size - from, byteCount - done);
            try (Arena reading = Arena.ofConfined()) {
                MemorySegment.copy(files.map(parts[part], from - part * size, count, reading), 0, all, done, count);
            }
            done += count;
        }
        return all;
    }

    private static TensorType type(StoredTensor stored) {
        return switch (stored.type()) {
            case F32 -> TensorType.F32;
            case F16 -> TensorType.F16;
            case BF16 -> TensorType.BF16;
            default ->
                throw new JsonException(
                        "tensor " + stored.name() + " is " + stored.type() + "; read are F32, F16 and BF16");
        };
    }

    private static FolderTensor of(String name, StoredTensor stored, Config config, Family family) {
        TensorType type = type(stored);
        int heads = family.interleavedHeads(name, config);
        long rows = stored.shape().isEmpty() ? 0 : stored.shape().getFirst();
        if (heads > 0 && rows != (long) heads * config.headSize() || heads > 0 && config.headSize() % 2 != 0) {
            throw new JsonException("tensor " + stored.name() + " has " + rows + " rows, the configuration demands "
                    + heads + " heads of " + config.headSize());
        }
        boolean isRow = name.endsWith(".ffn_gate_inp_shexp.weight") && rows == 1; // GGUF files have a vector
        List<Long> dimensions =
                isRow ? List.of(stored.shape().getLast()) : stored.shape().reversed();
        int skipped = family.skippedRows(name, config);
        if (skipped > 0) {
            return withoutFirstRows(name, type, stored, skipped);
        }
        if (dimensions.size() == 1) {
            if (dimensions.getFirst() > MAX_VECTOR) {
                throw new JsonException(
                        "tensor " + stored.name() + " is a vector of " + dimensions.getFirst() + " numbers");
            }
            float offset = name.endsWith("norm.weight") ? family.normOffset() : 0;
            return new FolderTensor(
                    new TensorInfo(name, TensorType.F32, dimensions, 0, 0),
                    (files, byteOffset, byteCount, arena) ->
                            vector(files, stored, offset, heads).asSlice(byteOffset, byteCount));
        }
        TensorInfo info = new TensorInfo(name, type, dimensions, 0, 0);
        return heads == 0
                ? new FolderTensor(
                        info, (files, byteOffset, byteCount, arena) -> files.map(stored, byteOffset, byteCount, arena))
                : new FolderTensor(
                        info,
                        (files, byteOffset, byteCount, arena) ->
                                interleaved(files, stored, (int) (rows / heads), byteOffset, byteCount, arena));
    }

    private static FolderTensor withoutFirstRows(String name, TensorType type, StoredTensor stored, int skipped) {
        if (stored.shape().size() != 2 || stored.shape().getFirst() <= skipped) {
            throw new JsonException("tensor " + stored.name() + " is " + stored.shape() + ", expected a matrix of more"
                    + " than the " + skipped + " rows that belong to no position");
        }
        long rows = stored.shape().getFirst();
        long start = stored.byteCount() / rows * skipped;
        return new FolderTensor(
                new TensorInfo(name, type, List.of(stored.shape().get(1), rows - skipped), 0, 0),
                (files, byteOffset, byteCount, arena) -> files.map(stored, start + byteOffset, byteCount, arena));
    }

    /** The same in F32. */
    private FolderTensor widened() {
        long elements = info.byteCount() / (info.type() == TensorType.F32 ? Float.BYTES : Short.BYTES);
        if (info.type() == TensorType.F32 || elements > MAX_VECTOR) {
            return this;
        }
        return new FolderTensor(
                new TensorInfo(info.name(), TensorType.F32, info.dimensions(), 0, 0),
                (files, byteOffset, byteCount, _) -> {
                    MemorySegment result = MemorySegment.ofArray(new byte[(int) elements * Float.BYTES]);
                    try (Arena arena = Arena.ofConfined()) {
                        MemorySegment halves = content.map(files, 0, info.byteCount(), arena);
                        for (int i = 0; i < elements; i++) {
                            short half = halves.getAtIndex(SHORT, i);
                            result.setAtIndex(
                                    FLOAT,
                                    i,
                                    info.type() == TensorType.F16
                                            ? Float.float16ToFloat(half)
                                            : Float.intBitsToFloat(half << Short.SIZE));
                        }
                    }
                    return result.asSlice(byteOffset, byteCount);
                });
    }

    /** A vector as float32; in the order of interleaved heads where there are some. */
    private static MemorySegment vector(Safetensors files, StoredTensor stored, float offset, int heads)
            throws IOException {
        int size = Math.toIntExact(stored.shape().getLast());
        MemorySegment result = MemorySegment.ofArray(new byte[Math.multiplyExact(Float.BYTES, size)]);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = files.map(stored, 0, stored.byteCount(), arena);
            for (int i = 0; i < size; i++) {
                int from = heads == 0 ? i : sourceRow(i, size / heads);
                float value =
                        switch (stored.type()) {
                            case F16 -> Float.float16ToFloat(bytes.getAtIndex(SHORT, from));
                            case BF16 -> Float.intBitsToFloat(bytes.getAtIndex(SHORT, from) << Short.SIZE);
                            default -> bytes.getAtIndex(FLOAT, from);
                        };
                result.setAtIndex(FLOAT, i, value + offset);
            }
        }
        return result;
    }

    /** Rows of a head in pairs (0, half), (1, half + 1) and so on, which a GGUF file has as neighbours. */
    private static MemorySegment interleaved(
            Safetensors files, StoredTensor stored, int headSize, long byteOffset, long byteCount, Arena arena)
            throws IOException {
        long rowBytes = stored.byteCount() / stored.shape().getFirst();
        MemorySegment result = arena.allocate(byteCount, Long.BYTES);
        try (Arena reading = Arena.ofConfined()) {
            MemorySegment source = files.map(stored, 0, stored.byteCount(), reading);
            for (long done = 0; done < byteCount; ) {
                long row = (byteOffset + done) / rowBytes;
                long inRow = (byteOffset + done) % rowBytes;
                long count = Math.min(rowBytes - inRow, byteCount - done);
                MemorySegment.copy(source, sourceRow(row, headSize) * rowBytes + inRow, result, done, count);
                done += count;
            }
        }
        return result;
    }

    private static int sourceRow(int row, int headSize) {
        return (int) sourceRow((long) row, headSize);
    }

    private static long sourceRow(long row, int headSize) {
        long head = row / headSize;
        long inHead = row % headSize;
        return head * headSize + inHead / 2 + inHead % 2 * (headSize / 2);
    }
}
