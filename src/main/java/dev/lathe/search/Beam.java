package dev.lathe.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** A beam over steps, which may look ahead. */
record Beam(int candidates, int expansions, int lookahead) implements SearchStrategy {
    Beam {
        SearchRun.require(candidates >= 1, "candidates", candidates, "at least 1");
        SearchRun.require(
                expansions >= 1 && expansions <= candidates, "expansions", expansions, "from 1 to " + candidates);
        SearchRun.require(lookahead >= 0, "steps to look ahead", lookahead, "at least 0");
    }

    @Override
    public List<Candidate> search(SearchRun run) {
        List<Candidate> beam = run.extend(List.of(run.beginning()), candidates, SearchRun.Extent.STEP);
        List<Candidate> best = beam;
        while (!run.isOver() && beam.stream().anyMatch(candidate -> !candidate.isComplete())) {
            best = keep(run, beam);
            List<Candidate> open =
                    best.stream().filter(candidate -> !candidate.isComplete()).toList();
            if (open.isEmpty()) {
                return best;
            }
            beam = new ArrayList<>(best.stream().filter(Candidate::isComplete).toList());
            beam.addAll(run.extend(open, expansions, SearchRun.Extent.STEP));
        }
        return beam.isEmpty() ? best : beam;
    }

    /** The best of a beam, by what they are or lead to; of equal ones the first. */
    private List<Candidate> keep(SearchRun run, List<Candidate> beam) {
        int kept = Math.max(1, candidates / expansions);
        if (beam.size() <= kept) {
            return beam;
        }
        record Outlook(Candidate candidate, double score) {}
        List<Candidate> ends = outlooks(run, beam);
        List<Outlook> outlooks = new ArrayList<>();
        for (int i = 0; i < beam.size(); i++) {
            outlooks.add(new Outlook(beam.get(i), run.score(ends.get(i))));
        }
        return outlooks.stream()
                .sorted(Comparator.comparingDouble(Outlook::score).reversed())
                .limit(kept)
                .map(Outlook::candidate)
                .toList();
    }

    /** Where each candidate is after the steps that are looked ahead; where there are no tokens for it, as it is. */
    private List<Candidate> outlooks(SearchRun run, List<Candidate> beam) {
        List<Candidate> ends = new ArrayList<>(beam);
        for (int step = 0; step < lookahead; step++) {
            int[] open = IntStream.range(0, ends.size())
                    .filter(i -> !ends.get(i).isComplete())
                    .toArray();
            List<Candidate> longer =
                    run.extend(Arrays.stream(open).mapToObj(ends::get).toList(), 1, SearchRun.Extent.GREEDY_STEP);
            for (int i = 0; i < longer.size(); i++) {
                ends.set(open[i], longer.get(i));
            }
        }
        return ends;
    }
}
