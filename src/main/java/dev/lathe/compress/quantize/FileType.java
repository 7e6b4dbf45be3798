package dev.lathe.compress.quantize;

import dev.lathe.compress.ModelEdit;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.tensor.TensorType;
import java.util.EnumMap;
import java.util.Map;

/** What a file says about its own types: {@code general.file_type}, by the numbers of llama.cpp. */
final class FileType {
    private static final String FILE_TYPE = "general.file_type";
    private static final String VERSION = "general.quantization_version";
    private static final int CURRENT_VERSION = 2;

    /** All matrices are of several types that no number stands for; readers count for themselves. */
    private static final int UNNAMED = 1024;

    private FileType() {}

    /** Writes the number of a mix. */
    static void put(ModelEdit model, int fileType) {
        model.setMetadata(model.metadata().toBuilder()
                .uint32(FILE_TYPE, fileType)
                .uint32(VERSION, CURRENT_VERSION)
                .build());
    }

    /** Writes the number of the type that holds most elements. */
    static void putMostFrequent(ModelEdit model) {
        Map<TensorType, Long> elements = new EnumMap<>(TensorType.class);
        for (TensorInfo tensor : model.tensors()) {
            elements.merge(tensor.type(), tensor.elementCount(), Long::sum);
        }
        put(
                model,
                elements.entrySet().stream()
                        .max(Map.Entry.comparingByValue())
                        .map(most -> of(most.getKey()))
                        .orElse(UNNAMED));
    }

    private static int of(TensorType type) {
        return switch (type) {
            case F32 -> 0;
            case F16 -> 1;
            case Q4_0 -> 2;
            case Q4_1 -> 3;
            case Q8_0 -> 7;
            case Q5_0 -> 8;
            case Q5_1 -> 9;
            case Q2_K -> 21;
            case Q3_K -> 11;
            case Q4_K -> 14;
            case Q5_K -> 16;
            case Q6_K -> 18;
            case IQ4_NL -> 25;
            case IQ4_XS -> 30;
            case BF16 -> 32;
            case TQ1_0 -> 36;
            case TQ2_0 -> 37;
            case MXFP4 -> 38;
            default -> UNNAMED;
        };
    }
}
