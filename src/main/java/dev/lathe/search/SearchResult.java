package dev.lathe.search;

import java.util.List;
import java.util.Optional;

/**
 * What a search found.
 *
 * @param best the answer chosen: the first success, or else of the answers whose scores add up to most the best one;
 *     empty if nothing was drawn
 * @param candidates all answers that it was chosen from, with their scores
 * @param isSuccess whether it is a success by the rule that was given
 * @param statistics what it took
 */
public record SearchResult(
        Optional<Candidate> best, List<Candidate> candidates, boolean isSuccess, SearchStatistics statistics) {
    /** Copies the list. */
    public SearchResult {
        candidates = List.copyOf(candidates);
    }

    /**
     * How difficult the question looks: 1 less the mean score of the answers; 1 if there are none. The estimate that
     * needs no known answer (Snell et al., 2024, arXiv:2408.03314, section 3.2).
     */
    public double difficulty() {
        return difficulty(candidates);
    }

    static double difficulty(List<Candidate> scored) {
        return 1 - scored.stream().mapToDouble(Candidate::score).average().orElse(0);
    }
}
