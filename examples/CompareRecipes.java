import dev.lathe.compress.Calibration;
import dev.lathe.compress.CompressionProgress;
import dev.lathe.compress.LowRank;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.Recipe;
import dev.lathe.compress.Slice;
import dev.lathe.compress.Transform;
import dev.lathe.compress.prune.Prune;
import dev.lathe.compress.prune.Sparsity;
import dev.lathe.compress.quantize.Mix;
import dev.lathe.compress.search.Budget;
import dev.lathe.compress.search.RecipeSearch;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Compares recipes that leave as many bytes, or as many parameters. */
final class CompareRecipes {
    private static final String HELP = """
            CompareRecipes: perplexity and speed of methods that make a model as small.

              --parameters F      methods that remove this share of the parameters, such as 0.1
              --bytes N           types, mixes and the search, at most so many bytes of tensors
              --calibration FILE  text like the model's future one
              --sequences N       pieces of it, of 512 tokens each; default: 32
              --text FILE         what to measure perplexity on; default: the calibration
              --windows N         windows of 512 tokens to measure on; default: 8
              --plot FILE         draws the perplexities as bars, in a PNG file
            """;

    /** What {@code --json} prints of a method. */
    private record Row(String method, long parameters, long bytes, double perplexity, double tokensPerSecond) {}

    /** What {@code --json} prints. */
    private record Result(List<Row> rows) {}

    private final Program program;
    private final Options options;
    private final GgufFile source;

    private CompareRecipes(Program program, GgufFile source) {
        this.program = program;
        this.options = program.options;
        this.source = source;
    }

    public static void main(String[] arguments) {
        Program.run(HELP, arguments, program -> {
            Options options = program.options;
            if (options.has("--parameters") == options.has("--bytes")) {
                throw new Options.UsageException("give one of --parameters and --bytes");
            }
            if (!options.has("--calibration")) {
                throw new Options.UsageException("--calibration is missing; give a text like the model's future one");
            }
            try (GgufFile source = GgufFile.open(program.modelFile())) {
                new CompareRecipes(program, source).run();
            }
        });
    }

    private void run() throws IOException {
        Path text = options.file("--calibration", null);
        Calibration calibration = Calibration.text(text).sequences(options.integer("--sequences", 32, 1));
        int threads = options.integer("--threads", Runtime.getRuntime().availableProcessors(), 1);
        Trial trial = new Trial(options.file("--text", text), options.integer("--windows", 8, 1), threads);
        Map<String, Transform> methods =
                options.has("--bytes") ? ofBytes(options.longInteger("--bytes", 0)) : ofParameters();
        List<Row> rows = new ArrayList<>();
        rows.add(row("as it is", trial.of(new ModelEdit(source))));
        try (Workers workers = Workers.of(threads)) {
            for (Map.Entry<String, Transform> method : methods.entrySet()) {
                CompressionProgress progress =
                        (step, part, parts) -> program.terminal.progress(method.getKey(), part, parts, "");
                ModelEdit made = Recipe.of(method.getValue())
                        .calibratedOn(calibration)
                        .apply(source, workers, progress, () -> false)
                        .model();
                if (!options.has("--bytes") || made.byteCount() <= options.longInteger("--bytes", 0)) {
                    rows.add(row(method.getKey(), trial.of(made)));
                }
            }
        }
        report(rows);
    }

    /** Every method by the share of what it works on that is this share of all parameters. */
    private Map<String, Transform> ofParameters() {
        double share = options.decimal("--parameters", 0, 0, 0.9f);
        double removed = share * parameters("");
        double ofLayers = removed / parameters("blk.");
        double ofFeedForward = removed / parameters("ffn_");
        long layers = source.metadata().integer(source.metadata().string("general.architecture") + ".block_count");
        int ofDepth = (int) Math.round(ofLayers * layers);
        Map<String, Transform> methods = new LinkedHashMap<>();
        if (ofFeedForward < 0.95) {
            methods.put("feed-forward channels", Prune.feedForward(ofFeedForward));
            methods.put(
                    "channels, not compensated",
                    Prune.feedForward(ofFeedForward).withoutCompensation());
        }
        if (ofDepth >= 1 && ofDepth <= layers - 2) {
            methods.put("layers, not compensated", Prune.layers(ofDepth).withoutCompensation());
            methods.put("layers", Prune.layers(ofDepth));
        }
        if (ofLayers < 0.95) {
            methods.put("low rank, whitened", LowRank.whitened(ofLayers));
            methods.put("low rank, plain", LowRank.plain(ofLayers));
            methods.put("blocks", Prune.blocks(ofLayers));
            methods.put("zeros by SparseGPT", Prune.sparseGpt(Sparsity.of(ofLayers)));
            methods.put("zeros by Wanda", Prune.wanda(Sparsity.of(ofLayers)));
            methods.put("zeros by magnitude", Prune.magnitude(Sparsity.of(ofLayers)));
        }
        methods.put("slice of this share", Slice.hiddenSize(share));
        return methods;
    }

    private double parameters(String part) {
        return source.tensors().stream()
                .filter(tensor ->
                        tensor.dimensions().size() > 1 && tensor.name().contains(part))
                .mapToDouble(TensorInfo::elementCount)
                .sum();
    }

    /** Types and mixes that may fit, and what the search finds. */
    private Map<String, Transform> ofBytes(long bytes) {
        Map<String, Transform> methods = new LinkedHashMap<>();
        for (TensorType type : List.of(
                TensorType.Q8_0,
                TensorType.Q6_K,
                TensorType.Q5_0,
                TensorType.Q4_1,
                TensorType.Q4_0,
                TensorType.IQ4_XS)) {
            methods.put(type.name(), dev.lathe.compress.quantize.Quantize.to(type));
        }
        for (Mix mix : Mix.values()) {
            methods.put("mix " + mix, dev.lathe.compress.quantize.Quantize.mix(mix));
        }
        methods.put("search", RecipeSearch.within(Budget.bytes(bytes)));
        return methods;
    }

    private static Row row(String method, Trial.Worth worth) {
        return new Row(method, worth.parameters(), worth.bytes(), worth.perplexity(), worth.tokensPerSecond());
    }

    private void report(List<Row> rows) throws IOException {
        if (program.isJson()) {
            program.printJson(new Result(rows));
        } else {
            List<List<String>> cells = rows.stream()
                    .map(row -> List.of(
                            row.method(),
                            format("%,d", row.parameters()),
                            format("%,d", row.bytes()),
                            format("%.3f", row.perplexity()),
                            format("%.1f", row.tokensPerSecond())))
                    .toList();
            program.out.print(
                    Terminal.table(List.of("method", "parameters", "bytes", "perplexity", "tokens/s"), cells));
        }
        if (options.has("--plot")) {
            List<String> names = rows.stream().map(Row::method).toList();
            double[] values = rows.stream().mapToDouble(Row::perplexity).toArray();
            Chart.bars("perplexity", names, values, Path.of(options.text("--plot", "")));
        }
    }

    private static String format(String format, Object value) {
        return String.format(Locale.ROOT, format, value);
    }
}
