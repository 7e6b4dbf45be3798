package dev.lathe.tools.generate;

import dev.lathe.Engine;
import dev.lathe.Model;
import dev.lathe.decode.Sampler;
import dev.lathe.lab.evaluate.JavaProblems;
import dev.lathe.lab.evaluate.Problem;
import dev.lathe.lab.evaluate.ProblemReader;
import dev.lathe.lab.judge.Judge;
import dev.lathe.lab.judge.JudgeLimits;
import dev.lathe.lab.judge.Judgement;
import dev.lathe.lab.judge.Verdict;
import dev.lathe.search.ByDifficulty;
import dev.lathe.search.Candidate;
import dev.lathe.search.Reviser;
import dev.lathe.search.Scorer;
import dev.lathe.search.Search;
import dev.lathe.search.SearchResult;
import dev.lathe.search.SearchStrategy;
import dev.lathe.serve.EngineOptions;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import dev.lathe.tools.command.Terminal;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What more tokens bring on small Java problems, for each way to spend them. */
public final class SearchCommand {
    private static final String HELP = """
            Search: how many methods a model completes so that their tests pass, and with how many tokens, for each way to
            search. The tests judge what a search chose, and do not help it to choose, but in the last row, which samples
            until they pass.

              --problems FILE     JSON lines in the form of HumanEval-X or MultiPL-E, in Java; default: 65 of Lathe's own
              --budget N          tokens of a problem at most; default: 1500
              --draws N           answers, or beginnings of them, at once; default: 16
              --scorer NAME       likelihood, or compiles: likelihood, and 0 for what does not compile; default: compiles
              --temperature T     default: 0.8
              --max-tokens N      of an answer; default: 96
              --seed N            of the sampler; default: 1
            """;

    private static final int PILOT = 4;
    private static final int BINS = 3;

    /** What a way to search did on all problems: means, but for the seconds. */
    record Row(String strategy, double solved, double tokens, double draws, double seconds) {}

    private final Program program;
    private final Judge judge;
    private final Map<String, Judgement> judged = new HashMap<>();
    private final List<Problem> problems;
    private final boolean compiles;
    private final List<Row> rows = new ArrayList<>();

    private SearchCommand(Program program, Judge judge) throws IOException {
        Options options = program.options;
        this.program = program;
        this.judge = judge;
        this.problems =
                options.has("--problems") ? ProblemReader.read(options.file("--problems", null)) : JavaProblems.all();
        this.compiles = options.word("--scorer", "compiles", List.of("likelihood", "compiles"))
                .equals("compiles");
    }

    public static Command command() {
        return new Command(HELP + Program.LOADING, program -> {
            try (Judge judge = new Judge(JudgeLimits.DEFAULT.time(Duration.ofSeconds(5)))) {
                new SearchCommand(program, judge).run();
            }
        });
    }

    private void run() throws IOException {
        int draws = program.options.integer("--draws", 16, 8);
        Map<String, SearchStrategy> strategies = new LinkedHashMap<>();
        strategies.put("one answer", SearchStrategy.bestOf(1));
        strategies.put("best of " + draws / 4, SearchStrategy.bestOf(draws / 4));
        strategies.put("best of " + draws, SearchStrategy.bestOf(draws));
        strategies.put("beam " + draws + " by 4", SearchStrategy.beam(draws, 4));
        strategies.put("beam " + draws / 2 + " by 4, 2 ahead", SearchStrategy.lookahead(draws / 2, 4, 2));
        strategies.put(
                "revise " + draws / 4 + " chains of 4", SearchStrategy.revise(draws / 4, 4, Reviser.weakestStep()));
        try (Model model = program.loadModel();
                Engine engine = model.engine(EngineOptions.DEFAULT.texts(draws).idleTexts(2 * draws))) {
            Map<String, List<Boolean>> solved = new LinkedHashMap<>();
            for (Map.Entry<String, SearchStrategy> strategy : strategies.entrySet()) {
                solved.put(strategy.getKey(), row(engine, strategy.getKey(), problem -> strategy.getValue()));
            }
            byDifficulty(engine, strategies, solved);
            untilSolved(engine, draws);
        }
        if (program.isJson()) {
            program.printJson(Map.of("results", rows, "problems", problems.size()));
        } else {
            program.out.print(Terminal.table(
                    List.of("search", "solved", "tokens", "draws", "seconds"),
                    rows.stream()
                            .map(row -> List.of(
                                    row.strategy,
                                    String.format(Locale.ROOT, "%.3f", row.solved),
                                    String.format(Locale.ROOT, "%.0f", row.tokens),
                                    String.format(Locale.ROOT, "%.1f", row.draws),
                                    String.format(Locale.ROOT, "%.1f", row.seconds)))
                            .toList()));
        }
    }

    private interface Choice {
        SearchStrategy of(int problem);
    }

    /** Runs a strategy on all problems; which of them it solved. */
    private List<Boolean> row(Engine engine, String name, Choice choice) {
        List<Boolean> solved = new ArrayList<>();
        List<SearchResult> results = new ArrayList<>();
        for (int i = 0; i < problems.size(); i++) {
            program.terminal.progress(name, i, problems.size(), problems.get(i).name());
            SearchResult result = search(engine, problems.get(i)).run(choice.of(i));
            results.add(result);
            solved.add(isSolved(problems.get(i), result));
        }
        addRow(name, solved.stream().filter(right -> right).count(), results);
        return solved;
    }

    /** Learned on every other problem and judged on those between, and the other way round. */
    private void byDifficulty(
            Engine engine, Map<String, SearchStrategy> strategies, Map<String, List<Boolean>> solved) {
        List<Double> difficulties = problems.stream()
                .map(problem -> search(engine, problem)
                        .run(SearchStrategy.bestOf(PILOT))
                        .difficulty())
                .toList();
        List<ByDifficulty> policies = new ArrayList<>();
        for (int fold = 0; fold < 2; fold++) {
            List<ByDifficulty.Trial> trials = new ArrayList<>();
            for (Map.Entry<String, SearchStrategy> strategy : strategies.entrySet()) {
                for (int i = 1 - fold; i < problems.size(); i += 2) {
                    double quality = solved.get(strategy.getKey()).get(i) ? 1 : 0;
                    trials.add(new ByDifficulty.Trial(difficulties.get(i), strategy.getValue(), quality));
                }
            }
            policies.add(ByDifficulty.fit(PILOT, BINS, trials));
        }
        row(engine, "by difficulty, learned on the other half", i -> policies.get(i % 2));
    }

    private void untilSolved(Engine engine, int draws) {
        List<SearchResult> results = new ArrayList<>();
        for (Problem problem : problems) {
            results.add(search(engine, problem)
                    .success(text -> judgement(problem, text).passed())
                    .run(SearchStrategy.bestOf(draws)));
        }
        long solved = results.stream().filter(SearchResult::isSuccess).count();
        addRow("until the tests pass, at most " + draws, solved, results);
    }

    private void addRow(String name, long solved, List<SearchResult> results) {
        rows.add(new Row(
                name,
                solved / (double) problems.size(),
                results.stream()
                        .mapToLong(result -> result.statistics().tokens())
                        .average()
                        .orElse(0),
                results.stream()
                        .mapToInt(result -> result.statistics().draws())
                        .average()
                        .orElse(0),
                results.stream()
                        .mapToDouble(result -> result.statistics().time().toNanos() * 1e-9)
                        .sum()));
    }

    private Search search(Engine engine, Problem problem) {
        Options options = program.options;
        return Search.of(engine, problem.prompt())
                .sampler(Sampler.temperature(options.decimal("--temperature", 0.8f, 0.01f, 10))
                        .seed(options.longInteger("--seed", 1)))
                .maxTokens(options.integer("--max-tokens", 96, 1))
                .stop(problem.closingLine())
                .step("\n", 48)
                .budget(options.integer("--budget", 1500, 1))
                .answer(text -> text.replaceAll("\\s+", " ").strip())
                .scorer(compiles ? compiling(problem).and(Scorer.likelihood()) : Scorer.likelihood());
    }

    /** Whether an answer compiles; of a beginning it is not known. */
    private Scorer compiling(Problem problem) {
        return candidate ->
                !candidate.isComplete() || judgement(problem, candidate.text()).verdict() != Verdict.NOT_COMPILED
                        ? 1
                        : 0;
    }

    private boolean isSolved(Problem problem, SearchResult result) {
        return result.best()
                .map(Candidate::text)
                .filter(text -> judgement(problem, text).passed())
                .isPresent();
    }

    private Judgement judgement(Problem problem, String text) {
        String source = problem.program(text + problem.closingLine());
        return judged.computeIfAbsent(source, one -> judge.judge(one, problem.mainClass()));
    }
}
