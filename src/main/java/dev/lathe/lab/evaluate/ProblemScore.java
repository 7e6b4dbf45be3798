package dev.lathe.lab.evaluate;

import dev.lathe.lab.judge.Judgement;
import dev.lathe.lab.judge.Verdict;
import java.util.HashSet;
import java.util.List;

/**
 * What came of a problem's completions.
 *
 * @param name the problem
 * @param completions what the model wrote, in the order of the samples
 * @param judgements one a completion
 */
public record ProblemScore(String name, List<String> completions, List<Judgement> judgements) {
    private static final int SUGGESTIONS = 10;

    /** Copies the lists. */
    public ProblemScore {
        completions = List.copyOf(completions);
        judgements = List.copyOf(judgements);
        if (completions.isEmpty() || completions.size() != judgements.size()) {
            throw new IllegalArgumentException("problem " + name + ": " + completions.size() + " completions, "
                    + judgements.size() + " judgements: expected one judgement for each of at least one completion");
        }
    }

    /** Completions that passed. */
    public int passed() {
        return count(Verdict.PASSED);
    }

    /** Completions of which this came. */
    public int count(Verdict verdict) {
        return (int) judgements.stream()
                .filter(judgement -> judgement.verdict() == verdict)
                .count();
    }

    /**
     * How well a list of up to ten suggestions serves its reader: 0 if none is right; a quarter if one is right, and
     * others do not even compile; a half if all compile; three quarters if all are right; 1 if they are also all the
     * same, so that there is nothing to choose.
     *
     * <p>Godoy et al.: Evaluation of OpenAI Codex for HPC Parallel Programming Models Kernel Generation, 2023,
     * arXiv:2306.15121. There the two middle steps ask whether a suggestion uses the programming model asked for;
     * here, where programs have none, whether it compiles.
     */
    public double proficiency() {
        List<Judgement> shown = judgements.subList(0, Math.min(SUGGESTIONS, judgements.size()));
        if (shown.stream().noneMatch(Judgement::passed)) {
            return 0;
        }
        if (shown.stream().anyMatch(judgement -> judgement.verdict() == Verdict.NOT_COMPILED)) {
            return 0.25;
        }
        if (!shown.stream().allMatch(Judgement::passed)) {
            return 0.5;
        }
        return new HashSet<>(completions.subList(0, shown.size())).size() > 1 ? 0.75 : 1;
    }
}
