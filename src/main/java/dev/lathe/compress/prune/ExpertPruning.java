package dev.lathe.compress.prune;

import dev.lathe.compress.ActivationStatistics;
import dev.lathe.compress.LayerEdit;
import dev.lathe.compress.LayerTransform;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.RemovedShare;
import dev.lathe.compress.StepRecorder;
import dev.lathe.compress.TransformContext;
import dev.lathe.gguf.Metadata;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.AttentionConfig;
import dev.lathe.model.config.ExpertsConfig;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.TensorRole;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Removes experts, in every layer as many: those that add least to the residual stream on the calibration texts, by the sum of
 * squares of what they add, the router's weights included. Tokens that would have chosen them choose others; as many are chosen
 * as before. {@link #merged} lets those that stay take over what they can. Made by {@link Prune}. Immutable and thread-safe.
 *
 * <p>The result has the architecture's own shape and is loaded by any engine. What stays keeps its type and its bits, unless
 * experts are merged.
 *
 * <p>Source: Lu et al. 2024, "Not All Experts are Equal", arXiv 2402.14800, section 3.1, which looks for the experts whose absence
 * changes a layer's outputs least; they are ranked one by one here.
 */
public final class ExpertPruning implements LayerTransform {
    private static final List<TensorRole> STACKS =
            List.of(TensorRole.EXPERT_GATE, TensorRole.EXPERT_UP, TensorRole.EXPERT_DOWN);

    private final double fraction;
    private final boolean merged;

    ExpertPruning(double fraction, boolean merged) {
        this.fraction = RemovedShare.require(fraction);
        this.merged = merged;
    }

    /**
     * The same, but each expert that is removed is merged into the one that stays and that the router scores most alike: the
     * mean of their weights by how often they were chosen, once the channels are matched.
     *
     * <p>Source: Li et al. 2023, "Merge, Then Compress", arXiv 2310.01334, section 3.
     */
    public ExpertPruning merged() {
        return new ExpertPruning(fraction, true);
    }

    @Override
    public String name() {
        return "prune " + LayerFractions.uniform(fraction) + " of experts" + (merged ? ", merged" : "");
    }

    @Override
    public Stage stage() {
        return Stage.STRUCTURE;
    }

    @Override
    public boolean suits(ModelEdit model, int layer) {
        return experts(model, layer).isPresent();
    }

    @Override
    public Set<ActivationSite> gramSites(ModelEdit model, int layer) {
        return merged
                        && experts(model, layer)
                                .filter(experts -> keptCount(experts) < experts.count())
                                .isPresent()
                ? Set.of(ActivationSite.FEED_FORWARD)
                : Set.of();
    }

    @Override
    public void edit(ModelEdit model, TransformContext context, StepRecorder recorder) throws IOException {
        if (IntStream.range(0, Shapes.layers(model).size()).noneMatch(layer -> suits(model, layer))) {
            throw new IllegalArgumentException(
                    name() + ": the model has no experts; prune feed-forward channels instead");
        }
        LayerTransform.super.edit(model, context, recorder);
    }

    private static Optional<ExpertsConfig> experts(ModelEdit model, int layer) {
        return Shapes.layers(model).get(layer).feedForward().experts();
    }

    /** As many of each group of experts, and as many as a token takes. */
    private int keptCount(ExpertsConfig experts) {
        int size = experts.count() / experts.groupCount();
        int least = (experts.used() + experts.usedGroups() - 1) / experts.usedGroups();
        return Math.clamp(Math.round((1 - fraction) * size), least, size) * experts.groupCount();
    }

    @Override
    public void edit(LayerEdit layer) throws IOException {
        ModelEdit model = layer.model();
        Optional<ExpertsConfig> found = experts(model, layer.layer());
        if (found.isEmpty() || keptCount(found.get()) == found.get().count()) {
            return;
        }
        ExpertsConfig experts = found.get();
        requireSameAttention(model, layer.layer(), keptCount(experts));
        double[] added = added(layer.read(), experts.count());
        int[] kept = kept(added, experts);
        if (merged) {
            new ExpertMerging(layer, experts.count()).merge(kept);
        }
        for (TensorRole role : STACKS) {
            keep(model, role, layer.layer(), kept);
            layer.recorder().reshaped(role.weight(layer.layer()), "");
        }
        keep(model, TensorRole.ROUTER, layer.layer(), kept);
        keep(model, TensorRole.CHOICE_BIAS, layer.layer(), kept);
        setCounts(model, layer.layer(), kept.length);
        layer.recorder().note(note(layer.layer(), added, kept));
    }

    /** Families may tell their models apart by the number of experts. */
    private void requireSameAttention(ModelEdit model, int layer, int kept) {
        Metadata before = model.metadata();
        AttentionConfig attention = Shapes.layers(model).get(layer).attention();
        setCounts(model, layer, kept);
        boolean same = Shapes.layers(model).get(layer).attention().equals(attention);
        model.setMetadata(before);
        if (!same) {
            throw new IllegalArgumentException(name() + ": attention of layer " + layer
                    + " would change, which goes by the number of experts; prune feed-forward channels instead");
        }
    }

    /** The sum of squares of what each expert added. */
    private static double[] added(ActivationStatistics read, int count) {
        double[] added = new double[count];
        for (int expert = 0; expert < count; expert++) {
            if (read.rows(ActivationSite.EXPERT_OUTPUT, expert) > 0) {
                added[expert] = Arrays.stream(read.squares(ActivationSite.EXPERT_OUTPUT, expert))
                        .sum();
            }
        }
        return added;
    }

    /** The experts of each group that add most, in their order; of equal ones the first. */
    private int[] kept(double[] added, ExpertsConfig experts) {
        int size = experts.count() / experts.groupCount();
        int each = keptCount(experts) / experts.groupCount();
        return IntStream.range(0, experts.groupCount())
                .flatMap(group -> IntStream.range(group * size, (group + 1) * size)
                        .boxed()
                        .sorted(Comparator.comparing((Integer expert) -> -added[expert]))
                        .limit(each)
                        .sorted()
                        .mapToInt(Integer::intValue))
                .toArray();
    }

    private static void keep(ModelEdit model, TensorRole role, int layer, int... kept) {
        Stream.of(role.weight(layer), role.bias(layer))
                .filter(name -> model.tensor(name).isPresent())
                .forEach(name -> model.putParts(name, name, kept));
    }

    /** Dense layers count as those with experts do, so that one number is left at the end. */
    private static void setCounts(ModelEdit model, int layer, int kept) {
        List<LayerConfig> layers = Shapes.layers(model);
        int[] counts = Shapes.sizes(
                layers,
                shape -> shape.feedForward().experts().map(ExpertsConfig::count).orElse(kept));
        counts[layer] = kept;
        Shapes.setList(model, "expert_count", counts);
    }

    private static String note(int layer, double[] added, int... kept) {
        double all = Arrays.stream(added).sum();
        double left = Arrays.stream(kept).mapToDouble(expert -> added[expert]).sum();
        return String.format(
                Locale.ROOT,
                "layer %d: %d of %d experts are left, which added %.1f%% of what all did",
                layer,
                kept.length,
                added.length,
                all == 0 ? 0 : 100 * left / all);
    }
}
