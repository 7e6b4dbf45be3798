package dev.lathe.lab.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.figures.Estimate;
import dev.lathe.lab.judge.Judge;
import dev.lathe.lab.judge.JudgeLimits;
import dev.lathe.lab.judge.Judgement;
import dev.lathe.lab.judge.Verdict;
import dev.lathe.measure.Perplexity;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class EvaluationTest {
    @Test
    @Slow
    void everyProblemOfOurOwnIsSolvedByItsSolutionAndNotByAnEmptyMethod() {
        List<Problem> problems = JavaProblems.all();
        Set<String> names = new HashSet<>();
        try (Judge judge = new Judge(JudgeLimits.DEFAULT)) {
            for (Problem problem : problems) {
                assertTrue(names.add(problem.name()), problem.name());
                String right = problem.program(problem.solution().orElseThrow());
                assertEquals(
                        new Judgement(Verdict.PASSED, "", "", 0),
                        timeless(judge.judge(right, problem.mainClass())),
                        problem.name());
                assertFalse(
                        judge.judge(problem.program("    }"), problem.mainClass())
                                .passed(),
                        problem.name());
                assertFalse(
                        judge.judge(problem.program(lazy(problem)), problem.mainClass())
                                .passed(),
                        problem.name());
            }
        }
        assertTrue(problems.size() >= 60, problems.size() + " problems");
    }

    private static Judgement timeless(Judgement judgement) {
        return new Judgement(judgement.verdict(), judgement.message(), judgement.output(), 0);
    }

    private static String firstLine(Problem problem) {
        String prompt = problem.prompt().stripTrailing();
        return prompt.substring(prompt.lastIndexOf('\n') + 1);
    }

    /** Returns the first thing that fits the type: tests that it passes are no tests. */
    private static String lazy(Problem problem) {
        String line = problem.closingLine() + firstLine(problem);
        String value = line.contains(" boolean ") ? "true" : line.contains(" char ") ? "'0'" : "0";
        boolean isReference =
                line.contains(" String ") && !line.contains("(String") || line.contains("List<Integer> toList");
        return "        return " + (isReference ? "null" : value) + ";\n    }";
    }

    @Test
    void completionsAreCutJudgedAndCounted() {
        Problem problem = JavaProblems.all().getFirst();
        String right = problem.solution().orElseThrow();
        List<String> written = List.of(
                right,
                right + "\n\n    static int more() {",
                "        return a;\n    }",
                "no Java",
                "System.exit(0); return 1; }");
        List<ProblemScore> told = new ArrayList<>();
        try (Judge judge = new Judge(JudgeLimits.DEFAULT)) {
            Evaluation evaluation =
                    Evaluator.run(List.of(problem), (p, samples) -> written, written.size(), judge, told::add);

            assertEquals(2 / 5.0, evaluation.passAt(1).value(), 1e-12);
            assertEquals(1, evaluation.passAt(5).value());
            assertEquals(1, evaluation.verdicts().get(Verdict.REFUSED));
            assertEquals(1, evaluation.verdicts().get(Verdict.NOT_COMPILED));
            assertEquals(1, evaluation.verdicts().get(Verdict.THREW));
            assertEquals(0.25, evaluation.proficiency());
            assertEquals(told, evaluation.scores());
            assertThrows(
                    IllegalStateException.class,
                    () -> Evaluator.run(List.of(problem), (p, n) -> List.of(), 1, judge, told::add));
        }
    }

    @Test
    void proficiencyRisesWithWhatThereIsToChoose() {
        assertEquals(0, proficiency("b:THREW", "c:NOT_COMPILED"));
        assertEquals(0.25, proficiency("a:PASSED", "b:NOT_COMPILED"));
        assertEquals(0.5, proficiency("a:PASSED", "b:THREW"));
        assertEquals(0.75, proficiency("a:PASSED", "b:PASSED"));
        assertEquals(1, proficiency("a:PASSED", "a:PASSED"));
        assertEquals(
                1,
                score(Collections.nCopies(10, "a:PASSED"), List.of("c:NOT_COMPILED"))
                        .proficiency(),
                "the eleventh is not shown");
    }

    private static double proficiency(String... suggestions) {
        return score(List.of(suggestions), List.of()).proficiency();
    }

    private static ProblemScore score(List<String> some, List<String> more) {
        List<String> all = new ArrayList<>(some);
        all.addAll(more);
        return new ProblemScore(
                "p",
                all.stream().map(text -> text.substring(0, 1)).toList(),
                all.stream()
                        .map(text -> new Judgement(Verdict.valueOf(text.substring(2)), "", "", 0))
                        .toList());
    }

    /** Problems whose rates of success are drawn anew each time, as other problems like these would be. */
    @Test
    void theIntervalOfPassAtOneCoversInSimulation() {
        Random random = new Random(3);
        for (double mean : new double[] {0.05, 0.3, 0.8}) {
            int covered = 0;
            for (int run = 0; run < 1000; run++) {
                double[] shares = new double[60];
                for (int i = 0; i < shares.length; i++) {
                    double rate = random.nextDouble() < mean / 2 ? 1 : mean / 2 / (1 - mean / 2);
                    for (int sample = 0; sample < 10; sample++) {
                        shares[i] += random.nextDouble() < rate ? 0.1 : 0;
                    }
                }
                covered += Evaluation.share(shares).covers(mean) ? 1 : 0;
            }
            assertTrue(covered >= 910, covered + " of 1000 at " + mean);
        }
    }

    @Property
    void theIntervalHoldsTheEstimateAndStaysAShare(
            @ForAll @IntRange(min = 1, max = 30) int problems, @ForAll long seed) {
        Random random = new Random(seed);
        int kinds = random.nextInt(3);
        double[] shares = random.doubles(problems)
                .map(share -> kinds == 0 ? 0 : kinds == 1 ? 1 : share)
                .toArray();
        Estimate estimate = Evaluation.share(shares);

        assertTrue(estimate.covers(estimate.value()));
        assertTrue(0 <= estimate.low() && estimate.high() <= 1);
        assertTrue(estimate.high() > estimate.low(), "an interval without a width says too much");
    }

    @Test
    void aMethodEndsAtItsOwnBrace() {
        String body = "  if (a) { s = \"}\\\"}\"; } // }\n /* } */ char c = '}'; t = \"\"\"\n }\"\"\"; }";
        assertEquals(body, MethodEnd.cut(body + " void next() {}"));
        assertEquals("no end {", MethodEnd.cut("no end {"));
        assertEquals("}", MethodEnd.cut("}}"));
    }

    @Property
    void aCutIsABeginningAndStaysWhatItIs(@ForAll String text) {
        String cut = MethodEnd.cut(text);

        assertTrue(text.startsWith(cut));
        assertEquals(cut, MethodEnd.cut(cut));
    }

    @Test
    void outputsArePredictedOfCallsWithAKnownAnswer() {
        Problem problem = JavaProblems.all().stream()
                .filter(p -> p.name().equals("max"))
                .findFirst()
                .orElseThrow();
        OutputPrediction first = OutputPrediction.of(problem).getFirst();

        assertEquals("max: max(1, 2)", first.name());
        assertTrue(first.prompt().endsWith("System.out.println(max(1, 2)); // prints "), first.prompt());
        try (Judge judge = new Judge(JudgeLimits.DEFAULT)) {
            assertEquals("2", first.truth(judge).orElseThrow());
        }
        assertTrue(OutputPrediction.matches("2", " 2 \nmore"));
        assertTrue(OutputPrediction.matches("ab", "\"ab\""));
        assertFalse(OutputPrediction.matches("2", "22"));
        assertFalse(OutputPrediction.matches("2", ""));
    }

    @Test
    void aFileWithoutTestsOrClassIsRefused() {
        String whole = "=== p\nclass P {\n    int f() {\n--- tests\ntrue\n";
        assertEquals(1, JavaProblems.parse(whole).size());
        assertEquals("\n    }", JavaProblems.parse(whole).getFirst().closingLine());
        assertTrue(JavaProblems.parse(whole).getFirst().prompt().endsWith("{\n"), "tokenizers join the two");
        for (String broken : List.of("=== p", "=== p\nclass P {\n", "=== p\nint f() {\n--- tests\ntrue\n")) {
            IllegalArgumentException problem =
                    assertThrows(IllegalArgumentException.class, () -> JavaProblems.parse(broken));
            assertTrue(problem.getMessage().contains("problem \"p\""), problem.getMessage());
        }
    }

    @Test
    void lossByCharactersDoesNotDependOnTheTokenizer() {
        Perplexity coarse = new Perplexity(16, 0.1, 100, 1); // 2 characters a token
        Perplexity fine = new Perplexity(4, 0.1, 200, 1);
        String text = "x".repeat(1000);

        assertEquals(2, CharacterLoss.of(coarse, text, 500).bits(), 1e-12);
        assertEquals(2, CharacterLoss.of(fine, text, 1000).bits(), 1e-12);
        assertEquals(4, CharacterLoss.of(fine, text, 1000).perplexity(), 1e-12);
        assertThrows(IllegalArgumentException.class, () -> CharacterLoss.of(fine, "", 1));
    }
}
