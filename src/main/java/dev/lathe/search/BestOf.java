package dev.lathe.search;

import java.util.List;

/** Independent answers. */
record BestOf(int samples) implements SearchStrategy {
    BestOf {
        SearchRun.require(samples >= 1, "samples", samples, "at least 1");
    }

    @Override
    public List<Candidate> search(SearchRun run) {
        return run.extend(List.of(run.beginning()), samples, SearchRun.Extent.ANSWER);
    }
}
