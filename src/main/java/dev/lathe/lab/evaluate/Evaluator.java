package dev.lathe.lab.evaluate;

import dev.lathe.lab.judge.Judge;
import dev.lathe.lab.judge.Judgement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Lets a completer solve problems and judges what it wrote. Equal completions of a problem are judged once. */
public final class Evaluator {
    private Evaluator() {}

    /**
     * Evaluates, one problem after the other.
     *
     * @param samples completions of each problem, at least 1
     * @param judge runs the completions; the caller closes it
     * @param progress told each problem's score as it is known
     */
    public static Evaluation run(
            List<Problem> problems, Completer completer, int samples, Judge judge, Consumer<ProblemScore> progress) {
        List<ProblemScore> scores = new ArrayList<>();
        for (Problem problem : problems) {
            List<String> completions = completer.complete(problem, samples).stream()
                    .map(MethodEnd::cut)
                    .toList();
            if (completions.size() != samples) {
                throw new IllegalStateException("the completer gave " + completions.size() + " completions of "
                        + problem.name() + ": expected " + samples);
            }
            Map<String, Judgement> known = new HashMap<>();
            List<Judgement> judgements = completions.stream()
                    .map(completion -> known.computeIfAbsent(
                            problem.program(completion), program -> judge.judge(program, problem.mainClass())))
                    .toList();
            ProblemScore score = new ProblemScore(problem.name(), completions, judgements);
            scores.add(score);
            progress.accept(score);
        }
        return new Evaluation(scores, samples);
    }
}
