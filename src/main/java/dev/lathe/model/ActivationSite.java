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
    FEED_FORWARD(
            TensorRole.GATE,
            TensorRole.UP,
            TensorRole.EXPERT_GATE,
            TensorRole.EXPERT_UP,
            TensorRole.SHARED_GATE,
            TensorRole.SHARED_UP),
    /** The gated inner row, read by down. */
    FEED_FORWARD_DOWN(TensorRole.DOWN);

    private final List<TensorRole> readers;

    ActivationSite(TensorRole... readers) {
        this.readers = List.of(readers);
    }

    /** The matrices that read here, in layers that have them. */
    public List<TensorRole> readers() {
        return readers;
    }
}
