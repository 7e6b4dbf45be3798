package dev.lathe.compress.prune;

import dev.lathe.compress.ActivationStatistics;
import dev.lathe.compress.LayerSweep;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.StepRecorder;
import dev.lathe.compress.StepReport;
import dev.lathe.compress.Transform;
import dev.lathe.compress.TransformContext;
import dev.lathe.model.ActivationSite;
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
public final class HeadPruning implements Transform {
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

    @Override
    public StepReport apply(ModelEdit model, TransformContext context) throws IOException {
        StepRecorder recorder = new StepRecorder(model, name());
        List<LayerConfig> layers = Shapes.layers(model);
        fractions.requireCount(layers.size());
        int[] groups = layers.stream().mapToInt(LayerConfig::keyValueHeadCount).toArray();
        int[] heads = layers.stream().mapToInt(LayerConfig::headCount).toArray();
        int[] wanted = new int[groups.length];
        Arrays.setAll(wanted, layer -> wanted(groups[layer], layer));
        sayHeadSizes(model, layers.getFirst());
        new LayerSweep(model, context, name())
                .run(
                        layer -> wanted[layer] < groups[layer] ? Set.of(ActivationSite.ATTENTION_OUTPUT) : Set.of(),
                        (layer, statistics) -> {
                            if (wanted[layer] < groups[layer]) {
                                prune(model, layer, layers.get(layer), wanted[layer], statistics, recorder, context);
                                groups[layer] = wanted[layer];
                                heads[layer] = wanted[layer] * layers.get(layer).groupSize();
                                Shapes.setList(model, "attention.head_count", heads);
                                Shapes.setList(model, "attention.head_count_kv", groups);
                            }
                        });
        return recorder.report();
    }

    /**
     * Prunes one layer alone, by its share, and says so in the metadata.
     *
     * @param statistics what the layer's matrices read, with the Gram matrix of {@link ActivationSite#ATTENTION_OUTPUT}
     */
    public void pruneLayer(ModelEdit model, int layer, ActivationStatistics statistics, TransformContext context)
            throws IOException {
        List<LayerConfig> layers = Shapes.layers(model);
        int[] groups = layers.stream().mapToInt(LayerConfig::keyValueHeadCount).toArray();
        int[] heads = layers.stream().mapToInt(LayerConfig::headCount).toArray();
        int wanted = wanted(groups[layer], layer);
        if (wanted < groups[layer]) {
            sayHeadSizes(model, layers.getFirst());
            LayerConfig config = layers.get(layer);
            prune(model, layer, config, wanted, statistics, new StepRecorder(model, name()), context);
            groups[layer] = wanted;
            heads[layer] = wanted * config.groupSize();
            Shapes.setList(model, "attention.head_count", heads);
            Shapes.setList(model, "attention.head_count_kv", groups);
        }
    }

    private int wanted(int groups, int layer) {
        return Math.max(1, (int) Math.round((1 - fractions.at(layer)) * groups));
    }

    /** Files may leave out what is the hidden size over the number of heads, which is about to change. */
    private static void sayHeadSizes(ModelEdit model, LayerConfig layer) {
        Shapes.set(model, "attention.key_length", layer.keySize());
        Shapes.set(model, "attention.value_length", layer.valueSize());
        Shapes.set(model, "rope.dimension_count", layer.rope().dimensions());
    }

    private void prune(
            ModelEdit model,
            int layer,
            LayerConfig config,
            int wanted,
            ActivationStatistics statistics,
            StepRecorder recorder,
            TransformContext context)
            throws IOException {
        String output = TensorRole.ATTENTION_OUTPUT.weight(layer);
        FloatMatrix weights = model.floats(output);
        int inputs = config.groupSize() * config.valueSize();
        int[][] groups = new int[config.keyValueHeadCount()][];
        Arrays.setAll(groups, group -> range(group, inputs));
        ColumnElimination elimination = new ColumnElimination(
                statistics.gram(ActivationSite.ATTENTION_OUTPUT), weights, groups, context.workers());
        for (int left = groups.length; left > wanted; left--) {
            elimination.removeCheapest();
        }
        int[] columns = elimination.keptColumns();
        int[] kept =
                Arrays.stream(columns).map(column -> column / inputs).distinct().toArray();
        Weights.replace(model, output, compensated ? elimination.kept() : Weights.columns(weights, columns));
        recorder.reshaped(output, "kept groups " + Arrays.toString(kept));
        keep(model, layer, TensorRole.QUERY, kept, config.groupSize() * config.keySize(), recorder);
        keep(model, layer, TensorRole.KEY, kept, config.keySize(), recorder);
        keep(model, layer, TensorRole.VALUE, kept, config.valueSize(), recorder);
    }

    private static void keep(
            ModelEdit model, int layer, TensorRole role, int[] groups, int rowsEach, StepRecorder recorder)
            throws IOException {
        int[] rows = Arrays.stream(groups)
                .flatMap(group -> Arrays.stream(range(group, rowsEach)))
                .toArray();
        String matrix = role.weight(layer);
        Weights.keepRows(model, matrix, rows);
        Weights.keepElements(model, role.bias(layer), rows);
        recorder.reshaped(matrix, "");
    }

    private static int[] range(int index, int length) {
        return IntStream.range(index * length, (index + 1) * length).toArray();
    }
}
