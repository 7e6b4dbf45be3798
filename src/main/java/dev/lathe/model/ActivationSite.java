package dev.lathe.model;

import dev.lathe.model.config.TensorRole;
import java.util.List;

/** Where in a layer linear layers read their input. */
public enum ActivationSite {
    /** The normed hidden row, read by query, key and value. */
    ATTENTION(TensorRole.QUERY, TensorRole.KEY, TensorRole.VALUE, TensorRole.LATENT_QUERY, TensorRole.LATENT),
    /** What the heads gathered, read by the attention's output layer. */
    ATTENTION_OUTPUT(TensorRole.ATTENTION_OUTPUT),
    /** The normed hidden row, read by gate and up. */
    FEED_FORWARD(TensorRole.GATE, TensorRole.UP, TensorRole.SHARED_GATE, TensorRole.SHARED_UP),
    /** The gated inner row, read by down. */
    FEED_FORWARD_DOWN(TensorRole.DOWN, TensorRole.SHARED_DOWN),
    /** The normed hidden rows of the tokens that chose an expert, read by its gate and up. */
    EXPERT(TensorRole.EXPERT_GATE, TensorRole.EXPERT_UP),
    /** An expert's gated inner rows, read by its down. */
    EXPERT_DOWN(TensorRole.EXPERT_DOWN);

    private final List<TensorRole> readers;

    ActivationSite(TensorRole... readers) {
        this.readers = List.of(readers);
    }

    /** The matrices that read here, in layers that have them. */
    public List<TensorRole> readers() {
        return readers;
    }

    /** Whether each expert reads rows of its own here. */
    public boolean isOfExperts() {
        return this == EXPERT || this == EXPERT_DOWN;
    }
}
