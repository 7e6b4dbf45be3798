package dev.lathe.lab;

import dev.lathe.CompressedModel;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.SessionOptions;
import dev.lathe.compress.CompressionProgress;
import dev.lathe.compress.Recipe;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.decode.Sampler;
import dev.lathe.lab.benchmark.GenerationBenchmark;
import dev.lathe.lab.benchmark.Stage;
import dev.lathe.lab.energy.EnergyReport;
import dev.lathe.lab.energy.EnergySource;
import dev.lathe.lab.energy.UtilizationMeter;
import dev.lathe.lab.evaluate.CharacterLoss;
import dev.lathe.lab.evaluate.Evaluation;
import dev.lathe.lab.evaluate.Evaluator;
import dev.lathe.lab.evaluate.JavaProblems;
import dev.lathe.lab.evaluate.ModelCompleter;
import dev.lathe.lab.evaluate.OutputPrediction;
import dev.lathe.lab.evaluate.Problem;
import dev.lathe.lab.judge.Judge;
import dev.lathe.lab.judge.JudgeLimits;
import dev.lathe.lab.judge.Verdict;
import dev.lathe.lab.predict.Roofline;
import dev.lathe.lab.predict.RuntimeProfile;
import dev.lathe.lab.tune.SuccessiveHalving;
import dev.lathe.measure.Perplexity;
import dev.lathe.measure.Windows;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * Not a test: the runs that docs/lab.md tells of. Arguments: {@code evaluate FILE SAMPLES TEXT} with lathe-java,
 * {@code predict FILE THREADS ROUNDS}, {@code tune FILE}, {@code benchmark FILE SECONDS IDLE_WATTS FULL_WATTS}.
 */
final class LabRuns {
    private static final Stopwatch CLOCK = Stopwatch.system();

    private LabRuns() {}

    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[1]);
        switch (arguments[0]) {
            case "evaluate" -> evaluate(file, Integer.parseInt(arguments[2]), Files.readString(Path.of(arguments[3])));
            case "predict" -> predict(file, Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
            case "tune" -> tune(file);
            case "benchmark" ->
                benchmark(
                        file,
                        Duration.ofSeconds(Integer.parseInt(arguments[2])),
                        UtilizationMeter.ofProcess(Double.parseDouble(arguments[3]), Double.parseDouble(arguments[4])));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void evaluate(Path file, int samples, String text) throws IOException {
        Map<String, Recipe> variants = new LinkedHashMap<>();
        variants.put("F16, as it is", null);
        variants.put("Q8_0", Recipe.of(Quantize.to(TensorType.Q8_0)));
        variants.put("Q4_0", Recipe.of(Quantize.to(TensorType.Q4_0)));
        variants.put("Q3_K", Recipe.of(Quantize.to(TensorType.Q3_K)));
        variants.put("Q2_K", Recipe.of(Quantize.to(TensorType.Q2_K)));
        Table table = Table.of(
                "variant",
                "bytes",
                "pass@1",
                "pass@10",
                "proficiency",
                "not compiled",
                "wrong",
                "bits/char",
                "outputs");
        for (Map.Entry<String, Recipe> variant : variants.entrySet()) {
            try (Loaded loaded = Loaded.of(file, variant.getValue());
                    Session session = loaded.model().newSession();
                    Judge judge = new Judge(JudgeLimits.DEFAULT)) {
                Sampler sampler = Sampler.temperature(0.6f).seed(1);
                Evaluation evaluation = Evaluator.run(
                        JavaProblems.all(), new ModelCompleter(session, sampler, 96), samples, judge, score -> {});
                int[] tokens = loaded.model().tokenizer().encode(text, false, false);
                Perplexity perplexity = Perplexity.of(
                        loaded.model().languageModel(),
                        tokens,
                        Windows.of(512).beginningWith(0).limit(16));
                table = table.row(
                        variant.getKey(),
                        loaded.bytes(),
                        evaluation.passAt(1),
                        evaluation.passAt(10),
                        evaluation.proficiency(),
                        evaluation.verdicts().get(Verdict.NOT_COMPILED),
                        evaluation.verdicts().get(Verdict.THREW),
                        CharacterLoss.of(perplexity, text, tokens.length).bits(),
                        outputs(session, judge));
                System.out.println(evaluation.verdicts());
                if (variant.getValue() == null) {
                    evaluation.scores().stream()
                            .filter(score -> score.passed() > 0)
                            .forEach(score -> System.out.print(score.name() + " " + score.passed() + ", "));
                    System.out.println();
                }
            }
        }
        System.out.print(table.markdown());
    }

    /** Greedy predictions of outputs that are right, of how many. */
    private static String outputs(Session session, Judge judge) {
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
        return right + " of " + all;
    }

    private record Loaded(Model model, long bytes, AutoCloseable owner) implements AutoCloseable {
        static Loaded of(Path file, Recipe recipe) throws IOException {
            if (recipe == null) {
                return new Loaded(Model.load(file), Files.size(file), () -> {});
            }
            CompressedModel smaller = Model.compress(file, recipe, LoadOptions.DEFAULT, CompressionProgress.NONE);
            Path saved = Files.createTempFile("lab", ".gguf");
            Files.delete(saved);
            smaller.save(saved);
            long bytes = Files.size(saved);
            Files.delete(saved);
            return new Loaded(smaller.load(), bytes, smaller::close);
        }

        @Override
        public void close() {
            model.close();
            try {
                owner.close();
            } catch (Exception problem) {
                throw new IllegalStateException(problem);
            }
        }
    }

    private static void predict(Path file, int threads, int rounds) throws IOException {
        try (Model model = Model.load(file, new LoadOptions(threads));
                InferenceState state = model.languageModel().newState(448, CacheType.F16)) {
            int[] tokens = new Random(1).ints(448, 0, model.vocabularySize()).toArray();
            CLOCK.warmUp(() -> request(state, tokens, 128, 16), Duration.ofSeconds(6));
            List<RuntimeProfile.Run> runs = new ArrayList<>();
            List<RuntimeProfile.Run> heldOut = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                for (int prompt : new int[] {1, 64, 128, 256}) {
                    for (int output : new int[] {1, 8, 32}) {
                        runs.add(run(state, tokens, prompt, output));
                    }
                }
                for (int[] pair : new int[][] {{32, 20}, {100, 48}, {200, 4}, {320, 12}, {384, 64}}) {
                    heldOut.add(run(state, tokens, pair[0], pair[1]));
                }
            }
            RuntimeProfile profile = RuntimeProfile.fitFastest(runs);
            System.out.printf(
                    "%s, %d threads: g %s ms, F(128) %.1f ms, cross-validated error %s, held out %s%n",
                    file.getFileName(),
                    threads,
                    milliseconds(profile.secondsPerToken()),
                    1e3 * profile.firstTokenSeconds(128),
                    RuntimeProfile.crossValidate(runs),
                    profile.errors(RuntimeProfile.fastest(heldOut)));
        }
        try (Workers workers = Workers.of(threads)) {
            double bandwidth = Roofline.measureBandwidth(workers, CLOCK);
            System.out.printf(
                    "bandwidth %.1f GB/s; file over bandwidth %.2f ms%n",
                    bandwidth / 1e9, 1e3 * Files.size(file) / bandwidth);
        }
    }

    private static Estimate milliseconds(Estimate seconds) {
        return new Estimate(1e3 * seconds.value(), 1e3 * seconds.low(), 1e3 * seconds.high());
    }

    private static RuntimeProfile.Run run(InferenceState state, int[] tokens, int prompt, int output) {
        return new RuntimeProfile.Run(prompt, output, CLOCK.seconds(() -> request(state, tokens, prompt, output)));
    }

    private static void request(InferenceState state, int[] tokens, int prompt, int output) {
        state.rewind(0);
        state.forward(TokenBatch.lastLogits(Arrays.copyOf(tokens, prompt)));
        for (int i = 1; i < output; i++) {
            state.forward(TokenBatch.lastLogits(tokens[i]));
        }
    }

    private record Setting(int threads, int chunk, CacheType cache) {}

    private static void tune(Path file) throws IOException {
        List<Setting> settings = new ArrayList<>();
        for (int threads : new int[] {1, 2}) {
            for (int chunk : new int[] {128, 32, 384}) {
                for (CacheType cache : new CacheType[] {CacheType.F16, CacheType.F32, CacheType.Q8_0}) {
                    settings.add(new Setting(threads, chunk, cache));
                }
            }
        }
        Map<Integer, Model> models = new LinkedHashMap<>();
        for (int threads : new int[] {1, 2}) {
            models.put(threads, Model.load(file, new LoadOptions(threads)));
        }
        settings.forEach(setting -> seconds(models, setting, 1));
        long start = System.nanoTime();
        SuccessiveHalving.Result<Setting> result =
                SuccessiveHalving.search(settings, 1, (setting, count) -> seconds(models, setting, count));
        double tuned = (System.nanoTime() - start) * 1e-9;
        System.out.printf(
                "halving: %s, %.1f ms; first guess %.1f ms; %d runs in %.1f s%n",
                result.best(), 1e3 * result.cost(), 1e3 * result.firstCost(), result.repetitions(), tuned);
        start = System.nanoTime();
        Map<Setting, Double> exhaustive = new LinkedHashMap<>();
        settings.forEach(setting -> exhaustive.put(setting, seconds(models, setting, 8)));
        Setting best = exhaustive.entrySet().stream()
                .min(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
        System.out.printf(
                "exhaustive: %s, %.1f ms; the tuner's choice there %.1f ms; %d runs in %.1f s%n",
                best,
                1e3 * exhaustive.get(best),
                1e3 * exhaustive.get(result.best()),
                8 * settings.size(),
                (System.nanoTime() - start) * 1e-9);
        models.values().forEach(Model::close);
    }

    /** Least seconds of some requests: a prompt of 384 tokens and 32 more. */
    private static double seconds(Map<Integer, Model> models, Setting setting, int count) {
        Model model = models.get(setting.threads);
        int[] prompt = new Random(1).ints(384, 0, model.vocabularySize()).toArray();
        SessionOptions options = SessionOptions.DEFAULT
                .contextLength(448)
                .cacheType(setting.cache)
                .promptBatchSize(setting.chunk);
        try (Session session = model.newSession(options)) {
            return Arrays.stream(CLOCK.seconds(
                            () -> {
                                session.reset();
                                session.generate(prompt).maxTokens(32).run();
                            },
                            count))
                    .min()
                    .orElseThrow();
        }
    }

    private static void benchmark(Path file, Duration duration, UtilizationMeter meter) throws IOException {
        try (Model model = Model.load(file);
                Session session = model.newSession()) {
            String prompt = Files.readString(Path.of("src/main/java/dev/lathe/lab/Estimate.java"));
            GenerationBenchmark benchmark = new GenerationBenchmark(session, prompt, 64, CLOCK, Optional.of(meter));
            benchmark.run(1, Duration.ofSeconds(5));
            GenerationBenchmark.Report report = benchmark.run(3, duration);
            System.out.println("first token, s: " + report.firstToken());
            System.out.println("between tokens, s: " + report.betweenTokens());
            System.out.println("tokens/s: " + report.tokensPerSecond());
            System.out.println("drift a minute: " + report.drift());
            int tokens = model.tokenizer().encode(prompt).length;
            List<EnergyReport.Phase> phases = new ArrayList<>();
            for (Stage stage : report.stages()) {
                int each = stage.name().equals("decode") ? 1 : stage.name().equals("detokenize") ? 64 : tokens;
                phases.add(EnergyReport.Phase.of(stage, (long) each * stage.count()));
            }
            System.out.print(new EnergyReport(phases, EnergySource.MODELLED, meter.idleWatts())
                    .table()
                    .markdown());
        }
    }
}
