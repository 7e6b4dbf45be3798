package dev.lathe.compress.prune;

import dev.lathe.compress.ModelEdit;
import dev.lathe.gguf.Metadata;
import dev.lathe.gguf.PrimitiveArray;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.TensorName;
import java.util.List;
import java.util.stream.IntStream;

/** Takes a layer out of a model: its tensors, its entry in every list of the metadata, and the numbers of those behind it. */
final class LayerRemoval {
    private LayerRemoval() {}

    static void remove(ModelEdit model, int layer) {
        List<LayerConfig> layers = Shapes.layers(model);
        for (TensorInfo tensor : model.tensors()) {
            TensorName name = TensorName.of(tensor.name());
            if (name.layer() == layer) {
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
        List<LayerConfig> left = IntStream.range(0, layers.size())
                .filter(other -> other != layer)
                .mapToObj(layers::get)
                .toList();
        Shapes.set(model, "block_count", left.size());
        Shapes.setList(model, "feed_forward_length", Shapes.sizes(left, LayerConfig::feedForwardSize));
        Shapes.setList(model, "attention.head_count", Shapes.sizes(left, LayerConfig::headCount));
        Shapes.setList(model, "attention.head_count_kv", Shapes.sizes(left, LayerConfig::keyValueHeadCount));
        if (layers.stream().anyMatch(config -> config.slidingWindow() > 0)) {
            boolean[] local = new boolean[left.size()];
            for (int i = 0; i < local.length; i++) {
                local[i] = left.get(i).slidingWindow() > 0;
            }
            Metadata.Builder metadata = model.metadata().toBuilder();
            metadata.put(Shapes.key(model, "attention.sliding_window_pattern"), PrimitiveArray.of(local));
            model.setMetadata(metadata.build());
        }
    }
}
