package dev.lathe.compress.search;

import dev.lathe.compress.Recipe;
import java.util.List;

/**
 * What a search found.
 *
 * @param front recipes none of which is better than another in bytes, seconds and damage, by bytes
 * @param best the recipe that fits the budget with the least damage
 * @param bestDamage its divergence as measured on texts that the search did not use, in nats a token
 * @param secondsBefore what the model's matrices took for a token before, in seconds
 */
public record SearchResult(List<Candidate> front, Candidate best, double bestDamage, double secondsBefore) {
    /** Copies the list. */
    public SearchResult {
        front = List.copyOf(front);
    }

    /**
     * A recipe and what it is expected to cost.
     *
     * @param recipe the steps
     * @param bytes of all tensors
     * @param seconds of the matrices for one token, as measured on this machine part by part
     * @param damage nats a token by which predictions move, the sum over the parts
     */
    public record Candidate(Recipe recipe, long bytes, double seconds, double damage) {}
}
