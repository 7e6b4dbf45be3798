package dev.lathe.model.config;

import dev.lathe.gguf.GgufException;
import dev.lathe.gguf.Metadata;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.gguf.TensorSource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * Layers after a model's last one that predict several tokens at once: files count them as blocks, and no decoder here evaluates
 * them. Gloeckle et al., "Better and Faster Large Language Models via Multi-token Prediction", 2024, arXiv 2404.19737.
 */
public final class PredictionLayers {
    private PredictionLayers() {}

    /**
     * How many of a file's last blocks are such layers.
     *
     * @throws GgufException if there are as many as blocks, or fewer than none
     */
    public static int count(Metadata metadata) {
        String key = countKey(metadata);
        if (!metadata.contains(key)) {
            return 0;
        }
        int count = metadata.intValue(key);
        int blocks = metadata.intValue(blockKey(metadata));
        if (count < 0 || count > 0 && count >= blocks) {
            throw new GgufException(
                    key + " is " + count + ", expected from 0 to less than the " + blocks + " blocks", -1);
        }
        return count;
    }

    /** The same model without them; the source itself where it has none. */
    public static TensorSource without(TensorSource source) {
        Metadata metadata = source.metadata();
        int count = count(metadata);
        if (count == 0) {
            return source;
        }
        String blockKey = blockKey(metadata);
        int left = metadata.intValue(blockKey) - count;
        Metadata shorter = metadata.toBuilder()
                .uint32(blockKey, left)
                .remove(countKey(metadata))
                .build();
        return new Shorter(source, shorter, left);
    }

    private static String countKey(Metadata metadata) {
        return LatheFormat.baseArchitecture(metadata) + ".nextn_predict_layers";
    }

    private static String blockKey(Metadata metadata) {
        return LatheFormat.baseArchitecture(metadata) + ".block_count";
    }

    private record Shorter(TensorSource source, Metadata metadata, int layers) implements TensorSource {
        private boolean has(TensorInfo tensor) {
            return TensorName.of(tensor.name()).layer() < layers;
        }

        @Override
        public List<TensorInfo> tensors() {
            return source.tensors().stream().filter(this::has).toList();
        }

        @Override
        public Optional<TensorInfo> tensor(String name) {
            return source.tensor(name).filter(this::has);
        }

        @Override
        public MemorySegment map(TensorInfo tensor, long byteOffset, long byteCount, Arena arena) throws IOException {
            return source.map(tensor, byteOffset, byteCount, arena);
        }

        @Override
        public void requireWhole() throws IOException {
            source.requireWhole();
        }
    }
}
