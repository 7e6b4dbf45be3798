package dev.lathe.search;

import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/** Says from where the next answer of a chain goes on, given the ones before it. Thread-safe. */
@FunctionalInterface
public interface Reviser {
    /**
     * What the next answer begins with.
     *
     * @param run for candidates and prompts
     * @param chain the answers so far, the last one last; at least one
     * @return a beginning of an answer, or of another prompt
     */
    Candidate revise(SearchRun run, List<Candidate> chain);

    /**
     * Draws the best answer so far anew from its weakest step on, the one whose tokens the model itself found least
     * probable. Needs no model that was trained to revise.
     */
    static Reviser weakestStep() {
        return (run, chain) -> {
            Candidate best =
                    chain.stream().max(Comparator.comparingDouble(run::score)).orElseThrow();
            Step weakest = best.steps().stream()
                    .min(Comparator.comparingDouble(best::meanLogProbability))
                    .orElse(new Step("", 0, 0));
            return run.cut(best, weakest.begin());
        };
    }

    /**
     * Asks anew with a prompt that shows answers before, at most the last four: for models that were trained to revise.
     *
     * @param prompt makes it of their texts
     */
    static Reviser prompt(Function<List<String>, String> prompt) {
        return (run, chain) ->
                run.beginning(prompt.apply(chain.subList(Math.max(0, chain.size() - 4), chain.size()).stream()
                        .map(Candidate::text)
                        .toList()));
    }
}
