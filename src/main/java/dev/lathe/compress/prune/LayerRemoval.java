package dev.lathe.compress.prune;

import dev.lathe.compress.ModelEdit;
import dev.lathe.gguf.Metadata;
import dev.lathe.gguf.MetadataValue;
import dev.lathe.gguf.PrimitiveArray;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.TensorName;
import dev.lathe.model.config.Xielu;
import java.util.List;
import java.util.stream.IntStream;

/** Takes a layer out of a model: its tensors, its entry in every list of the metadata, and the numbers of those after it. */
final class LayerRemoval {
    private LayerRemoval() {}

    /**
     * Removes a layer.
     *
     * @throws IllegalArgumentException if the family's layers differ by their number, so that those after it would change
     */
    static void remove(ModelEdit model, int layer) {
        List<LayerConfig> layers = Shapes.layers(model);
        List<LayerConfig> left = IntStream.range(0, layers.size())
                .filter(other -> other != layer)
                .mapToObj(layers::get)
                .toList();
        Metadata before = model.metadata();
        describe(model, layers, left);
        Xielu.KEYS.forEach(key -> removeNumber(model, key, layer));
        if (!Shapes.layers(model).equals(left)) {
            model.setMetadata(before);
            throw new IllegalArgumentException("layer " + layer + " cannot be removed: "
                    + LatheFormat.baseArchitecture(before)
                    + " models compute by the numbers of their layers, and those "
                    + "after it would change; prune within the layers instead");
        }
        for (TensorInfo tensor : model.tensors()) {
            if (TensorName.of(tensor.name()).layer() == layer) {
                model.remove(tensor.name());
            }
        }
        for (int later = layer + 1; later < layers.size(); later++) {
            for (TensorInfo tensor : model.tensors()) {
                TensorName name = TensorName.of(tensor.name());
                if (name.layer() == later) {
                    model.rename(tensor.name(), name.inLayer(later - 1));
                }
            }
        }
    }

    private static void removeNumber(ModelEdit model, String key, int layer) {
        if (model.metadata().find(key).orElse(null) instanceof MetadataValue.ArrayValue) {
            float[] before = model.metadata().floats(key);
            float[] left = new float[before.length - 1];
            System.arraycopy(before, 0, left, 0, layer);
            System.arraycopy(before, layer + 1, left, layer, left.length - layer);
            model.setMetadata(model.metadata().toBuilder().floats(key, left).build());
        }
    }

    private static void describe(ModelEdit model, List<LayerConfig> layers, List<LayerConfig> left) {
        Shapes.set(model, "block_count", left.size());
        if (model.metadata().contains(LatheFormat.THRESHOLDS_KEY)) {
            Shapes.setThresholds(model, left);
        }
        if (model.metadata().contains(LatheFormat.GATE_THRESHOLDS_KEY)) {
            Shapes.setGateThresholds(model, left);
        }
        Shapes.setFeedForwardSizes(model, Shapes.sizes(left, LayerConfig::feedForwardSize));
        Shapes.setList(model, "attention.head_count", Shapes.sizes(left, LayerConfig::headCount));
        Shapes.setList(model, "attention.head_count_kv", Shapes.sizes(left, LayerConfig::keyValueHeadCount));
        if (layers.stream().anyMatch(config -> config.attention().isLocal())) {
            boolean[] local = new boolean[left.size()];
            for (int i = 0; i < local.length; i++) {
                local[i] = left.get(i).attention().isLocal();
            }
            Metadata.Builder metadata = model.metadata().toBuilder();
            metadata.put(Shapes.key(model, "attention.sliding_window_pattern"), PrimitiveArray.of(local));
            model.setMetadata(metadata.build());
        }
    }
}
