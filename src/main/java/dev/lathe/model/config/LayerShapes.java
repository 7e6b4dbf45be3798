package dev.lathe.model.config;

import dev.lathe.model.config.AttentionConfig.LatentConfig;
import dev.lathe.model.config.TensorShape.Fusion;
import dev.lathe.model.config.TensorShape.Kind;
import java.util.ArrayList;
import java.util.List;

/** Which tensors a layer has, and their shapes: what loading and transforms go by. */
public final class LayerShapes {
    private final LayerConfig layer;
    private final int before;
    private final int between;
    private final int after;
    private final List<TensorShape> shapes = new ArrayList<>();

    private LayerShapes(ModelConfig model, int index) {
        layer = model.layers().get(index);
        before = model.streamSizes().beforeAttention(index);
        between = model.streamSizes().afterAttention(index);
        after = model.streamSizes().afterFeedForward(index);
    }

    /** The tensors of a layer, in the order in which they are used. */
    public static List<TensorShape> of(ModelConfig model, int layer) {
        LayerShapes shapes = new LayerShapes(model, layer);
        shapes.attention();
        shapes.feedForward();
        return List.copyOf(shapes.shapes);
    }

    private void attention() {
        AttentionConfig attention = layer.attention();
        layer.arrangement().beforeAttention().ifPresent(role -> add(Kind.NORM, role, before));
        if (attention.latent().isPresent()) {
            latentAttention(attention, attention.latent().get());
        } else {
            plainAttention(attention);
        }
        if (attention.scores().sinks()) {
            add(Kind.VECTOR, TensorRole.SINKS, attention.headCount());
        }
        layer.arrangement()
                .withinAttention()
                .ifPresent(role -> add(Kind.VECTOR, role, attention.headCount() * attention.valueSize()));
        layer.arrangement().afterAttention().ifPresent(role -> add(normAfter(), role, between));
        add(Kind.RESIDUAL, TensorRole.ATTENTION_RESIDUAL, between, before);
    }

    private Kind normAfter() {
        return layer.arrangement().normsSum() ? Kind.NORM : Kind.VECTOR;
    }

    private void plainAttention(AttentionConfig attention) {
        int queries = attention.headCount() * attention.keySize();
        int keys = attention.keyValueHeadCount() * attention.keySize();
        int values = attention.keyValueHeadCount() * attention.valueSize();
        int all = queries + keys + values;
        shapes.add(TensorShape.matrix(TensorRole.QUERY, queries, before).in(fused(0, all)));
        shapes.add(TensorShape.matrix(TensorRole.KEY, keys, before).in(fused(queries, all)));
        shapes.add(TensorShape.matrix(TensorRole.VALUE, values, before).in(fused(queries + keys, all)));
        shapes.add(TensorShape.matrix(
                TensorRole.ATTENTION_OUTPUT, between, attention.headCount() * attention.valueSize()));
        switch (attention.headNorm()) {
            case NONE, EACH_ROTATED_HEAD_WITHOUT_GAIN -> {}
            case EACH_HEAD, EACH_ROTATED_HEAD -> {
                add(Kind.VECTOR, TensorRole.QUERY_NORM, attention.keySize());
                add(Kind.VECTOR, TensorRole.KEY_NORM, attention.keySize());
            }
            case EACH_HEAD_WITH_GAINS -> {
                shapes.add(TensorShape.gains(TensorRole.QUERY_NORM, 1, attention.keySize()));
                shapes.add(TensorShape.gains(TensorRole.KEY_NORM, 1, attention.keySize()));
            }
            case OWN_GAINS -> {
                shapes.add(TensorShape.gains(TensorRole.QUERY_NORM, attention.headCount(), attention.keySize()));
                shapes.add(TensorShape.gains(TensorRole.KEY_NORM, attention.keyValueHeadCount(), attention.keySize()));
            }
            case WHOLE_ROW -> {
                add(Kind.VECTOR, TensorRole.QUERY_NORM, queries);
                add(Kind.VECTOR, TensorRole.KEY_NORM, keys);
            }
        }
    }

    private void latentAttention(AttentionConfig attention, LatentConfig latent) {
        int heads = attention.headCount();
        int rotary = attention.keySize() - latent.rank();
        int queries = heads * (latent.keySize() + rotary);
        if (latent.queryRank() > 0) {
            shapes.add(TensorShape.matrix(TensorRole.LATENT_QUERY, latent.queryRank(), before));
            add(Kind.VECTOR, TensorRole.LATENT_QUERY_NORM, latent.queryRank());
            shapes.add(TensorShape.matrix(TensorRole.QUERY_OF_LATENT, queries, latent.queryRank()));
        } else {
            shapes.add(TensorShape.matrix(TensorRole.QUERY, queries, before));
        }
        shapes.add(TensorShape.matrix(TensorRole.LATENT, latent.rank() + rotary, before));
        add(Kind.VECTOR, TensorRole.LATENT_NORM, latent.rank());
        shapes.add(TensorShape.stack(TensorRole.KEY_OF_LATENT, heads, latent.rank(), latent.keySize()));
        shapes.add(TensorShape.stack(TensorRole.VALUE_OF_LATENT, heads, latent.valueSize(), latent.rank()));
        shapes.add(TensorShape.matrix(TensorRole.ATTENTION_OUTPUT, between, heads * latent.valueSize()));
    }

    private void feedForward() {
        FeedForwardConfig feedForward = layer.feedForward();
        Arrangement arrangement = layer.arrangement();
        int input = arrangement.parallel() ? before : between;
        if (!arrangement.beforeFeedForward().equals(arrangement.beforeAttention())) {
            arrangement.beforeFeedForward().ifPresent(role -> add(Kind.NORM, role, input));
        }
        if (feedForward.experts().isPresent()) {
            experts(feedForward, feedForward.experts().get(), input);
        } else {
            dense(feedForward, input);
        }
        arrangement.withinFeedForward().ifPresent(role -> add(Kind.VECTOR, role, feedForward.size()));
        arrangement.afterFeedForward().ifPresent(role -> add(normAfter(), role, after));
        add(Kind.RESIDUAL, TensorRole.FEED_FORWARD_RESIDUAL, after, between);
    }

    private static Fusion fused(int from, int rows) {
        return new Fusion(TensorRole.QUERY_KEY_VALUE, from, rows, TensorRole.QUERY, false);
    }

    private void dense(FeedForwardConfig feedForward, int input) {
        int inner = feedForward.size();
        TensorShape gate = TensorShape.matrix(TensorRole.GATE, inner, input);
        TensorShape up = TensorShape.matrix(TensorRole.UP, inner, input);
        if (feedForward.fused()) {
            shapes.add(gate.in(new Fusion(TensorRole.UP, 0, 2 * inner, TensorRole.GATE, true)));
            shapes.add(up.in(new Fusion(TensorRole.UP, inner, 2 * inner, TensorRole.GATE, true)));
        } else {
            if (feedForward.gated()) {
                shapes.add(gate);
            }
            shapes.add(up);
        }
        shapes.add(TensorShape.matrix(TensorRole.DOWN, after, inner));
    }

    private void experts(FeedForwardConfig feedForward, ExpertsConfig experts, int input) {
        int inner = feedForward.size();
        shapes.add(TensorShape.matrix(TensorRole.ROUTER, experts.count(), input));
        add(Kind.BIAS, TensorRole.CHOICE_BIAS, experts.count());
        shapes.add(TensorShape.stack(TensorRole.EXPERT_GATE, experts.count(), inner, input));
        shapes.add(TensorShape.stack(TensorRole.EXPERT_UP, experts.count(), inner, input));
        shapes.add(TensorShape.stack(TensorRole.EXPERT_DOWN, experts.count(), after, inner));
        if (experts.sharedSize() > 0) {
            if (experts.sharedGate()) {
                add(Kind.VECTOR, TensorRole.SHARED_ROUTER, input);
            }
            shapes.add(TensorShape.matrix(TensorRole.SHARED_GATE, experts.sharedSize(), input));
            shapes.add(TensorShape.matrix(TensorRole.SHARED_UP, experts.sharedSize(), input));
            shapes.add(TensorShape.matrix(TensorRole.SHARED_DOWN, after, experts.sharedSize()));
        }
    }

    private void add(Kind kind, TensorRole role, int size) {
        shapes.add(TensorShape.of(kind, role, size));
    }

    private void add(Kind kind, TensorRole role, int rows, int columns) {
        shapes.add(new TensorShape(role, kind, 1, rows, columns, java.util.Optional.empty()));
    }
}
