package dev.lathe.decode.speculative;

/** How a strategy decides which drafted tokens are committed. For greedy samplers both are the same. */
public enum Verification {
    /**
     * The sampler draws each token from the model's own logits, with the number that belongs to its place, and a draft
     * is accepted where it guessed that token. The text is that of plain decoding with the same seed, to the byte,
     * whatever was drafted.
     */
    SAMPLER_MATCH,

    /**
     * Drafted tokens are drawn from the draft's distribution and accepted at random, so that what is committed follows
     * the model's distribution (Leviathan, Kalman, Matias: Fast Inference from Transformers via Speculative Decoding,
     * 2022, arXiv:2211.17192; Chen et al.: Accelerating Large Language Model Decoding with Speculative Sampling, 2023,
     * arXiv:2302.01318; several drafts of one token: Jeon et al., 2024, arXiv:2402.14160). The text has the same
     * distribution as plain decoding's and can be repeated from its seed, but is not the same text. Accepts more than
     * {@link #SAMPLER_MATCH} where the draft's distribution is close and wide.
     */
    REJECTION_SAMPLING
}
