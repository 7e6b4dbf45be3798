package dev.lathe.tools.lab;

import dev.lathe.EmbeddingOptions;
import dev.lathe.GenerationResult;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.figures.Stopwatch;
import dev.lathe.figures.Table;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.model.config.Pooling;
import dev.lathe.route.AnswerSignals;
import dev.lathe.route.LogisticRegression;
import dev.lathe.route.NearestQueries;
import dev.lathe.route.PromptSignals;
import dev.lathe.route.RoutingCurve;
import dev.lathe.route.RoutingPoint;
import dev.lathe.route.RoutingTrial;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Measures routers and cascades of two models on a text, and whether their thresholds hold on texts that did not tune
 * them.
 */
public final class RouteCommand {
    private static final String HELP = """
            Route: what choosing between two models costs and brings, beside always the one, always the other and chance. Both
            write the next line or word of a text, right where it is the text's own. Costs are the weights of a model times the
            tokens that it evaluates, in units of what the large model costs.

              --small FILE        the model that costs less; default for the model in the repository: its draft
              --text FILE         the text that queries are cut from
              --answer NAME       line or word; default: line
              --queries N         a third to learn from, a third to tune thresholds, a third to check them; default: 600
              --characters N      the most of a query; default: 400
              --max-tokens N      of an answer; default: 32 for a line, 5 for a word
              --retain X          the share of the large model's quality to tune for; default: 0.95
              --vectors FILE      a model that makes vectors of queries; default: means of the small one's last rows
            """;

    private static final Path DEFAULT_SMALL = Program.DEFAULT_MODEL.resolveSibling("lathe-java-draft-f16.gguf");
    private static final int NEIGHBOURS = 20;
    private static final double RIDGE = 1;

    /** What both models made of a query; costs are weights times tokens. */
    private record Measured(
            PromptSignals prompt,
            AnswerSignals answer,
            float[] vector,
            boolean smallIsRight,
            boolean largeIsRight,
            double smallPromptCost,
            double smallAnswerCost,
            double largeCost) {
        double smallCost() {
            return smallPromptCost + smallAnswerCost;
        }

        double[] features() {
            return DoubleStream.concat(DoubleStream.of(prompt.features()), DoubleStream.of(answer.features()))
                    .toArray();
        }
    }

    /** What decides. */
    private enum Payment {
        /** Before: the small model evaluated the prompt to judge it. */
        PROMPT,
        /** Before: without asking the small model. */
        NOTHING,
        /** After the small model's answer. */
        ANSWER
    }

    /** A way to decide, with its score of a query: higher for the small model. */
    private record Method(String name, Payment payment, ToDoubleFunction<Measured> score) {
        RoutingTrial trial(Measured query) {
            return new RoutingTrial(
                    List.of(score.applyAsDouble(query)),
                    List.of(query.smallIsRight ? 1.0 : 0.0, query.largeIsRight ? 1.0 : 0.0),
                    List.of(payment == Payment.PROMPT ? query.smallAnswerCost : query.smallCost(), query.largeCost),
                    payment == Payment.PROMPT ? query.smallPromptCost : 0);
        }

        RoutingCurve curve(List<Measured> queries) {
            List<RoutingTrial> trials = queries.stream().map(this::trial).toList();
            return payment == Payment.ANSWER ? RoutingCurve.ofCascade(trials) : RoutingCurve.ofRouter(trials);
        }
    }

    private RouteCommand() {}

    public static Command command() {
        return new Command(HELP + Program.LOADING, RouteCommand::run);
    }

    private static void run(Program program) throws IOException {
        Options options = program.options;
        if (!options.has("--text")) {
            throw new Options.UsageException("--text is missing; give a file of text to cut queries from");
        }
        if (!options.has("--small") && options.has("--model")) {
            throw new Options.UsageException("--small is missing; give the cheaper of the two models");
        }
        boolean words =
                options.word("--answer", "line", List.of("line", "word")).equals("word");
        List<RouteQueries.Query> queries = RouteQueries.cut(
                Files.readString(options.file("--text", null)),
                words,
                options.integer("--queries", 600, 30),
                options.integer("--characters", 400, 20));
        double retain = options.decimal("--retain", 0.95f, 0, 1);
        int maxTokens = options.integer("--max-tokens", words ? 5 : 32, 1);
        Path smallFile = options.file("--small", DEFAULT_SMALL);
        try (Model large = program.loadModel();
                Model small = Model.load(smallFile, LoadOptions.DEFAULT.threadsOf(large));
                Pair pair = new Pair(small, large, weights(smallFile), weights(program.modelFile()), words, maxTokens);
                Vectors vectors = Vectors.of(options, large, small)) {
            List<Measured> measured = new ArrayList<>();
            for (RouteQueries.Query query : queries) {
                measured.add(pair.measure(query, vectors));
                program.terminal.progress("query", measured.size(), queries.size(), "");
            }
            report(program, pair, measured, retain);
        }
    }

    private static double weights(Path file) throws IOException {
        try (GgufFile gguf = GgufFile.open(file)) {
            return gguf.tensors().stream().mapToDouble(TensorInfo::elementCount).sum();
        }
    }

    /** Both models at work. */
    private static final class Pair implements AutoCloseable {
        private final Session small;
        private final Session large;
        private final double smallWeights;
        private final double largeWeights;
        private final boolean words;
        private final int maxTokens;
        private long smallNanos;
        private long largeNanos;

        Pair(Model small, Model large, double smallWeights, double largeWeights, boolean words, int maxTokens) {
            this.small = small.newSession();
            this.large = large.newSession();
            this.smallWeights = smallWeights;
            this.largeWeights = largeWeights;
            this.words = words;
            this.maxTokens = maxTokens;
        }

        Measured measure(RouteQueries.Query query, Vectors vectors) {
            long begin = Stopwatch.system().nanos();
            PromptSignals signals = small.signals(query.prompt());
            GenerationResult cheap = answer(small, query.prompt());
            long between = Stopwatch.system().nanos();
            GenerationResult good = answer(large, query.prompt());
            smallNanos += between - begin;
            largeNanos += Stopwatch.system().nanos() - between;
            return new Measured(
                    signals,
                    cheap.signals(),
                    vectors.of.apply(query.prompt()),
                    RouteQueries.first(cheap.text(), words).equals(query.truth()),
                    RouteQueries.first(good.text(), words).equals(query.truth()),
                    smallWeights * signals.tokens(),
                    smallWeights * cheap.tokens().size(),
                    largeWeights * (good.stats().promptTokens() + good.tokens().size()));
        }

        private GenerationResult answer(Session session, String prompt) {
            var generation = session.generate(prompt).maxTokens(maxTokens).logProbabilities(0);
            return words ? generation.run() : generation.stop("\n").run();
        }

        @Override
        public void close() {
            small.close();
            large.close();
        }
    }

    /** Makes vectors of queries; owns a model for it, if one was given. */
    private record Vectors(Function<String, float[]> of, Optional<Model> owned) implements AutoCloseable {
        static Vectors of(Options options, Model large, Model small) throws IOException {
            EmbeddingOptions cutting = EmbeddingOptions.DEFAULT.truncated(true);
            if (options.has("--vectors")) {
                Model own = Model.load(options.model("--vectors", null), LoadOptions.DEFAULT.threadsOf(large));
                return new Vectors(text -> own.embed(List.of(text), cutting).vector(0), Optional.of(own));
            }
            EmbeddingOptions means = cutting.pooling(Pooling.MEAN);
            return new Vectors(text -> small.embed(List.of(text), means).vector(0), Optional.empty());
        }

        @Override
        public void close() {
            owned.ifPresent(Model::close);
        }
    }

    /** Every third query, from one of three on. */
    private static List<Measured> third(List<Measured> all, int which) {
        return IntStream.range(0, all.size())
                .filter(i -> i % 3 == which)
                .mapToObj(all::get)
                .toList();
    }

    private static List<Method> methods(List<Measured> learned) {
        double[] successes = learned.stream()
                .mapToDouble(query -> query.smallIsRight ? 1 : 0)
                .toArray();
        LogisticRegression before = LogisticRegression.fit(
                learned.stream().map(query -> query.prompt.features()).toArray(double[][]::new), successes, RIDGE);
        LogisticRegression after = LogisticRegression.fit(
                learned.stream().map(Measured::features).toArray(double[][]::new), successes, RIDGE);
        NearestQueries<Measured> nearest = NearestQueries.of(
                Measured::vector,
                learned,
                learned.stream()
                        .map(query -> new double[] {query.smallIsRight ? 1 : 0})
                        .toArray(double[][]::new),
                NEIGHBOURS);
        return List.of(
                new Method("length", Payment.NOTHING, query -> -query.prompt.tokens()),
                new Method("similar", Payment.NOTHING, query -> nearest.of(query, 0)),
                new Method("perplexity", Payment.PROMPT, query -> -query.prompt.perplexity()),
                new Method("entropy", Payment.PROMPT, query -> -query.prompt.entropy()),
                new Method("learned", Payment.PROMPT, query -> before.probability(query.prompt.features())),
                new Method("cascade", Payment.ANSWER, query -> query.answer.meanLogProbability()),
                new Method("cascade learned", Payment.ANSWER, query -> after.probability(query.features())),
                new Method("oracle", Payment.NOTHING, query -> query.smallIsRight || !query.largeIsRight ? 1 : 0));
    }

    private static void report(Program program, Pair pair, List<Measured> all, double retain) {
        double unit = all.stream().mapToDouble(Measured::largeCost).average().orElseThrow();
        List<Measured> tuning = third(all, 1);
        List<Measured> checking = third(all, 2);
        List<Map<String, Object>> rows = new ArrayList<>();
        Table table = Table.of(
                "method",
                "tuned: cost",
                "quality",
                "checked: cost",
                "quality",
                "retained",
                "by chance",
                "mean quality");
        RoutingCurve any = methods(third(all, 0)).getFirst().curve(checking);
        RoutingPoint small = any.always(0);
        RoutingPoint large = any.always(1);
        for (Method method : methods(third(all, 0))) {
            RoutingCurve tuned = method.curve(tuning);
            RoutingCurve checked = method.curve(checking);
            RoutingPoint chosen = tuned.cheapestRetaining(retain, 0).orElse(tuned.always(1));
            RoutingPoint held = checked.at(chosen.thresholdArray());
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("method", method.name());
            row.put("tunedCost", chosen.cost() / unit);
            row.put("tunedQuality", chosen.quality());
            row.put("cost", held.cost() / unit);
            row.put("quality", held.quality());
            row.put("retained", held.quality() / large.quality());
            row.put("qualityByChance", checked.qualityOfRandom(held.cost()));
            row.put("meanQuality", checked.meanQuality());
            table = table.row(row.values().toArray());
            row.put(
                    "front",
                    checked.front().stream()
                            .map(point -> List.of(point.cost() / unit, point.quality()))
                            .toList());
            rows.add(row);
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("queries", all.size());
        result.put("smallCost", small.cost() / unit);
        result.put("smallQuality", small.quality());
        result.put("smallSeconds", pair.smallNanos * 1e-9 / all.size());
        result.put("largeQuality", large.quality());
        result.put("largeSeconds", pair.largeNanos * 1e-9 / all.size());
        result.put("meanQualityByChance", (small.quality() + large.quality()) / 2);
        result.put("rows", rows);
        if (program.isJson()) {
            program.printJson(result);
        } else {
            result.remove("rows");
            result.forEach((name, value) -> program.out.printf("%-20s%s%n", name, value));
            program.out.print(table.text());
        }
    }
}
