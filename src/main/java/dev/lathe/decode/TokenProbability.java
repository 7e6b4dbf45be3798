package dev.lathe.decode;

/**
 * A token and how probable the model itself found it.
 *
 * @param token the token's id
 * @param logProbability natural logarithm of its probability: log-softmax of the model's raw logits, before any step of
 *     the sampler
 */
public record TokenProbability(int token, double logProbability) {}
