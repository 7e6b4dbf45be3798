package dev.lathe.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Draws a few answers first, takes their scores for how difficult the question is, and spends the rest of the budget as
 * was best for questions like that.
 *
 * <p>Snell et al.: Scaling LLM Test-Time Compute Optimally, 2024, arXiv:2408.03314, section 3: bins of estimated
 * difficulty, and in each the strategy that did best on questions whose answers are known.
 */
public final class ByDifficulty implements SearchStrategy {
    private final int pilot;
    private final NavigableMap<Double, SearchStrategy> strategies;

    /**
     * A policy.
     *
     * @param pilot answers that are drawn first
     * @param strategies by the difficulty, from 0 to 1, up to which each is taken; the last one beyond it too
     */
    public ByDifficulty(int pilot, Map<Double, SearchStrategy> strategies) {
        SearchRun.require(pilot >= 1, "pilot", pilot, "at least 1");
        SearchRun.require(!strategies.isEmpty(), "strategies", strategies.size(), "at least 1");
        this.pilot = pilot;
        this.strategies = new TreeMap<>(strategies);
    }

    /**
     * What a strategy did on a question whose answer is known.
     *
     * @param difficulty of the question, by {@link SearchResult#difficulty} of a pilot
     * @param strategy the strategy
     * @param quality how good its choice was, such as 1 for right and 0 for wrong
     */
    public record Trial(double difficulty, SearchStrategy strategy, double quality) {}

    /**
     * Learns a policy: questions are divided into bins of equally many trials by their difficulty, and in each the
     * strategy with the highest mean quality is taken; of equal ones the one that was tried first. Judge it on other
     * questions.
     *
     * @param bins at most so many; equal difficulties are never divided
     */
    public static ByDifficulty fit(int pilot, int bins, List<Trial> trials) {
        SearchRun.require(bins >= 1, "bins", bins, "at least 1");
        SearchRun.require(!trials.isEmpty(), "trials", trials.size(), "at least 1");
        double[] sorted =
                trials.stream().mapToDouble(Trial::difficulty).sorted().toArray();
        NavigableMap<Double, SearchStrategy> best = new TreeMap<>();
        double above = Double.NEGATIVE_INFINITY;
        for (int bin = 1; bin <= bins; bin++) {
            double from = above;
            double to = sorted[Math.max(0, (int) ((long) bin * sorted.length / bins) - 1)];
            List<Trial> within = trials.stream()
                    .filter(trial -> trial.difficulty > from && trial.difficulty <= to)
                    .toList();
            if (!within.isEmpty()) {
                best.put(to, best(within));
                above = to;
            }
        }
        return new ByDifficulty(pilot, best);
    }

    private static SearchStrategy best(List<Trial> trials) {
        SearchStrategy best = null;
        double most = Double.NEGATIVE_INFINITY;
        for (SearchStrategy strategy :
                trials.stream().map(Trial::strategy).distinct().toList()) {
            double quality = trials.stream()
                    .filter(trial -> trial.strategy.equals(strategy))
                    .mapToDouble(Trial::quality)
                    .average()
                    .orElseThrow();
            if (quality > most) {
                most = quality;
                best = strategy;
            }
        }
        return best;
    }

    /** The strategy for questions of a difficulty. */
    public SearchStrategy strategy(double difficulty) {
        Map.Entry<Double, SearchStrategy> bin = strategies.ceilingEntry(difficulty);
        return bin == null ? strategies.lastEntry().getValue() : bin.getValue();
    }

    @Override
    public List<Candidate> search(SearchRun run) {
        List<Candidate> all = new ArrayList<>(run.extend(List.of(run.beginning()), pilot, SearchRun.Extent.ANSWER));
        if (!run.isOver()) {
            double difficulty = SearchResult.difficulty(all.stream()
                    .map(candidate -> candidate.score(run.score(candidate)))
                    .toList());
            all.addAll(strategy(difficulty).search(run));
        }
        return all;
    }

    @Override
    public String toString() {
        return "by difficulty " + strategies;
    }
}
