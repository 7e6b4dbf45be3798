package dev.lathe.model.config;

import java.util.Optional;

/**
 * The shape of a layer's feed-forward part.
 *
 * @param size inner length; of each expert where there are experts
 * @param function its function
 * @param xielu the numbers of the function xIELU; empty for others
 * @param gated whether the function of one matrix multiplies what another gives
 * @param fused whether files that have no gate hold gate and up as one matrix, the gate first
 * @param experts how experts are chosen; empty for a dense part
 * @param inputThreshold of a dense part: elements of its normed input of a smaller magnitude count as zero; 0 for none
 * @param innerThreshold of a dense part: elements that the last matrix reads of a smaller magnitude count as zero; 0 for none
 * @param gateThreshold of a dense part with a gate: neurons whose function of the gate has a smaller magnitude count as
 *     inactive; 0 for none
 */
public record FeedForwardConfig(
        int size,
        GateFunction function,
        Optional<Xielu> xielu,
        boolean gated,
        boolean fused,
        Optional<ExpertsConfig> experts,
        float inputThreshold,
        float innerThreshold,
        float gateThreshold) {
    /** Checks the numbers. */
    public FeedForwardConfig {
        Checks.positive("feed-forward size", size);
        if (fused && !gated) {
            throw new IllegalArgumentException("a feed-forward part without a gate has nothing to fuse");
        }
        if (xielu.isPresent() != (function == GateFunction.XIELU)) {
            throw new IllegalArgumentException("xIELU has numbers of its own, and no other function has them");
        }
        if (!isThreshold(inputThreshold) || !isThreshold(innerThreshold) || !isThreshold(gateThreshold)) {
            throw new IllegalArgumentException("feed-forward thresholds are " + inputThreshold + ", " + innerThreshold
                    + " and " + gateThreshold + ", expected finite numbers from 0");
        }
    }

    private static boolean isThreshold(float number) {
        return number >= 0 && number < Float.POSITIVE_INFINITY;
    }

    /** Whether a dense part makes neurons inactive that can be told before all of their weights are needed. */
    public boolean tellsInactive() {
        return experts.isEmpty()
                && (function == GateFunction.SQUARED_RELU || (gated ? gateThreshold : innerThreshold) > 0);
    }
}
