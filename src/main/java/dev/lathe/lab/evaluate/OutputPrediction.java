package dev.lathe.lab.evaluate;

import dev.lathe.lab.judge.Judge;
import dev.lathe.lab.judge.Judgement;
import java.util.List;
import java.util.Optional;

/**
 * A program whose output is to be predicted without running it. What the program really prints is found by running it.
 *
 * <p>Lyu et al.: SURGE: On the Potential of Large Language Models as General-Purpose Surrogate Code Executors, 2025,
 * arXiv:2502.11167: exact match of predicted and real output.
 *
 * @param name the problem and the call
 * @param prompt a program up to the place where a comment tells what is printed
 * @param program the same, complete
 * @param mainClass class whose {@code main} prints
 */
public record OutputPrediction(String name, String prompt, String program, String mainClass) {
    /** A prediction for each call of a problem whose solution is known. */
    public static List<OutputPrediction> of(Problem problem) {
        return problem.solution().stream()
                .flatMap(solution -> problem.calls().stream().map(call -> of(problem, solution, call)))
                .toList();
    }

    private static OutputPrediction of(Problem problem, String solution, String call) {
        String start = problem.prompt() + solution + "\n\n    public static void main(String[] arguments) {\n"
                + "        System.out.println(" + call + ");";
        return new OutputPrediction(
                problem.name() + ": " + call, start + " // prints ", start + "\n    }\n}\n", problem.mainClass());
    }

    /** What the program prints; empty if it does not run. */
    public Optional<String> truth(Judge judge) {
        Judgement judgement = judge.judge(program, mainClass);
        return judgement.passed() ? Optional.of(judgement.output().strip()) : Optional.empty();
    }

    /** Whether the first line of a prediction is the output, up to white space around it and quotation marks. */
    public static boolean matches(String truth, String predicted) {
        String line = predicted.strip().lines().findFirst().orElse("").strip();
        return truth.equals(line) || line.equals("\"" + truth + "\"");
    }
}
