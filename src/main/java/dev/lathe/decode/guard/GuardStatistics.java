package dev.lathe.decode.guard;

/**
 * What a guard noted of an answer, so far or in all.
 *
 * @param guard the guard: to repeat the answer
 * @param endLogProbability mean over the tokens of the log-probability that the text ends there instead, by the model's
 *     raw logits; 0 if there are none or nothing was noted
 * @param entropy mean over the tokens of the entropy of the model's distribution, in nats
 * @param isUnusual whether it is longer than usual answers, its end less probable and its tokens less certain
 */
public record GuardStatistics(Guard guard, double endLogProbability, double entropy, boolean isUnusual) {}
