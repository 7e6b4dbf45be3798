package dev.lathe.compress.prune;

import dev.lathe.compress.LayerEdit;
import dev.lathe.compress.LayerTransform;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.StepRecorder;
import dev.lathe.compress.TransformContext;
import dev.lathe.gguf.Metadata;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.AttentionConfig;
import dev.lathe.model.config.HeadNorm;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Removes heads of keys and values with the heads of queries that share them; what is left of the attention's output matrix
 * makes up for them. At least one group stays in each layer. Made by {@link Prune}. Immutable and thread-safe.
 *
 * <p>The cache shrinks with the keys. With one fraction for all layers the result has the architecture's own shape; with a
 * fraction for each layer the metadata hold lists.
 */
public final class HeadPruning implements LayerTransform {
    private final LayerFractions fractions;
    private final boolean compensated;

    HeadPruning(LayerFractions fractions, boolean compensated) {
        this.fractions = fractions;
        this.compensated = compensated;
    }

    /** The same without making up for what is removed. */
    public HeadPruning withoutCompensation() {
        return new HeadPruning(fractions, false);
    }

    @Override
    public String name() {
        return "prune " + fractions + " of head groups" + (compensated ? "" : " without compensation");
    }

    @Override
    public Stage stage() {
        return Stage.STRUCTURE;
    }

    /** Whether the share is one of whole groups of heads. */
    @Override
    public boolean suits(ModelEdit model, int layer) {
        double removed = fractions.at(layer) * Shapes.layers(model).get(layer).keyValueHeadCount();
        return removed == Math.rint(removed);
    }

    @Override
    public Set<ActivationSite> gramSites(ModelEdit model, int layer) {
        int groups = Shapes.layers(model).get(layer).keyValueHeadCount();
        return wanted(groups, layer) < groups ? Set.of(ActivationSite.ATTENTION_OUTPUT) : Set.of();
    }

    @Override
    public void edit(ModelEdit model, TransformContext context, StepRecorder recorder) throws IOException {
        List<LayerConfig> layers = Shapes.layers(model);
        fractions.requireCount(layers.size());
        for (int layer = 0; layer < layers.size(); layer++) {
            requirePrunable(model, layer, layers.get(layer).attention());
        }
        sayHeadSizes(model, layers.getFirst());
        LayerTransform.super.edit(model, context, recorder);
    }

    @Override
    public void edit(LayerEdit layer) throws IOException {
        ModelEdit model = layer.model();
        List<LayerConfig> layers = Shapes.layers(model);
        LayerConfig config = layers.get(layer.layer());
        int wanted = wanted(config.keyValueHeadCount(), layer.layer());
        if (wanted < config.keyValueHeadCount()) {
            requirePrunable(model, layer.layer(), config.attention());
            Metadata before = model.metadata();
            sayHeadSizes(model, layers.getFirst());
            int[] groups = Shapes.sizes(layers, LayerConfig::keyValueHeadCount);
            int[] heads = Shapes.sizes(layers, LayerConfig::headCount);
            groups[layer.layer()] = wanted;
            heads[layer.layer()] = wanted * config.groupSize();
            Shapes.setList(model, "attention.head_count", heads);
            Shapes.setList(model, "attention.head_count_kv", groups);
            if (!Shapes.layers(model).get(layer.layer()).arrangement().equals(config.arrangement())) {
                model.setMetadata(before);
                refuse(true, layer.layer(), "decide by their number which norms there are");
            }
            refuse(config.arrangement().withinAttention().isPresent(), layer.layer(), "are normed together");
            prune(layer, config, wanted);
        }
    }

    private int wanted(int groups, int layer) {
        return Math.max(1, (int) Math.round((1 - fractions.at(layer)) * groups));
    }

    /** Heads that are no heads of their own, or know their number, cannot go one by one. */
    private void requirePrunable(ModelEdit model, int layer, AttentionConfig attention) {
        refuse(attention.latent().isPresent(), layer, "share one latent vector");
        refuse(attention.headNorm() == HeadNorm.WHOLE_ROW, layer, "are normed together");
        refuse(attention.scores().alibi() > 0, layer, "see distances by their number");
        refuse(attention.scores().sinks(), layer, "have sinks");
        refuse(model.tensor(TensorRole.QUERY.weight(layer)).isEmpty(), layer, "stand in one matrix or in factors");
    }

    private void refuse(boolean is, int layer, String what) {
        if (is) {
            throw new IllegalArgumentException(name() + ": heads of layer " + layer + " " + what
                    + "; prune feed-forward channels or layers instead");
        }
    }

    /** Files may leave out what is the hidden size over the number of heads, which is about to change. */
    private static void sayHeadSizes(ModelEdit model, LayerConfig layer) {
        Shapes.set(model, "attention.key_length", layer.keySize());
        Shapes.set(model, "attention.value_length", layer.valueSize());
        layer.attention().rope().ifPresent(rope -> Shapes.set(model, "rope.dimension_count", rope.dimensions()));
    }

    private void prune(LayerEdit layer, LayerConfig config, int wanted) throws IOException {
        String output = TensorRole.ATTENTION_OUTPUT.weight(layer.layer());
        FloatMatrix weights = layer.model().floats(output);
        int inputs = config.groupSize() * config.valueSize();
        int[][] groups = new int[config.keyValueHeadCount()][];
        Arrays.setAll(groups, group -> range(group, inputs));
        ColumnElimination elimination = new ColumnElimination(
                layer.read().gram(ActivationSite.ATTENTION_OUTPUT), weights, groups, layer.workers());
        for (int left = groups.length; left > wanted; left--) {
            elimination.removeCheapest();
        }
        int[] columns = elimination.keptColumns();
        int[] kept =
                Arrays.stream(columns).map(column -> column / inputs).distinct().toArray();
        Weights.replace(layer.model(), output, compensated ? elimination.kept() : Weights.columns(weights, columns));
        layer.recorder().reshaped(output, "kept groups " + Arrays.toString(kept));
        keep(layer, TensorRole.QUERY, kept, config.groupSize() * config.keySize());
        keep(layer, TensorRole.KEY, kept, config.keySize());
        keep(layer, TensorRole.VALUE, kept, config.valueSize());
        if (config.attention().headNorm() == HeadNorm.OWN_GAINS) {
            keepGains(layer, TensorRole.QUERY_NORM, kept, config.groupSize());
            keepGains(layer, TensorRole.KEY_NORM, kept, 1);
        }
    }

    private static void keepGains(LayerEdit layer, TensorRole role, int[] groups, int headsEach) {
        String gains = role.weight(layer.layer());
        if (layer.model().tensor(gains).isPresent()) {
            layer.model().putParts(gains, gains, of(groups, headsEach));
        }
    }

    private static void keep(LayerEdit layer, TensorRole role, int[] groups, int rowsEach) throws IOException {
        int[] rows = of(groups, rowsEach);
        String matrix = role.weight(layer.layer());
        Weights.keepRows(layer.model(), matrix, rows);
        Weights.keepElements(layer.model(), role.bias(layer.layer()), rows);
        layer.recorder().reshaped(matrix, "");
    }

    private static int[] of(int[] groups, int each) {
        return Arrays.stream(groups)
                .flatMap(group -> Arrays.stream(range(group, each)))
                .toArray();
    }

    private static int[] range(int index, int length) {
        return IntStream.range(index * length, (index + 1) * length).toArray();
    }
}
