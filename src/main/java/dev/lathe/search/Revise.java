package dev.lathe.search;

import java.util.ArrayList;
import java.util.List;

/** Chains of answers that revise the ones before; the chains go on side by side. */
record Revise(int chains, int answers, Reviser reviser) implements SearchStrategy {
    Revise {
        SearchRun.require(chains >= 1, "chains", chains, "at least 1");
        SearchRun.require(answers >= 1, "answers", answers, "at least 1");
    }

    @Override
    public List<Candidate> search(SearchRun run) {
        List<Candidate> all = new ArrayList<>(run.extend(List.of(run.beginning()), chains, SearchRun.Extent.ANSWER));
        List<List<Candidate>> growing = new ArrayList<>();
        all.forEach(first -> growing.add(new ArrayList<>(List.of(first))));
        for (int answer = 1; answer < answers && !run.isOver(); answer++) {
            List<Candidate> begun =
                    growing.stream().map(chain -> reviser.revise(run, chain)).toList();
            List<Candidate> revised = run.extend(begun, 1, SearchRun.Extent.ANSWER);
            for (int chain = 0; chain < revised.size(); chain++) {
                growing.get(chain).add(revised.get(chain));
            }
            all.addAll(revised);
        }
        return all;
    }
}
