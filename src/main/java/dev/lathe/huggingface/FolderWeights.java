package dev.lathe.huggingface;

import dev.lathe.safetensors.ElementType;
import dev.lathe.safetensors.Safetensors;
import dev.lathe.safetensors.StoredTensor;
import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonNumber;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The tensors of a folder's files, where matrices in FP8 are the F32 matrices that they stand for. Immutable; owns no file. */
final class FolderWeights {
    /** What follows a matrix's name in the name of its factors: both multiply it, whatever they are called. */
    private static final List<String> SCALES = List.of("_scale_inv", "_scale");

    /** Factors of activations that were rounded too; here they are not. */
    private static final List<String> OF_ACTIVATIONS = List.of("input_scale", "activation_scale");

    private final Safetensors files;
    private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    private final Map<String, Float8Matrix> decoded = new LinkedHashMap<>();

    FolderWeights(Safetensors files, Config config) {
        this.files = files;
        List<Long> blockSize = blockSize(config);
        files.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
        for (StoredTensor tensor : files.tensors()) {
            if (tensor.type() == ElementType.F8_E4M3) {
                decode(tensor, blockSize);
            }
        }
    }

    private void decode(StoredTensor tensor, List<Long> blockSize) {
        String name = tensor.name();
        StoredTensor scales = SCALES.stream()
                .flatMap(suffix -> Optional.ofNullable(tensors.remove(name + suffix)).stream())
                .findFirst()
                .orElseThrow(() -> new JsonException("tensor " + name + " is " + tensor.type() + ", but its factors "
                        + name + SCALES.getFirst() + " or " + name + SCALES.getLast() + " are missing"));
        Float8Matrix matrix = Float8Matrix.of(tensor, scales, blockSize);
        decoded.put(name, matrix);
        tensors.put(name, matrix.asFloats());
        String layer = name.substring(0, name.lastIndexOf('.') + 1);
        OF_ACTIVATIONS.forEach(suffix -> tensors.remove(layer + suffix));
    }

    private static List<Long> blockSize(Config config) {
        return config.json()
                .findObject("quantization_config")
                .flatMap(quantization -> quantization.findArray("weight_block_size"))
                .map(FolderWeights::lengths)
                .orElse(List.of());
    }

    private static List<Long> lengths(JsonArray array) {
        List<Long> lengths = array.elements().stream()
                .map(element -> element instanceof JsonNumber number ? number.longValue() : 0L)
                .toList();
        if (lengths.size() != 2 || lengths.getFirst() < 1 || lengths.getLast() < 1) {
            throw new JsonException("'weight_block_size' is " + array + ", expected two lengths");
        }
        return lengths;
    }

    /** All tensors, in the order of the files. */
    List<StoredTensor> tensors() {
        return List.copyOf(tensors.values());
    }

    Optional<StoredTensor> tensor(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /** Some of a tensor's bytes: mapped, or made in the arena. */
    MemorySegment map(StoredTensor tensor, long byteOffset, long byteCount, Arena arena) throws IOException {
        Float8Matrix matrix = decoded.get(tensor.name());
        return matrix == null
                ? files.map(tensor, byteOffset, byteCount, arena)
                : matrix.map(files, byteOffset, byteCount, arena);
    }
}
