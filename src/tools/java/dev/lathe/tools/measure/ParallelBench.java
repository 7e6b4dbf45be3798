package dev.lathe.tools.measure;

import dev.lathe.Answer;
import dev.lathe.Engine;
import dev.lathe.GenerationResult;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.Request;
import dev.lathe.Session;
import dev.lathe.SessionOptions;
import dev.lathe.decode.GenerationOptions;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.Token;
import dev.lathe.figures.Stopwatch;
import dev.lathe.model.CacheType;
import dev.lathe.serve.EngineOptions;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** Measures an engine with so many texts at once, beside a session that generates them one after the other. */
final class ParallelBench {
    /** A median and what one in a hundred exceeds, in milliseconds. */
    record Quantiles(double p50, double p99) {
        static Quantiles of(List<Double> values) {
            double[] sorted =
                    values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            return sorted.length == 0
                    ? new Quantiles(0, 0)
                    : new Quantiles(sorted[sorted.length / 2], sorted[(int) (0.99 * (sorted.length - 1))]);
        }
    }

    /**
     * What was measured.
     *
     * @param tokensPerSecond tokens of prompts and answers, of all texts together
     * @param aloneTokensPerSecond the same of one text after the other in a session
     * @param interTokenMillis between tokens of a text
     * @param firstTokenMillis from submitting to the first token
     * @param arrivingTokens tokens of a prompt that arrives while the others are decoded; 0 for none
     * @param quietInterTokenMillis between tokens of the others before it arrives
     * @param quietTokensPerSecond tokens of the others before it arrives
     * @param arrivingInterTokenMillis between tokens of the others meanwhile
     * @param arrivingTokensPerSecond tokens of the others meanwhile
     * @param arrivingSlowdown how many times the quiet p99 is between tokens meanwhile
     * @param arrivingSeconds until that prompt's first token
     */
    record Result(
            String model,
            int threads,
            int texts,
            int promptTokens,
            int decodeTokens,
            double tokensPerSecond,
            double aloneTokensPerSecond,
            double speedup,
            Quantiles interTokenMillis,
            Quantiles firstTokenMillis,
            int arrivingTokens,
            Quantiles quietInterTokenMillis,
            double quietTokensPerSecond,
            Quantiles arrivingInterTokenMillis,
            double arrivingTokensPerSecond,
            double arrivingSlowdown,
            double arrivingSeconds) {}

    private final Model model;
    private final CacheType cacheType;
    private final int texts;
    private final int promptTokens;
    private final int decodeTokens;
    private final Sampler sampler;

    private ParallelBench(Model model, CacheType cacheType, int texts, int promptTokens, int decodeTokens) {
        this.model = model;
        this.cacheType = cacheType;
        this.texts = texts;
        this.promptTokens = promptTokens;
        this.decodeTokens = decodeTokens;
        Sampler greedy = Sampler.greedy();
        this.sampler = model.tokenizer().eos().isPresent()
                ? greedy.logitBias(model.tokenizer().eos().getAsInt(), -1000)
                : greedy;
    }

    static Result run(
            Path file,
            LoadOptions loading,
            CacheType cacheType,
            int texts,
            int promptTokens,
            int decodeTokens,
            int arriving,
            Optional<Duration> longestPass,
            int groups)
            throws IOException {
        if (groups > 1) {
            return inGroups(file, loading, cacheType, texts, promptTokens, decodeTokens, groups);
        }
        try (Model model = Model.load(file, loading)) {
            ParallelBench bench = new ParallelBench(model, cacheType, texts, promptTokens, decodeTokens);
            int context = Math.min(model.contextLength(), Math.max(promptTokens + 8 * decodeTokens, arriving + 1));
            EngineOptions options = EngineOptions.DEFAULT
                    .texts(texts)
                    .contextLength(context)
                    .cacheType(cacheType)
                    .idleTexts(0);
            try (Engine engine =
                    model.engine(longestPass.map(options::longestPass).orElse(options))) {
                return bench.measure(engine, file, loading.threads(), arriving);
            }
        }
    }

    /** Groups of texts on threads of their own: attention of one runs beside products of another. */
    private static Result inGroups(
            Path file,
            LoadOptions loading,
            CacheType cacheType,
            int texts,
            int promptTokens,
            int decodeTokens,
            int groups)
            throws IOException {
        List<Model> models = new ArrayList<>();
        List<Engine> engines = new ArrayList<>();
        try {
            for (int group = 0; group < groups; group++) {
                models.add(Model.load(file, loading.threads(Math.max(1, loading.threads() / groups))));
                engines.add(models.getLast()
                        .engine(EngineOptions.DEFAULT
                                .texts(texts)
                                .contextLength(promptTokens + decodeTokens)
                                .cacheType(cacheType)
                                .idleTexts(0)));
            }
            ParallelBench bench = new ParallelBench(models.getFirst(), cacheType, texts, promptTokens, decodeTokens);
            bench.together(engines, Math.min(8, decodeTokens), new Gaps()); // warms up
            Gaps gaps = new Gaps();
            double speed = bench.together(engines, decodeTokens, gaps);
            Quantiles none = new Quantiles(0, 0);
            return new Result(
                    name(file),
                    loading.threads(),
                    texts,
                    promptTokens,
                    decodeTokens,
                    speed,
                    0,
                    0,
                    Quantiles.of(gaps.between),
                    Quantiles.of(gaps.first),
                    0,
                    none,
                    0,
                    none,
                    0,
                    0,
                    0);
        } finally {
            engines.forEach(Engine::close);
            models.forEach(Model::close);
        }
    }

    private static String name(Path file) {
        return file.getFileName().toString().replaceFirst("\\.gguf$", "");
    }

    private Result measure(Engine engine, Path file, int threads, int arriving) {
        together(List.of(engine), Math.min(8, decodeTokens), new Gaps()); // warms up
        Gaps quiet = new Gaps();
        double speed = together(List.of(engine), decodeTokens, quiet);
        double alone = oneAfterTheOther(Math.min(2, texts));
        Arrival arrival = arriving == 0 ? Arrival.NONE : arrival(engine, arriving);
        Quantiles before = Quantiles.of(arrival.before.between);
        Quantiles meanwhile = Quantiles.of(arrival.meanwhile.between);
        return new Result(
                name(file),
                threads,
                texts,
                promptTokens,
                decodeTokens,
                speed,
                alone,
                speed / alone,
                Quantiles.of(quiet.between),
                Quantiles.of(quiet.first),
                arriving,
                before,
                arrival.before.between.size() / arrival.secondsBefore,
                meanwhile,
                arrival.meanwhile.between.size() / arrival.seconds,
                arriving == 0 ? 0 : meanwhile.p99() / before.p99(),
                arrival.seconds);
    }

    /** Milliseconds to first tokens, and between the others. */
    private static final class Gaps {
        private final List<Double> first = Collections.synchronizedList(new ArrayList<>());
        private final List<Double> between = Collections.synchronizedList(new ArrayList<>());

        /** A listener of one text. */
        Consumer<Token> ofText() {
            long[] last = {Stopwatch.system().nanos()};
            return token -> {
                long now = Stopwatch.system().nanos();
                (token.index() == 0 ? first : between).add((now - last[0]) * 1e-6);
                last[0] = now;
            };
        }
    }

    private int[] prompt(int seed, int length) {
        return new Random(seed).ints(length, 0, model.vocabularySize()).toArray();
    }

    private Request request(Engine engine, int seed, int maxTokens, Gaps gaps) {
        return engine.generate(prompt(seed, promptTokens))
                .sampler(sampler)
                .maxTokens(maxTokens)
                .onToken(gaps.ofText());
    }

    private double together(List<Engine> engines, int maxTokens, Gaps gaps) {
        long begin = Stopwatch.system().nanos();
        List<Answer> answers = new ArrayList<>();
        for (int text = 0; text < texts; text++) {
            answers.add(request(engines.get(text % engines.size()), text, maxTokens, gaps)
                    .submit());
        }
        List<GenerationResult> results = answers.stream().map(Answer::result).toList();
        return tokens(results) / ((Stopwatch.system().nanos() - begin) * 1e-9);
    }

    private double oneAfterTheOther(int count) {
        GenerationOptions options = GenerationOptions.DEFAULT.sampler(sampler).maxTokens(decodeTokens);
        List<GenerationResult> results = new ArrayList<>();
        long begin = Stopwatch.system().nanos();
        for (int text = 0; text < count; text++) {
            try (Session session = model.newSession(SessionOptions.DEFAULT
                    .contextLength(promptTokens + decodeTokens)
                    .cacheType(cacheType))) {
                results.add(session.generate(prompt(text, promptTokens))
                        .options(options)
                        .run());
            }
        }
        return tokens(results) / ((Stopwatch.system().nanos() - begin) * 1e-9);
    }

    private double tokens(List<GenerationResult> results) {
        return results.stream()
                .mapToInt(result -> promptTokens + result.tokens().size())
                .sum();
    }

    /** Gaps between tokens before a long prompt arrives and meanwhile, and how long both took. */
    private record Arrival(Gaps before, double secondsBefore, Gaps meanwhile, double seconds) {
        private static final Arrival NONE = new Arrival(new Gaps(), 1, new Gaps(), 0);
    }

    /** All texts but one are decoded, first alone, then while a long prompt arrives. */
    private Arrival arrival(Engine engine, int length) {
        Gaps first = new Gaps();
        Gaps before = new Gaps();
        Gaps meanwhile = new Gaps();
        AtomicReference<Gaps> now = new AtomicReference<>(first);
        List<Answer> others = new ArrayList<>();
        for (int text = 1; text < texts; text++) {
            long[] last = {0};
            others.add(request(engine, text, Integer.MAX_VALUE, first)
                    .onToken(token -> {
                        long time = Stopwatch.system().nanos();
                        now.get().between.add((time - last[0]) * 1e-6);
                        last[0] = time;
                    })
                    .submit());
        }
        others.forEach(answer -> answer.iterator().next());
        now.set(before);
        long begin = Stopwatch.system().nanos();
        while (before.between.size() < (texts - 1) * decodeTokens) {
            pause();
        }
        long arrived = Stopwatch.system().nanos();
        now.set(meanwhile);
        engine.generate(prompt(0, length))
                .sampler(sampler)
                .maxTokens(1)
                .submit()
                .result();
        double seconds = (Stopwatch.system().nanos() - arrived) * 1e-9;
        others.forEach(Answer::cancel);
        others.forEach(Answer::result);
        return new Arrival(before, (arrived - begin) * 1e-9, meanwhile, seconds);
    }

    private static void pause() {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            throw new Program.FailureException("interrupted");
        }
    }

    static List<String> cells(Result result) {
        return Arrays.asList(
                result.model(),
                "" + result.threads(),
                "" + result.texts(),
                String.format(Locale.ROOT, "%.1f", result.tokensPerSecond()),
                String.format(Locale.ROOT, "%.1f", result.aloneTokensPerSecond()),
                String.format(Locale.ROOT, "%.2f", result.speedup()),
                medianAndLast(result.interTokenMillis()),
                medianAndLast(result.firstTokenMillis()));
    }

    static List<String> arrivalCells(Result result) {
        return List.of(
                result.model(),
                "" + result.arrivingTokens(),
                medianAndLast(result.quietInterTokenMillis()),
                medianAndLast(result.arrivingInterTokenMillis()),
                String.format(Locale.ROOT, "%.2f", result.arrivingSlowdown()),
                String.format(Locale.ROOT, "%.1f", result.quietTokensPerSecond()),
                String.format(Locale.ROOT, "%.1f", result.arrivingTokensPerSecond()),
                String.format(Locale.ROOT, "%.2f", result.arrivingSeconds()));
    }

    private static String medianAndLast(Quantiles times) {
        return String.format(Locale.ROOT, "%.0f, %.0f", times.p50(), times.p99());
    }
}
