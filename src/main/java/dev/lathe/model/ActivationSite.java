package dev.lathe.model;

import dev.lathe.model.config.TensorRole;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Where in a layer linear layers read their input. */
public enum ActivationSite {
    /** The normed hidden row, read by query, key and value. */
    ATTENTION(TensorRole.QUERY, TensorRole.KEY, TensorRole.VALUE, TensorRole.LATENT_QUERY, TensorRole.LATENT),
    /** What the heads gathered, read by the attention's output layer. */
    ATTENTION_OUTPUT(TensorRole.ATTENTION_OUTPUT),
    /** The normed hidden row, read by gate and up. */
    FEED_FORWARD(TensorRole.GATE, TensorRole.UP, TensorRole.SHARED_GATE, TensorRole.SHARED_UP),
    /** The function of the gate, which multiplies what up gives; no matrix reads it. */
    FEED_FORWARD_GATE,
    /** The gated inner row, read by down. */
    FEED_FORWARD_DOWN(TensorRole.DOWN, TensorRole.SHARED_DOWN),
    /** The normed hidden rows of the tokens that chose an expert, read by its gate and up. */
    EXPERT(TensorRole.EXPERT_GATE, TensorRole.EXPERT_UP),
    /** An expert's gated inner rows, read by its down. */
    EXPERT_DOWN(TensorRole.EXPERT_DOWN),
    /** What an expert adds to rows, multiplied with its weights; no matrix reads it. */
    EXPERT_OUTPUT;

    private final List<TensorRole> readers;

    ActivationSite(TensorRole... readers) {
        this.readers = List.of(readers);
    }

    /** The sites where matrices read: a set of the caller's own. */
    public static Set<ActivationSite> ofMatrices() {
        EnumSet<ActivationSite> sites = EnumSet.allOf(ActivationSite.class);
        sites.removeIf(site -> site.readers.isEmpty());
        return sites;
    }

    /** The matrices that read here, in layers that have them. */
    public List<TensorRole> readers() {
        return readers;
    }

    /** Whether each expert has rows of its own here. */
    public boolean isOfExperts() {
        return this == EXPERT || this == EXPERT_DOWN || this == EXPERT_OUTPUT;
    }
}
