package dev.lathe.huggingface;

import dev.lathe.gguf.TensorInfo;
import dev.lathe.safetensors.ElementType;
import dev.lathe.tensor.TensorType;
import dev.lathe.text.json.JsonException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Matrices in MXFP4, which a folder holds as two tensors of bytes: {@code blocks}, [..., groups x 16], and {@code scales}, [...,
 * groups]. A byte holds two neighbours there, in a GGUF file two numbers 16 apart, after the scale of their group. Open Compute
 * Project, Microscaling Formats (MX) Specification 1.0, 2023, section 6.3.
 *
 * @param name what its parts are called before {@code .blocks} and {@code .scales}
 */
record Mxfp4Tensor(String name, TensorView blocks, TensorView scales) implements FolderTensor.Content {
    private static final String BLOCKS = ".blocks";
    private static final String SCALES = ".scales";
    private static final int CODE_BYTES = 16;
    private static final int NUMBERS = 2 * CODE_BYTES;
    private static final int BLOCK_BYTES = CODE_BYTES + 1;

    /** Whether a tensor is one of the two, by its name. */
    static boolean isPart(String name) {
        return name.endsWith(BLOCKS) || name.endsWith(SCALES);
    }

    /** The tensors that parts make. */
    static List<FolderTensor> all(Map<String, List<TensorView>> parts) {
        Set<String> names = new TreeSet<>();
        parts.keySet().forEach(name -> names.add(name.substring(0, name.lastIndexOf('.'))));
        List<FolderTensor> tensors = new ArrayList<>();
        for (String name : names) {
            tensors.add(new Mxfp4Tensor(name, only(parts, name + BLOCKS), only(parts, name + SCALES)).tensor());
        }
        return tensors;
    }

    private static TensorView only(Map<String, List<TensorView>> parts, String name) {
        List<TensorView> found = parts.getOrDefault(name, List.of());
        if (found.size() != 1 || found.getFirst().stored().type() != ElementType.U8) {
            throw new JsonException("a tensor of bytes is expected as " + name + ", found: "
                    + found.stream().map(TensorView::stored).toList());
        }
        return found.getFirst();
    }

    private FolderTensor tensor() {
        List<Long> shape = new ArrayList<>(scales.shape());
        List<Long> expected = new ArrayList<>(shape);
        expected.add((long) CODE_BYTES);
        if (shape.isEmpty() || !blocks.shape().equals(expected)) {
            throw new JsonException("tensor " + blocks.stored().name() + " is " + blocks.shape() + ", its scales are "
                    + shape + "; expected are " + CODE_BYTES + " bytes for each");
        }
        shape.set(shape.size() - 1, Math.multiplyExact(shape.getLast(), (long) NUMBERS));
        return new FolderTensor(new TensorInfo(name + ".weight", TensorType.MXFP4, shape.reversed(), 0, 0), this);
    }

    @Override
    public MemorySegment map(FolderWeights files, long byteOffset, long byteCount, Arena arena) throws IOException {
        long from = byteOffset / BLOCK_BYTES;
        long count = (byteOffset + byteCount + BLOCK_BYTES - 1) / BLOCK_BYTES - from;
        MemorySegment result = arena.allocate(count * BLOCK_BYTES, Long.BYTES);
        try (Arena reading = Arena.ofConfined()) {
            MemorySegment exponents = scales.map(files, from, count, reading);
            MemorySegment codes = blocks.map(files, from * CODE_BYTES, count * CODE_BYTES, reading);
            for (long i = 0; i < count; i++) {
                result.set(ValueLayout.JAVA_BYTE, i * BLOCK_BYTES, exponents.get(ValueLayout.JAVA_BYTE, i));
                for (int j = 0; j < CODE_BYTES; j++) {
                    int low = code(codes, i * NUMBERS + j);
                    int high = code(codes, i * NUMBERS + CODE_BYTES + j);
                    result.set(ValueLayout.JAVA_BYTE, i * BLOCK_BYTES + 1 + j, (byte) (low | high << 4));
                }
            }
        }
        return result.asSlice(byteOffset - from * BLOCK_BYTES, byteCount);
    }

    /** A number's four bits. */
    private static int code(MemorySegment codes, long number) {
        int both = codes.get(ValueLayout.JAVA_BYTE, number / 2);
        return (number % 2 == 0 ? both : both >> 4) & 15;
    }
}
