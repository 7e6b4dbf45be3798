package dev.lathe.compress.search;

import dev.lathe.compress.Recipe;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a search found.
 *
 * @param front recipes none of which is better than another in bytes, seconds and divergence, by bytes
 * @param best the recipe that fits the budget with the least divergence
 * @param bestDivergence its divergence as measured on texts that the search did not use, in nats a token
 * @param secondsBefore what the model's parts took for a token before, in seconds
 * @param notes how the recipes that were applied did
 */
public record SearchResult(
        List<Candidate> front, Candidate best, double bestDivergence, double secondsBefore, List<String> notes) {
    /** Copies the lists. */
    public SearchResult {
        front = List.copyOf(front);
        notes = List.copyOf(notes);
    }

    /**
     * A recipe and what it is expected to cost.
     *
     * @param recipe the steps
     * @param bytes of all tensors
     * @param seconds of the model's parts for one token, as measured on this machine part by part; NaN of a named mix
     * @param divergence in nats a token, the sum over the parts; NaN of a named mix
     */
    public record Candidate(Recipe recipe, long bytes, double seconds, double divergence) {
        Candidate with(Recipe other) {
            return new Candidate(other, bytes, seconds, divergence);
        }

        private double[] costs() {
            return new double[] {bytes, seconds, divergence};
        }

        /** Those that no other dominates, by bytes. */
        static List<Candidate> front(List<Candidate> all) {
            int[] ranks = ParetoFronts.ranks(all.stream().map(Candidate::costs).toArray(double[][]::new));
            return IntStream.range(0, ranks.length)
                    .filter(i -> ranks[i] == 0)
                    .mapToObj(all::get)
                    .sorted(Comparator.comparingLong(Candidate::bytes).thenComparingDouble(Candidate::divergence))
                    .toList();
        }
    }
}
