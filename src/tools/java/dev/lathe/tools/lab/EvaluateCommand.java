package dev.lathe.tools.lab;

import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.decode.Sampler;
import dev.lathe.figures.Estimate;
import dev.lathe.lab.benchmark.Stage;
import dev.lathe.lab.benchmark.StageProfiler;
import dev.lathe.lab.evaluate.CharacterLoss;
import dev.lathe.lab.evaluate.Completer;
import dev.lathe.lab.evaluate.Evaluation;
import dev.lathe.lab.evaluate.Evaluator;
import dev.lathe.lab.evaluate.JavaProblems;
import dev.lathe.lab.evaluate.ModelCompleter;
import dev.lathe.lab.evaluate.OutputPrediction;
import dev.lathe.lab.evaluate.Problem;
import dev.lathe.lab.evaluate.ProblemReader;
import dev.lathe.lab.judge.Judge;
import dev.lathe.lab.judge.JudgeLimits;
import dev.lathe.measure.Perplexity;
import dev.lathe.measure.Windows;
import dev.lathe.text.Tokenizer;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Lets a model complete Java methods and runs what it wrote, contained. */
public final class EvaluateCommand {
    private static final String HELP = """
            Evaluate: how many methods a model completes so that their tests pass. What it writes is compiled and run in a
            process of its own, without files, network, processes and threads.

              --problems FILE     JSON lines in the form of HumanEval-X or MultiPL-E, in Java; default: 65 of Lathe's own
              --samples N         completions of each problem; default: 10
              --temperature T     0 is greedy; default: 0.6
              --max-tokens N      of a completion; default: 96
              --seed N            of the sampler; default: 1
              --fill-in-middle    gives the model the end of the class too, and lets it write what stands between, where
                                  its vocabulary has the tokens for that
              --seconds S         a program may compile and run; default: 5
              --outputs           also predicts what programs print, of Lathe's own problems
              --text FILE         also measures perplexity of a text, by tokens and by characters, in 16 windows of 512
            """ + Power.HELP + RunRecord.HELP;

    private EvaluateCommand() {}

    public static Command command() {
        return new Command(HELP + Program.LOADING, EvaluateCommand::run);
    }

    private static void run(Program program) throws IOException {
        Options options = program.options;
        int samples = options.integer("--samples", 10, 1);
        int maxTokens = options.integer("--max-tokens", 96, 1);
        float temperature = options.decimal("--temperature", 0.6f, 0, 10);
        float seconds = options.decimal("--seconds", 5, 0.1f, 3600);
        Sampler sampler = temperature == 0
                ? Sampler.greedy()
                : Sampler.temperature(temperature).seed(options.longInteger("--seed", 1));
        List<Problem> problems =
                options.has("--problems") ? ProblemReader.read(options.file("--problems", null)) : JavaProblems.all();
        JudgeLimits limits = JudgeLimits.DEFAULT.time(Duration.ofMillis((long) (1000 * seconds)));
        Map<String, Object> result = new LinkedHashMap<>();
        try (Model model = program.loadModel();
                Session session = model.newSession();
                Judge judge = new Judge(limits)) {
            Power power = Power.wherePossible(program);
            StageProfiler profiler = power.profiler();
            Completer writer = new ModelCompleter(session, sampler, maxTokens, options.has("--fill-in-middle"));
            Completer completer = (problem, count) -> {
                try (var _ = profiler.enter("complete")) {
                    return writer.complete(problem, count);
                }
            };
            int[] done = {0};
            Evaluation evaluation = Evaluator.run(problems, completer, samples, judge, score -> {
                program.terminal.progress("problem", ++done[0], problems.size(), score.name());
            });
            result.put("bytes", Files.size(program.modelFile()));
            put(result, "passAt1", evaluation.passAt(1));
            if (samples >= 10) {
                put(result, "passAt10", evaluation.passAt(10));
            }
            result.put("proficiency", evaluation.proficiency());
            result.put("problems", problems.size());
            result.put("samples", samples);
            evaluation.verdicts().forEach((verdict, count) -> result.put(verdict.name(), count));
            if (options.has("--text")) {
                loss(model, Files.readString(options.file("--text", null)), result);
            }
            if (options.has("--outputs")) {
                predictOutputs(session, judge, result);
            }
            Map<String, Double> noisy = new LinkedHashMap<>();
            Stage completing = profiler.stages().getFirst();
            noisy.put("secondsPerProblem", completing.seconds() / problems.size());
            noisy.put("tokensPerSecond", 1 / DecodeSpeed.secondsPerToken(model));
            if (power.meter().isPresent()) {
                noisy.put("joulesPerProblem", completing.joules() / problems.size());
                noisy.put(
                        "activeJoulesPerProblem",
                        Math.max(0, completing.joules() - power.idleWatts() * completing.seconds()) / problems.size());
            }
            RunRecord.keep(program, List.of("--problems", "--text"), result, noisy);
            result.putAll(noisy);
            power.meter().ifPresent(_ -> result.put("energy", power.source()));
        }
        if (program.isJson()) {
            program.printJson(result);
        } else {
            result.forEach((name, value) -> program.out.printf(Locale.ROOT, "%-20s%s%n", name, value));
        }
    }

    private static void loss(Model model, String text, Map<String, Object> result) {
        Tokenizer tokenizer = model.tokenizer();
        int[] tokens = tokenizer.encode(text, false, false);
        Windows windows = Windows.of(512).limit(16);
        Windows ready = tokenizer.bos().isPresent()
                ? windows.beginningWith(tokenizer.bos().getAsInt())
                : windows;
        Perplexity perplexity = Perplexity.of(model.languageModel(), tokens, ready);
        result.put("perplexity", perplexity.value());
        CharacterLoss loss = CharacterLoss.of(perplexity, text, tokens.length);
        result.put("perplexityPerCharacter", loss.perplexity());
        result.put("bitsPerCharacter", loss.bits());
    }

    private static void put(Map<String, Object> result, String name, Estimate estimate) {
        result.put(name, estimate.value());
        result.put(name + "Low", estimate.low());
        result.put(name + "High", estimate.high());
    }

    private static void predictOutputs(Session session, Judge judge, Map<String, Object> result) {
        int right = 0;
        int all = 0;
        for (Problem problem : JavaProblems.all()) {
            for (OutputPrediction prediction : OutputPrediction.of(problem)) {
                Optional<String> truth = prediction.truth(judge);
                if (truth.isPresent()) {
                    all++;
                    String text = session.generate(prediction.prompt().stripTrailing())
                            .maxTokens(12)
                            .stop("\n")
                            .text();
                    right += OutputPrediction.matches(truth.get(), text) ? 1 : 0;
                }
            }
        }
        result.put("outputsRight", right);
        result.put("outputs", all);
    }
}
