package dev.lathe.compress.search;

import dev.lathe.compress.LayerSweep;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.gguf.TensorSource;
import dev.lathe.model.ActivationObserver;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.TensorName;
import dev.lathe.model.config.TensorRole;
import dev.lathe.model.decoder.LayerwiseModel;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A part of a model: a sub-network of its own.
 *
 * @param kind what it is
 * @param layer where; 0 for the table
 */
record Part(Kind kind, int layer) {
    /** Kinds of parts. */
    enum Kind {
        /** The attention of a layer. */
        ATTENTION,
        /** The feed-forward part of a layer. */
        FEED_FORWARD,
        /** Token embedding and head. */
        TABLE
    }

    /** Where its matrices read; nowhere for the table. */
    Set<ActivationSite> sites() {
        return switch (kind) {
            case ATTENTION -> EnumSet.of(ActivationSite.ATTENTION, ActivationSite.ATTENTION_OUTPUT);
            case FEED_FORWARD -> EnumSet.of(ActivationSite.FEED_FORWARD, ActivationSite.FEED_FORWARD_DOWN);
            case TABLE -> EnumSet.noneOf(ActivationSite.class);
        };
    }

    /** A pattern of the names of its tensors, such as {@code blk.3.ffn_*}. */
    String names() {
        return switch (kind) {
            case ATTENTION -> TensorName.prefix(layer) + "attn_*";
            case FEED_FORWARD -> TensorName.prefix(layer) + "ffn_*";
            case TABLE -> throw new IllegalStateException("the table has no pattern");
        };
    }

    /** Its tensors in a model, norms and masks too. */
    List<TensorInfo> tensors(ModelEdit model) {
        return model.tensors().stream().filter(tensor -> owns(tensor.name())).toList();
    }

    private boolean owns(String name) {
        return switch (kind) {
            case ATTENTION, FEED_FORWARD -> name.startsWith(names().substring(0, names().length() - 1));
            case TABLE -> name.equals(TensorRole.EMBEDDING.weight()) || name.equals(TensorRole.HEAD.weight());
        };
    }

    /**
     * What a tensor is encoded as when its part gets a type: vectors and masks keep theirs, matrices on residual
     * connections have 8 bits.
     */
    static TensorType typeOf(TensorInfo tensor, TensorType type) {
        if (tensor.dimensions().size() < 2
                || !tensor.name().endsWith("weight")
                || tensor.name().endsWith("_norm.weight")) {
            return tensor.type();
        }
        TensorRole role = TensorRole.of(tensor.name());
        boolean isResidual = role == TensorRole.ATTENTION_RESIDUAL || role == TensorRole.FEED_FORWARD_RESIDUAL;
        return Quantize.typeFor(isResidual ? TensorType.Q8_0 : type, tensor.dimension(0));
    }

    /** Bytes of its tensors when it gets a type. */
    long bytes(ModelEdit model, TensorType type) {
        return tensors(model).stream()
                .mapToLong(tensor -> typeOf(tensor, type).byteCount(tensor.elementCount()))
                .sum();
    }

    /** Runs a half of a layer: hidden rows of sequences before it to those after it. */
    List<FloatMatrix> run(TensorSource model, List<FloatMatrix> before, Workers workers) throws IOException {
        LayerSweep sweep = LayerSweep.from(model, layer, kind == Kind.FEED_FORWARD, before, workers);
        sweep.advanceHalf(ActivationObserver.NONE);
        return sweep.hidden();
    }

    /** Runs a half of a layer that is in memory. */
    FloatMatrix run(LayerwiseModel.Layer block, FloatMatrix text) {
        return kind == Kind.ATTENTION
                ? block.runAttention(text, ActivationObserver.NONE)
                : block.runFeedForward(text, ActivationObserver.NONE);
    }

    /** Such as {@code attention 3}. */
    @Override
    public String toString() {
        return switch (kind) {
            case ATTENTION -> "attention " + layer;
            case FEED_FORWARD -> "feed-forward " + layer;
            case TABLE -> "table";
        };
    }
}
