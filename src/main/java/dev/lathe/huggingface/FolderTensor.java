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
import java.util.TreeMap;

/**
 * A tensor as a GGUF file has it, made of those of the folder.
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
    interface Content {
        MemorySegment map(FolderWeights files, long byteOffset, long byteCount, Arena arena) throws IOException;
    }

    MemorySegment map(FolderWeights files, long byteOffset, long byteCount, Arena arena) throws IOException {
        return content.map(files, byteOffset, byteCount, arena);
    }

    /** All tensors of a folder, by the names that they have here. */
    static Map<String, FolderTensor> all(
            FolderWeights files, Config config, Family family, List<Safetensors> denseFiles) {
        List<FolderTensor> tensors = new ArrayList<>();
        Map<String, Map<Integer, TensorView>> experts = new LinkedHashMap<>();
        Map<String, List<TensorView>> packed = new LinkedHashMap<>();
        for (StoredTensor stored : files.tensors()) {
            Optional<String> own = config.isTextPart() ? TextPart.name(stored.name()) : Optional.of(stored.name());
            Optional<Family.ExpertMatrix> expert = own.flatMap(name -> family.expert(name, config));
            if (expert.isPresent()) {
                put(experts, expert.get(), stored, family.expertCount(config));
                continue;
            }
            own.flatMap(name -> family.rename(name, config))
                    .map(name -> family.arrange(name, TensorView.of(stored), config))
                    .ifPresent(arranged -> arranged.forEach((name, parts) -> {
                        if (Mxfp4Tensor.isPart(name)) {
                            packed.put(name, parts);
                        } else {
                            tensors.add(of(name, parts, family.normOffset()));
                        }
                    }));
        }
        experts.forEach((name, matrices) -> tensors.add(stacked(name, matrices, family.expertCount(config))));
        tensors.addAll(Mxfp4Tensor.all(packed));
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
            Map<String, Map<Integer, TensorView>> experts, Family.ExpertMatrix place, StoredTensor stored, int count) {
        if (place.expert() >= count) {
            throw new JsonException("tensor " + stored.name() + " belongs to expert " + place.expert()
                    + ", the configuration has " + count);
        }
        if (stored.shape().size() != 2) {
            throw new JsonException(
                    "tensor " + stored.name() + " has " + stored.shape().size() + " axes, expected 2");
        }
        experts.computeIfAbsent(place.name(), _ -> new TreeMap<>())
                .put(place.expert(), TensorView.of(stored).stacked());
    }

    private static FolderTensor vector(String name, float[] values) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[Float.BYTES * values.length]);
        MemorySegment.copy(values, 0, bytes, FLOAT, 0, values.length);
        return new FolderTensor(
                new TensorInfo(name, TensorType.F32, List.of((long) values.length), 0, 0),
                (_, byteOffset, byteCount, _) -> bytes.asSlice(byteOffset, byteCount));
    }

    /** The matrices of a layer's experts as one tensor. */
    private static FolderTensor stacked(String name, Map<Integer, TensorView> experts, int count) {
        for (int i = 0; i < count; i++) {
            if (!experts.containsKey(i)) {
                throw new JsonException("tensor " + name + " lacks the matrix of expert " + i);
            }
        }
        return of(name, List.copyOf(experts.values()), 0);
    }

    /** What views hold, one after the other along the first axis; in F32 what is added or multiplied elementwise. */
    private static FolderTensor of(String name, List<TensorView> parts, float normOffset) {
        TensorView first = parts.getFirst();
        List<Long> dimensions = dimensions(name, parts);
        TensorInfo info = new TensorInfo(name, type(first.stored()), dimensions, 0, 0);
        FolderTensor tensor = new FolderTensor(
                info, (files, byteOffset, byteCount, arena) -> joined(files, parts, byteOffset, byteCount, arena));
        if (dimensions.size() == 1) {
            return tensor.widened(name.endsWith("norm.weight") ? normOffset : 0);
        }
        return ADDED.contains(name) || name.endsWith(".bias") ? tensor.widened(0) : tensor;
    }

    /** Lengths of the axes, the contiguous one first. */
    private static List<Long> dimensions(String name, List<TensorView> parts) {
        TensorView first = parts.getFirst();
        List<Long> shape = new ArrayList<>(first.shape());
        if (shape.isEmpty()) {
            throw new JsonException("tensor " + first.stored().name() + " is a single number");
        }
        for (TensorView part : parts.subList(1, parts.size())) {
            List<Long> more = part.shape();
            if (more.size() != shape.size()
                    || !more.subList(1, more.size()).equals(shape.subList(1, shape.size()))
                    || part.stored().type() != first.stored().type()) {
                throw new JsonException("tensor " + part.stored().name() + " is "
                        + part.stored().type() + " " + part.shape() + ", another part of " + name + " is "
                        + first.stored().type() + " " + first.shape());
            }
            shape.set(0, Math.addExact(shape.getFirst(), more.getFirst()));
        }
        return shape.reversed();
    }

    private static MemorySegment joined(
            FolderWeights files, List<TensorView> parts, long byteOffset, long byteCount, Arena arena)
            throws IOException {
        int size = parts.getFirst().stored().type().byteCount();
        long from = byteOffset / size;
        long count = (byteOffset + byteCount + size - 1) / size - from;
        MemorySegment all = null;
        long before = 0;
        for (TensorView part : parts) {
            long first = Math.max(from, before);
            long end = Math.min(from + count, before + part.elementCount());
            if (first == from && end == from + count) {
                return part.map(files, first - before, count, arena).asSlice(byteOffset - from * size, byteCount);
            }
            if (first < end) {
                all = all == null ? arena.allocate(count * size, Long.BYTES) : all;
                try (Arena reading = Arena.ofConfined()) {
                    MemorySegment some = part.map(files, first - before, end - first, reading);
                    MemorySegment.copy(some, 0, all, (first - from) * size, (end - first) * size);
                }
            }
            before += part.elementCount();
        }
        return (all == null ? arena.allocate(0) : all).asSlice(byteOffset - from * size, byteCount);
    }

    private static TensorType type(StoredTensor stored) {
        return switch (stored.type()) {
            case F32 -> TensorType.F32;
            case F16 -> TensorType.F16;
            case BF16 -> TensorType.BF16;
            default ->
                throw new JsonException("tensor " + stored.name() + " is " + stored.type()
                        + "; read are F32, F16, BF16 and matrices in F8_E4M3 with their factors");
        };
    }

    /** What a tensor of one number holds. */
    static float number(FolderWeights files, StoredTensor stored) throws IOException {
        if (TensorView.of(stored).elementCount() != 1) {
            throw new JsonException("tensor " + stored.name() + " is " + stored.shape() + ", a number is expected");
        }
        try (Arena arena = Arena.ofConfined()) {
            return number(files.map(stored, 0, stored.byteCount(), arena), stored, 0);
        }
    }

    /** One of a tensor's numbers. */
    static float number(MemorySegment bytes, StoredTensor stored, long index) {
        return number(bytes, type(stored), index);
    }

    private static float number(MemorySegment stored, TensorType type, long index) {
        return switch (type) {
            case F16 -> Float.float16ToFloat(stored.getAtIndex(SHORT, index));
            case BF16 -> Float.intBitsToFloat(stored.getAtIndex(SHORT, index) << Short.SIZE);
            default -> stored.getAtIndex(FLOAT, index);
        };
    }

    /** The same in F32, with something added to each number. */
    private FolderTensor widened(float offset) {
        TensorType type = info.type();
        if (type == TensorType.F32 && offset == 0) {
            return this;
        }
        long elements = info.byteCount() / (type == TensorType.F32 ? Float.BYTES : Short.BYTES);
        if (elements > MAX_VECTOR) {
            throw new JsonException("tensor " + info.name() + " has " + elements + " numbers, more than " + MAX_VECTOR);
        }
        return new FolderTensor(
                new TensorInfo(info.name(), TensorType.F32, info.dimensions(), 0, 0),
                (files, byteOffset, byteCount, _) -> {
                    MemorySegment result = MemorySegment.ofArray(new byte[(int) elements * Float.BYTES]);
                    try (Arena arena = Arena.ofConfined()) {
                        MemorySegment stored = content.map(files, 0, info.byteCount(), arena);
                        for (int i = 0; i < elements; i++) {
                            result.setAtIndex(FLOAT, i, number(stored, type, i) + offset);
                        }
                    }
                    return result.asSlice(byteOffset, byteCount);
                });
    }
}
