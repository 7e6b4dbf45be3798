package dev.lathe.search;

import java.util.List;

/**
 * A way to spend tokens on one question. Immutable and thread-safe. A new one is a class with this method, which draws
 * with {@link SearchRun#extend} and chooses with {@link SearchRun#choose}; the run keeps the budget.
 */
@FunctionalInterface
public interface SearchStrategy {
    /**
     * Searches.
     *
     * @return all answers among which the search chooses the best; the run knows how they score
     */
    List<Candidate> search(SearchRun run);

    /**
     * So many independent answers; best-of-n weighted. With a rule of success ({@link Search#success}) it ends at the
     * first one that has it (Brown et al.: Large Language Monkeys, 2024, arXiv:2407.21787).
     */
    static SearchStrategy bestOf(int samples) {
        return new BestOf(samples);
    }

    /**
     * A beam over steps: so many candidates are drawn step by step, of which one in {@code expansions} is kept after
     * each step and goes on in as many ways (Snell et al.: Scaling LLM Test-Time Compute Optimally, 2024,
     * arXiv:2408.03314, section 5.2).
     */
    static SearchStrategy beam(int candidates, int expansions) {
        return new Beam(candidates, expansions, 0);
    }

    /** A beam whose candidates are scored where so many more steps, greedily, would lead them; 0 for a plain beam. */
    static SearchStrategy lookahead(int candidates, int expansions, int steps) {
        return new Beam(candidates, expansions, steps);
    }

    /**
     * So many chains of answers, each of so many, in which each answer after the first revises the ones before it
     * (section 6 of the same paper).
     */
    static SearchStrategy revise(int chains, int answers, Reviser reviser) {
        return new Revise(chains, answers, reviser);
    }
}
