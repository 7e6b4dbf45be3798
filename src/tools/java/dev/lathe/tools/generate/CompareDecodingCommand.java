package dev.lathe.tools.generate;

import dev.lathe.Generation;
import dev.lathe.GenerationResult;
import dev.lathe.Kernels;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.decode.Decoding;
import dev.lathe.decode.DecodingStatistics;
import dev.lathe.decode.Draft;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.speculative.RecursiveSpeculativeDecoding;
import dev.lathe.decode.speculative.Verification;
import dev.lathe.figures.Summary;
import dev.lathe.figures.Table;
import dev.lathe.tools.command.Chart;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

/** Runs all decoding strategies on the same prompts. */
public final class CompareDecodingCommand {
    private static final String HELP = """
            CompareDecoding: speed, acceptance and text of all decoding strategies on the same prompts.

              --prompts FILE      one prompt a line, \\n for a line break; default: beginnings of Java code
              --text FILE         a text to cut the prompts from instead, whole lines from all over it
              --texts N           how many to cut; default: 16
              --characters N      the most characters of each; default: 1000
              --max-tokens N      the most tokens to generate for each prompt; default: 64
              --strategies REGEX  only those of these names, beside autoregressive; default: all
              --budget N          tokens that chains and trees draft in a step; default: 6
              --samples N         also draws N samples of each prompt side by side, at a temperature above 0
              --repeat N          measured rounds over all prompts, after one to warm up; default: 3
              --plot FILE         draws the speeds as bars, in a file of PNG
            """ + Decodings.HELP + Sampling.HELP;

    private static final List<String> PROMPTS = List.of(
            "public static int max(int a, int b) {\n",
            "/**\n * Returns whether the string is empty.\n *\n * @param",
            "public final class Point {\n    private final double x;\n    private final double y;\n\n    public",
            "import java.util.List;\nimport java.util.Map;\nimport",
            "    @Override\n    public boolean equals(Object other) {\n",
            "for (int i = 0; i < values.length; i++) {\n",
            "    public void setName(String name) {\n        this.name = name;\n    }\n\n    public",
            "try (InputStream in = Files.newInputStream(path)) {\n",
            "if (index < 0 || index >= size) {\n    throw new",
            "    private final Map<String, List<Integer>> counts = new HashMap<>();\n\n    public void add(",
            "public enum Color {\n    RED,\n    GREEN,\n",
            "    @Test\n    void returnsNullForNull() {\n        assert");

    /**
     * What {@code --json} prints of a strategy.
     *
     * @param speedup relative to autoregressive
     * @param layersPerToken layers of the model evaluated for each token, those of rejected drafts included
     * @param identical whether every text is that of autoregressive
     */
    private record Row(
            String strategy,
            double tokensPerSecond,
            double speedup,
            double acceptance,
            double blockEfficiency,
            double layersPerToken,
            boolean identical) {}

    /** What {@code --json} prints. */
    private record Result(int prompts, int maxTokens, List<Row> rows, String kernels) {}

    /** A strategy's results over all prompts. */
    private static final class Results {
        private final double[][] seconds; // [prompt][round]
        private long tokens;
        private DecodingStatistics decoding = DecodingStatistics.none("");
        private double layers; // evaluated of all rows
        private boolean identical = true;

        Results(int prompts, int rounds) {
            seconds = new double[prompts][rounds];
        }

        void add(int prompt, int round, int layerCount, GenerationResult result, GenerationResult plain) {
            seconds[prompt][round] += result.stats().decodeTime().toNanos() * 1e-9;
            identical &= Arrays.equals(result.tokenIds(), plain.tokenIds());
            if (round == 0) {
                DecodingStatistics more = result.stats().decoding();
                tokens += result.tokens().size() - 1;
                layers += more.exits()
                        .map(exits -> (double) exits.evaluatedLayers())
                        .orElse((double) more.rows() * layerCount);
                decoding = new DecodingStatistics(
                        more.strategy(),
                        decoding.steps() + more.steps(),
                        decoding.tokens() + more.tokens(),
                        decoding.rows() + more.rows(),
                        decoding.draftedTokens() + more.draftedTokens(),
                        decoding.acceptedTokens() + more.acceptedTokens());
            }
        }

        /** By the median round of each prompt. */
        double tokensPerSecond() {
            double total = 0;
            for (double[] rounds : seconds) {
                total += Summary.of(rounds).median();
            }
            return tokens / total;
        }
    }

    private CompareDecodingCommand() {}

    public static Command command() {
        return new Command(HELP + Program.LOADING, CompareDecodingCommand::run);
    }

    private static void run(Program program) throws IOException {
        Options options = program.options;
        List<String> prompts = prompts(options);
        Sampler sampler = Sampling.of(options);
        if (!sampler.isGreedy() && sampler.seed().isEmpty()) {
            sampler = sampler.seed(1);
        }
        int maxTokens = options.integer("--max-tokens", 64, 1);
        int rounds = options.integer("--repeat", 3, 1);
        int budget = options.integer("--budget", 6, 2);
        int samples = options.integer("--samples", 0, 2);
        if (samples > 0 && sampler.isGreedy()) {
            throw new Options.UsageException(
                    "--samples of a greedy sampler are all the same; add a --temperature above 0");
        }
        Path plot = options.has("--plot") ? Chart.target(options) : null;
        try (Model model = program.loadModel();
                Decodings decodings = new Decodings(options, model);
                Session session = model.newSession()) {
            Map<String, Decoding> strategies =
                    chosen(strategies(decodings, budget, sampler.isGreedy()), options.text("--strategies", ".*"));
            Map<String, Results> results = new LinkedHashMap<>();
            strategies.keySet().forEach(name -> results.put(name, new Results(prompts.size(), rounds)));
            if (samples > 0) {
                results.put(samples + " samples", new Results(prompts.size(), rounds));
            }
            for (int round = -1; round < rounds; round++) { // the first is to warm up
                for (int prompt = 0; prompt < prompts.size(); prompt++) {
                    GenerationResult plain = null;
                    for (Map.Entry<String, Decoding> strategy : strategies.entrySet()) {
                        GenerationResult result = session.generate(prompts.get(prompt))
                                .sampler(sampler)
                                .decoding(strategy.getValue())
                                .maxTokens(maxTokens)
                                .run();
                        plain = plain == null ? result : plain;
                        if (round >= 0) {
                            results.get(strategy.getKey()).add(prompt, round, decodings.layerCount(), result, plain);
                        }
                    }
                    if (samples > 0) {
                        Generation generation = session.generate(prompts.get(prompt))
                                .sampler(sampler)
                                .maxTokens(maxTokens);
                        addSamples(generation, samples, prompt, round, decodings, results.get(samples + " samples"));
                    }
                    program.terminal.progress(
                            "round " + (round + 2) + " of " + (rounds + 1), prompt + 1, prompts.size(), "prompts");
                }
            }
            report(program, prompts.size(), maxTokens, rows(results), plot);
        }
    }

    /** Draws samples side by side, and compares each with what it is alone. */
    private static void addSamples(
            Generation generation, int count, int prompt, int round, Decodings decodings, Results results) {
        for (GenerationResult sample : generation.samples(count).results()) {
            Sampler own = generation.options().sampler().seed(sample.stats().seed());
            GenerationResult alone = generation.sampler(own).run();
            if (round >= 0) {
                results.add(prompt, round, decodings.layerCount(), sample, alone);
            }
        }
    }

    private static List<String> prompts(Options options) throws IOException {
        if (options.has("--text")) {
            if (options.has("--prompts")) {
                throw new Options.UsageException("--prompts and --text exclude each other; give one");
            }
            return cut(
                    Files.readString(options.file("--text", null)),
                    options.integer("--texts", 16, 1),
                    options.integer("--characters", 1000, 1));
        }
        if (options.has("--texts") || options.has("--characters")) {
            throw new Options.UsageException("--texts and --characters say how to cut a text; add --text FILE");
        }
        if (!options.has("--prompts")) {
            return PROMPTS;
        }
        return Files.readAllLines(options.file("--prompts", null)).stream()
                .filter(line -> !line.isBlank())
                .map(line -> line.replace("\\n", "\n"))
                .toList();
    }

    /** Pieces of whole lines, spread evenly. */
    private static List<String> cut(String text, int count, int characters) {
        List<String> pieces = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int from = text.indexOf('\n', (int) ((long) i * text.length() / count)) + 1;
            int to = text.lastIndexOf('\n', Math.min(text.length(), from + characters) - 1) + 1;
            if (from == 0 || to <= from) {
                throw new Program.FailureException("the text has no whole line of at most " + characters
                        + " characters at character " + from + "; give more --characters, or fewer --texts");
            }
            pieces.add(text.substring(from, to));
        }
        return pieces;
    }

    /**
     * All strategies: a chain of 3, chains and trees of the same number of drafted tokens, and those with other drafts.
     */
    private static Map<String, Decoding> strategies(Decodings decodings, int budget, boolean greedy)
            throws IOException {
        Draft draft = decodings.draft("this comparison");
        int[] twoChains = new int[Math.max(1, budget / 2)];
        Arrays.fill(twoChains, 1);
        twoChains[0] = 2;
        String branching = Arrays.stream(twoChains).mapToObj(Integer::toString).collect(Collectors.joining("-"));
        RecursiveSpeculativeDecoding tree = Decoding.recursiveSpeculative(draft);
        Map<String, Decoding> strategies = new LinkedHashMap<>();
        strategies.put("autoregressive", Decoding.autoregressive());
        strategies.put("ngram", Decoding.speculative(Draft.ngram()));
        strategies.put(
                "ngram, else 3",
                Decoding.speculative(Draft.ngram(3, 8).orElse(draft)).draftLength(3));
        strategies.put("speculative 3", Decoding.speculative(draft).draftLength(3));
        strategies.put("speculative " + budget, Decoding.speculative(draft).draftLength(budget));
        if (!greedy) {
            strategies.put(
                    "rejection " + budget,
                    Decoding.speculative(draft).draftLength(budget).verification(Verification.REJECTION_SAMPLING));
        }
        strategies.put("specinfer " + branching, Decoding.specInfer(draft, twoChains));
        strategies.put("rsd-c " + branching, tree.branching(twoChains));
        strategies.put("rsd-s 2x" + twoChains.length, tree.beam(2, twoChains.length));
        strategies.put("rsd-budget " + budget, tree.budget(budget));
        strategies.put("exit", decodings.exit());
        strategies.put("self", decodings.self());
        strategies.put("ngram auto", Decoding.auto(Draft.ngram()));
        strategies.put("auto", Decoding.auto(Draft.ngram(), draft));
        return strategies;
    }

    /** Those of the names asked for, and autoregressive to compare with. */
    private static Map<String, Decoding> chosen(Map<String, Decoding> all, String names) {
        Map<String, Decoding> chosen = new LinkedHashMap<>(all);
        try {
            chosen.keySet().removeIf(name -> !name.equals("autoregressive") && !name.matches(names));
        } catch (PatternSyntaxException e) {
            throw new Options.UsageException("--strategies is no regular expression: " + e.getDescription());
        }
        if (chosen.size() == 1 && !"autoregressive".matches(names)) {
            throw new Options.UsageException(
                    "--strategies " + names + " names none of " + String.join("; ", all.keySet()));
        }
        return chosen;
    }

    private static List<Row> rows(Map<String, Results> results) {
        double plain = results.get("autoregressive").tokensPerSecond();
        List<Row> rows = new ArrayList<>();
        results.forEach((name, result) -> rows.add(new Row(
                name,
                result.tokensPerSecond(),
                result.tokensPerSecond() / plain,
                result.decoding.acceptanceRate(),
                result.decoding.blockEfficiency(),
                result.layers / result.decoding.tokens(),
                result.identical)));
        return rows;
    }

    private static void report(Program program, int prompts, int maxTokens, List<Row> rows, Path plot)
            throws IOException {
        if (program.isJson()) {
            program.printJson(
                    new Result(prompts, maxTokens, rows, Kernels.inUse().name()));
        } else {
            List<List<String>> cells = rows.stream()
                    .map(row -> List.of(
                            row.strategy(),
                            decimal("%.1f", row.tokensPerSecond()),
                            decimal("%.2f", row.speedup()),
                            decimal("%.2f", row.acceptance()),
                            decimal("%.2f", row.blockEfficiency()),
                            decimal("%.1f", row.layersPerToken()),
                            row.identical() ? "yes" : "no"))
                    .toList();
            program.out.print(new Table(
                            List.of(
                                    "strategy",
                                    "tokens/s",
                                    "speedup",
                                    "accepted",
                                    "tokens/pass",
                                    "layers/token",
                                    "same text"),
                            cells)
                    .text());
        }
        if (plot != null) {
            List<String> names = rows.stream().map(Row::strategy).toList();
            double[] speeds = rows.stream().mapToDouble(Row::tokensPerSecond).toArray();
            Chart.bars("tokens per second", names, speeds, plot);
        }
    }

    private static String decimal(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
