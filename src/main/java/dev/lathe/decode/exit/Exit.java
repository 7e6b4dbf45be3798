package dev.lathe.decode.exit;

/**
 * Decides after a layer whether the next token can be chosen there: an immutable, thread-safe value.
 *
 * <p>The measures work on any model, without training; how well is a matter of the model. Where no other threshold is
 * known, find one with {@link ExitCalibration}.
 */
@FunctionalInterface
public interface Exit {
    /** What to do with the token. Pure: depends on the probe alone. */
    Decision decide(ExitProbe probe);

    /** What an exit can decide. */
    enum Decision {
        /** Evaluate more layers. */
        GO_ON,
        /** Choose the token from the logits of this layer. */
        EXIT,
        /** End the generation: the continuation is not worth showing. */
        GIVE_UP
    }

    /** Evaluates all layers, always. */
    static Exit never() {
        return probe -> Decision.GO_ON;
    }

    /** Leaves at the first layer probed, always. */
    static Exit always() {
        return probe -> Decision.EXIT;
    }

    /**
     * Leaves where the most probable token is this much more probable than the second (Schuster et al.: Confident
     * Adaptive Language Modeling, 2022, arXiv:2207.07061, section 3.3, softmax response). Every probe computes the
     * head.
     *
     * @param threshold from 0, always, to 1, only where no other token is possible
     */
    static Exit confidence(double threshold) {
        requireShare("confidence threshold", threshold);
        return probe -> exitIf(probe.confidence() >= threshold);
    }

    /**
     * As {@link #confidence(double)}, stricter at the start, where errors do most harm: the threshold of token t of at
     * most N is 0.9 threshold + 0.1 exp(-decay t / N), limited to 1 (the same paper, equation 5).
     *
     * @param decay 4 in the paper
     */
    static Exit decayingConfidence(double threshold, double decay) {
        requireShare("confidence threshold", threshold);
        return probe -> {
            double bonus = StrictMath.exp(-decay * probe.index() / probe.maxTokens());
            return exitIf(probe.confidence() >= Math.min(1, 0.9 * threshold + 0.1 * bonus));
        };
    }

    /**
     * Leaves where the entropy of the distribution over the next token is at most this (Teerapittayanon, McDanel, Kung:
     * BranchyNet, 2016, arXiv:1709.01686, section 3.1). Every probe computes the head.
     *
     * @param nats at least 0
     */
    static Exit entropy(double nats) {
        if (!(nats >= 0)) {
            throw new IllegalArgumentException("entropy threshold is " + nats + ": expected at least 0 nats");
        }
        return probe -> exitIf(probe.entropy() <= nats);
    }

    /**
     * Leaves where a layer hardly turns the residual stream any more: the cosine between before and after it is at
     * least this (Tang et al.: You Need Multiple Exiting, 2023, arXiv:2211.11152, section 3.2; also arXiv:2207.07061,
     * section 3.3). Computes no head before it leaves.
     *
     * @param cosine from -1, always, to 1, only where the direction stays the same
     */
    static Exit saturation(double cosine) {
        if (!(cosine >= -1 && cosine <= 1)) {
            throw new IllegalArgumentException("saturation threshold is " + cosine + ": expected a cosine, -1 to 1");
        }
        return probe -> exitIf(probe.saturation() >= cosine);
    }

    /**
     * Leaves where so many probes in a row found the same token most probable (Zhou et al.: BERT Loses Patience, 2020,
     * arXiv:2006.04152, section 3.2, counted here over the layers probed). Every probe computes the head.
     *
     * @param probes at least 1
     */
    static Exit patience(int probes) {
        if (probes < 1) {
            throw new IllegalArgumentException("patience is " + probes + ": expected at least 1 probe");
        }
        return probe -> exitIf(probe.agreement() >= probes);
    }

    /** Leaves where both do; the second is asked only where the first leaves, so put the one without a head first. */
    default Exit and(Exit other) {
        return probe -> {
            Decision decision = decide(probe);
            return decision == Decision.EXIT ? other.decide(probe) : decision;
        };
    }

    private static Decision exitIf(boolean sure) {
        return sure ? Decision.EXIT : Decision.GO_ON;
    }

    private static void requireShare(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " is " + value + ": expected from 0 to 1");
        }
    }
}
