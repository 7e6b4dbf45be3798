package dev.lathe.tools.generate;

import dev.lathe.GenerationResult;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.SessionOptions;
import dev.lathe.decode.Decoding;
import dev.lathe.decode.exit.CalibratedExit;
import dev.lathe.decode.exit.Exit;
import dev.lathe.decode.exit.ExitCalibration;
import dev.lathe.decode.exit.ExitQuality;
import dev.lathe.decode.exit.SkippedLayers;
import dev.lathe.decode.exit.StopExitClassifier;
import dev.lathe.decode.exit.StopExitQuality;
import dev.lathe.figures.Table;
import dev.lathe.text.json.JsonValue;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleFunction;

/** Measures what leaving a model early costs in quality and saves in layers and in time. */
public final class EarlyExitCommand {
    private static final List<String> EXITS = List.of("confidence", "entropy", "saturation", "patience", "classifier");

    private static final String HELP = """
            EarlyExit: what leaving a model early costs in quality, and saves in layers and in time.

              --text FILE         the text to measure on, cut into short ones
              --exit NAME         %s; default: confidence
              --calibration FILE  text that the classifier learns from
              --layers N,N        behind how many layers to decide; default: a quarter, a half and three quarters
              --thresholds X,X    from the strictest to the loosest; default: some of each exit
              --texts N           how many texts to measure quality on; default: 200
              --length N          tokens in a text, of which the first quarter is prompt; default: 64
              --runs N            how many texts to continue for the time, 0 for none; default: 4
              --max-tokens N      how many tokens to continue them by; default: 64
              --risk X            also calibrate: the share of other tokens allowed, proven at 95 %%
            """.formatted(String.join(", ", EXITS));

    private static final int LEARNT_TEXTS = 400;
    private static final double NEVER = 1; // a threshold that no probability is above

    private static final int WARM_UP_ROUNDS = 2;
    private static final int ROUNDS = 5;

    private EarlyExitCommand() {}

    public static Command command() {
        return new Command(HELP + Program.LOADING, EarlyExitCommand::run);
    }

    private static void run(Program program) throws IOException {
        Options options = program.options;
        if (!options.has("--text")) {
            throw new Options.UsageException("--text is missing; give a file of text to measure on");
        }
        String text = Files.readString(options.file("--text", null));
        String name = options.word("--exit", "confidence", EXITS);
        double[] thresholds = Arrays.stream(
                        options.text("--thresholds", defaults(name)).split(","))
                .mapToDouble(EarlyExitCommand::threshold)
                .toArray();
        int length = options.integer("--length", 64, 4);
        try (Model model = program.loadModel()) {
            int[] layers = options.integers("--layers", quarters(model), 1);
            List<int[]> texts = cut(model.tokenizer().encode(text), length, options.integer("--texts", 200, 1));
            ExitCalibration calibration = ExitCalibration.of(model.languageModel(), length / 4, layers);
            StopExitClassifier classifier = classifier(program, name, model, length, layers);
            DoubleFunction<Exit> exits = exit(name, classifier);
            List<Exit> measured = Arrays.stream(thresholds).mapToObj(exits).toList();
            List<Map<String, Object>> rows = new ArrayList<>();
            List<ExitQuality> qualities = calibration.measure(texts, measured);
            int runs = Math.min(texts.size(), options.integer("--runs", 4, 0));
            List<Decoding> timed = new ArrayList<>(List.of(Decoding.autoregressive()));
            for (Exit exit : measured) {
                for (SkippedLayers skipped : SkippedLayers.values()) {
                    timed.add(Decoding.earlyExit(exit).layers(layers).skippedLayers(skipped));
                }
            }
            List<StopExitQuality> decisions = classifier == null
                    ? null
                    : classifier.measure(model.languageModel(), texts, length / 4, thresholds, layers);
            double[] speeds = runs == 0 ? null : tokensPerSecond(program, model, texts.subList(0, runs), timed);
            for (int i = 0; i < thresholds.length; i++) {
                ExitQuality quality = qualities.get(i);
                Map<String, Object> row = new LinkedHashMap<>();
                row.put("threshold", thresholds[i]);
                row.put("agreement", quality.agreement());
                row.put("meanExitLayer", quality.meanExitLayer());
                row.put("perplexity", quality.perplexity());
                row.put("modelPerplexity", quality.modelPerplexity());
                if (decisions != null) {
                    StopExitQuality decided = decisions.get(i);
                    row.put("accuracy", decided.accuracy());
                    row.put("baseRate", decided.baseRate());
                    row.put("stopShare", decided.stop().share());
                    row.put("stopPrecision", decided.stop().precision());
                    row.put("stopRecall", decided.stop().recall());
                    row.put("exitShare", decided.exit().share());
                    row.put("exitPrecision", decided.exit().precision());
                    row.put("exitRecall", decided.exit().recall());
                }
                if (speeds != null) {
                    row.put("speedupCompleted", speeds[1 + 2 * i] / speeds[0]);
                    row.put("speedupPropagated", speeds[2 + 2 * i] / speeds[0]);
                }
                rows.add(row);
            }
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("exit", name);
            result.put("layers", layers);
            result.put("rows", rows);
            if (options.has("--risk")) {
                double risk = options.decimal("--risk", 0, 0.0001f, 0.9999f);
                result.put("calibrated", calibrated(calibration.calibrate(texts, exits, risk, 0.05, thresholds)));
            }
            print(program, result, rows);
        }
    }

    private static String defaults(String name) {
        return switch (name) {
            case "confidence" -> "1,0.99,0.95,0.9,0.8,0.6,0.4,0.2,0";
            case "entropy" -> "0,0.01,0.05,0.1,0.2,0.5,1,2";
            case "classifier" -> "1,0.99,0.95,0.9,0.8,0.7,0.6,0.5,0";
            case "saturation" -> "1,0.99,0.98,0.97,0.96,0.95,0.9,0.8";
            default -> "3,2,1";
        };
    }

    private static double threshold(String text) {
        try {
            return Double.parseDouble(text.strip());
        } catch (NumberFormatException e) {
            throw new Options.UsageException("--thresholds holds \"" + text + "\"; give numbers with commas between");
        }
    }

    /** The classifier if that is the exit; learned from other texts than it is measured on. */
    private static StopExitClassifier classifier(Program program, String name, Model model, int length, int... layers)
            throws IOException {
        if (name.equals("classifier") != program.options.has("--calibration")) {
            throw new Options.UsageException("--calibration is what --exit classifier learns from; give both or none");
        }
        if (!name.equals("classifier")) {
            return null;
        }
        String text = Files.readString(program.options.file("--calibration", null));
        List<int[]> texts = cut(model.tokenizer().encode(text), length, LEARNT_TEXTS);
        return StopExitClassifier.learn(model.languageModel(), texts, layers);
    }

    private static DoubleFunction<Exit> exit(String name, StopExitClassifier classifier) {
        return switch (name) {
            case "classifier" -> threshold -> classifier.exit(NEVER, threshold);
            case "confidence" -> Exit::confidence;
            case "entropy" -> Exit::entropy;
            case "saturation" -> Exit::saturation;
            default -> probes -> Exit.patience((int) probes);
        };
    }

    private static String quarters(Model model) {
        int layers = model.layerCount();
        return layers / 4 + "," + layers / 2 + "," + 3 * layers / 4;
    }

    /** Texts of one length, spread evenly. */
    private static List<int[]> cut(int[] tokens, int length, int most) {
        int count = Math.min(most, tokens.length / length);
        List<int[]> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int start = (int) ((long) i * (tokens.length - length) / Math.max(1, count - 1));
            texts.add(Arrays.copyOfRange(tokens, start, start + length));
        }
        if (texts.isEmpty()) {
            throw new Program.FailureException(
                    "--text has " + tokens.length + " tokens; give a longer one, or a smaller --length");
        }
        return texts;
    }

    /** Medians of the tokens per second after the first of each continuation; the strategies take turns. */
    private static double[] tokensPerSecond(
            Program program, Model model, List<int[]> prompts, List<Decoding> strategies) {
        int maxTokens = program.options.integer("--max-tokens", 64, 2);
        double[][] speeds = new double[strategies.size()][ROUNDS];
        for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
            for (int i = 0; i < strategies.size(); i++) {
                program.terminal.progress("round", round + WARM_UP_ROUNDS, ROUNDS + WARM_UP_ROUNDS, "");
                speeds[i][Math.max(0, round)] = tokensPerSecond(model, prompts, strategies.get(i), maxTokens);
            }
        }
        return Arrays.stream(speeds)
                .mapToDouble(all -> Arrays.stream(all).sorted().toArray()[ROUNDS / 2])
                .toArray();
    }

    private static double tokensPerSecond(Model model, List<int[]> prompts, Decoding decoding, int maxTokens) {
        double tokens = 0;
        double seconds = 0;
        for (int[] prompt : prompts) {
            int room = Math.min(model.contextLength(), prompt.length + maxTokens);
            try (Session session = model.newSession(SessionOptions.DEFAULT.contextLength(room))) {
                GenerationResult result = session.generate(prompt)
                        .decoding(decoding)
                        .maxTokens(maxTokens)
                        .run();
                tokens += result.tokens().size() - 1;
                seconds += result.stats().decodeTime().toNanos() * 1e-9;
            }
        }
        return tokens / seconds;
    }

    private static Map<String, Object> calibrated(CalibratedExit exit) {
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("risk", exit.risk());
        found.put("threshold", exit.threshold().isPresent() ? exit.threshold().getAsDouble() : null);
        found.put("agreement", exit.measured().agreement());
        found.put("meanExitLayer", exit.measured().meanExitLayer());
        found.put("pValue", exit.pValue());
        return found;
    }

    private static void print(Program program, Map<String, Object> result, List<Map<String, Object>> rows) {
        if (program.isJson()) {
            program.printJson(result);
            return;
        }
        List<List<String>> cells = rows.stream()
                .map(row -> row.values().stream()
                        .map(value -> String.format(Locale.ROOT, "%.4f", (Double) value))
                        .toList())
                .toList();
        program.out.print(new Table(List.copyOf(rows.getFirst().keySet()), cells).text());
        if (result.containsKey("calibrated")) {
            program.out.println(
                    "calibrated: " + JsonValue.of(result.get("calibrated")).toJson());
        }
    }
}
