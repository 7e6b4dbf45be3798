package dev.lathe.model.config;

import java.util.Optional;

/**
 * The shape of a layer's feed-forward part.
 *
 * @param size inner length; of each expert where there are experts
 * @param function its function
 * @param gated whether the function of one matrix multiplies what another gives
 * @param fused whether files hold gate and up as one matrix, the gate first
 * @param experts how experts are chosen; empty for a dense part
 */
public record FeedForwardConfig(
        int size, GateFunction function, boolean gated, boolean fused, Optional<ExpertsConfig> experts) {
    /** Checks the size. */
    public FeedForwardConfig {
        Checks.positive("feed-forward size", size);
        if (fused && !gated) {
            throw new IllegalArgumentException("a feed-forward part without a gate has nothing to fuse");
        }
    }
}
