package dev.lathe.compress.prune;

import dev.lathe.compress.ModelEdit;
import dev.lathe.gguf.Metadata;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.family.Families;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;

/** Writes what a model's metadata say about its shape. */
final class Shapes {
    private Shapes() {}

    /** The layers as the metadata say now. */
    static List<LayerConfig> layers(ModelEdit model) {
        return model(model).layers();
    }

    /** The shape as the metadata say now; the vocabulary has one token. */
    static ModelConfig model(ModelEdit model) {
        return Families.shape(model.metadata());
    }

    /** A number of each layer. */
    static int[] sizes(List<LayerConfig> layers, ToIntFunction<LayerConfig> size) {
        return layers.stream().mapToInt(size).toArray();
    }

    /** The key of the model's architecture with this name. */
    static String key(ModelEdit model, String name) {
        return LatheFormat.baseArchitecture(model.metadata()) + "." + name;
    }

    /** A number for each layer: one for all where they are equal, else a list. */
    static void setList(ModelEdit model, String name, int... values) {
        String key = key(model, name);
        Metadata.Builder metadata = model.metadata().toBuilder();
        if (Arrays.stream(values).distinct().count() == 1) {
            metadata.uint32(key, values[0]);
        } else {
            metadata.ints(key, values);
        }
        model.setMetadata(metadata.build());
    }

    /** The inner length of every feed-forward part, for each layer, as the family's files count it. */
    static void setFeedForwardSizes(ModelEdit model, int... sizes) {
        int factor = Families.feedForwardFactor(model.metadata());
        setList(
                model,
                "feed_forward_length",
                Arrays.stream(sizes).map(size -> factor * size).toArray());
    }

    /** The thresholds of feed-forward parts, of each layer. */
    static void setThresholds(ModelEdit model, List<LayerConfig> layers) {
        float[] thresholds = new float[2 * layers.size()];
        for (int layer = 0; layer < layers.size(); layer++) {
            thresholds[2 * layer] = layers.get(layer).feedForward().inputThreshold();
            thresholds[2 * layer + 1] = layers.get(layer).feedForward().innerThreshold();
        }
        model.setMetadata(LatheFormat.withThresholds(model.metadata(), thresholds));
    }

    /** The thresholds of gates, of each layer. */
    static void setGateThresholds(ModelEdit model, List<LayerConfig> layers) {
        float[] thresholds = new float[layers.size()];
        for (int layer = 0; layer < thresholds.length; layer++) {
            thresholds[layer] = layers.get(layer).feedForward().gateThreshold();
        }
        model.setMetadata(LatheFormat.withGateThresholds(model.metadata(), thresholds));
    }

    /** The inner length of every expert, for each layer; those of dense layers are not looked at. */
    static void setExpertSizes(ModelEdit model, List<LayerConfig> layers, int[] sizes) {
        String name = "expert_feed_forward_length";
        if (model.metadata().find(key(model, name)).isEmpty()) {
            setFeedForwardSizes(model, sizes);
            return;
        }
        int[] all = sizes.clone();
        int any = 0;
        for (int layer = 0; layer < all.length; layer++) {
            any = layers.get(layer).feedForward().experts().isPresent() ? all[layer] : any;
        }
        for (int layer = 0; layer < all.length; layer++) {
            all[layer] = layers.get(layer).feedForward().experts().isPresent() ? all[layer] : any;
        }
        setList(model, name, all);
    }

    /** A number of the whole model. */
    static void set(ModelEdit model, String name, int value) {
        setList(model, name, value);
    }
}
