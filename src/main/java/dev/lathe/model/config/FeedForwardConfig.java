package dev.lathe.model.config;

import java.util.Optional;

/**
 * The shape of a layer's feed-forward part.
 *
 * @param size inner length; of each expert where there are experts
 * @param function its function
 * @param gated whether the function of one matrix multiplies what another gives
 * @param fused whether files that have no gate hold gate and up as one matrix, the gate first
 * @param experts how experts are chosen; empty for a dense part
 * @param inputThreshold of a dense part: elements of its normed input of a smaller magnitude count as zero; 0 for none
 * @param innerThreshold of a dense part: elements that the last matrix reads of a smaller magnitude count as zero; 0 for none
 */
public record FeedForwardConfig(
        int size,
        GateFunction function,
        boolean gated,
        boolean fused,
        Optional<ExpertsConfig> experts,
        float inputThreshold,
        float innerThreshold) {
    /** Checks the numbers. */
    public FeedForwardConfig {
        Checks.positive("feed-forward size", size);
        if (fused && !gated) {
            throw new IllegalArgumentException("a feed-forward part without a gate has nothing to fuse");
        }
        if (!(inputThreshold >= 0 && inputThreshold < Float.POSITIVE_INFINITY)
                || !(innerThreshold >= 0 && innerThreshold < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("feed-forward thresholds are " + inputThreshold + " and "
                    + innerThreshold + ", expected finite numbers from 0");
        }
    }
}
