package dev.lathe.tools.shape;

import dev.lathe.CompressedModel;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.compress.Calibration;
import dev.lathe.compress.CompressionProgress;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.Recipe;
import dev.lathe.compress.Transform;
import dev.lathe.compress.lowrank.LowRank;
import dev.lathe.compress.prune.Prune;
import dev.lathe.compress.prune.Sparsity;
import dev.lathe.compress.quantize.Mix;
import dev.lathe.compress.quantize.QuantizationPlan;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.compress.search.Budget;
import dev.lathe.compress.search.RecipeSearch;
import dev.lathe.compress.slice.Slice;
import dev.lathe.figures.Table;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.model.decoder.LayerwiseModel;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import dev.lathe.tools.command.Chart;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Compares recipes that leave as many bytes, or as many parameters. */
public final class CompareRecipesCommand {
    private static final String HELP = """
            CompareRecipes: perplexity, divergence from the model as it is, and speed of methods that make it as small.

              --parameters F      methods that remove this share of the parameters, such as 0.1
              --bytes N           types, mixes, pruning and the search, for a file of at most so many bytes; the lines that
                                  name the recipe in it are not counted
              --calibration FILE  text like the model's future one
              --sequences N       pieces of it, of 512 tokens each; default: 32
              --text FILE         what to measure perplexity on; default: the calibration
              --windows N         windows of 512 tokens to measure on; default: 8
              --plot FILE         draws the perplexities as bars, in a file of PNG
            """;

    /** What is smaller than this share of the budget is no rival. */
    private static final double LEAST_SHARE = 0.9;

    /** What {@code --json} prints of a method. */
    private record Row(
            String method, long parameters, long bytes, double perplexity, double divergence, double tokensPerSecond) {}

    /** What {@code --json} prints. */
    private record Result(List<Row> rows) {}

    private final Program program;
    private final Options options;
    private final GgufFile source;
    private final long otherBytes; // of the file, that are no tensors

    private CompareRecipesCommand(Program program, GgufFile source) throws IOException {
        this.program = program;
        this.options = program.options;
        this.source = source;
        otherBytes = Files.size(program.modelFile()) - new ModelEdit(source).byteCount();
    }

    public static Command command() {
        return new Command(HELP, program -> {
            Options options = program.options;
            if (options.has("--parameters") == options.has("--bytes")) {
                throw new Options.UsageException("give one of --parameters and --bytes");
            }
            if (!options.has("--calibration")) {
                throw new Options.UsageException("--calibration is missing; give a text like the model's future one");
            }
            program.interruptOnce();
            try (GgufFile source = GgufFile.open(program.modelFile())) {
                new CompareRecipesCommand(program, source).run();
            }
        });
    }

    private void run() throws IOException {
        Path text = options.file("--calibration", null);
        if (options.has("--plot")) {
            Chart.target(options); // before the work, not after it
        }
        Calibration calibration = Calibration.text(text).sequences(options.integer("--sequences", 32, 1));
        int threads = options.integer("--threads", Runtime.getRuntime().availableProcessors(), 1);
        Trial trial = new Trial(options.file("--text", text), options.integer("--windows", 8, 1), threads, source);
        Map<String, Transform[]> methods = new LinkedHashMap<>();
        long limit = options.has("--bytes") ? options.longInteger("--bytes", 0) : Long.MAX_VALUE;
        if (options.has("--bytes")) {
            methods.putAll(ofBytes(limit - otherBytes));
        } else {
            ofParameters().forEach((name, step) -> methods.put(name, steps(step)));
        }
        List<Row> rows = new ArrayList<>();
        rows.add(row("as it is", trial.of(new ModelEdit(source)), Long.MAX_VALUE));
        for (Map.Entry<String, Transform[]> method : methods.entrySet()) {
            CompressionProgress progress =
                    (step, part, parts) -> program.terminal.progress(method.getKey(), part, parts, "");
            Recipe recipe = Recipe.of(method.getValue()).calibratedOn(calibration);
            try (CompressedModel made = Model.compress(source, recipe, new LoadOptions(threads), progress)) {
                rows.add(row(method.getKey(), trial.of(made.tensors()), limit));
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
        int layers =
                LayerwiseModel.of(source, Workers.single()).config().layers().size();
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

    /**
     * Types, mixes, the choice of bits and uniform pruning, as far as they fit and nearly fill the budget; and the
     * search.
     */
    private Map<String, Transform[]> ofBytes(long bytes) {
        Map<String, Quantize> encodings = new LinkedHashMap<>();
        for (TensorType type : RecipeSearch.TYPES) {
            encodings.put(type.name(), Quantize.to(type));
            encodings.put(type + " with head", Quantize.to(type).head(type));
        }
        for (Mix mix : Mix.values()) {
            encodings.put("mix " + mix, Quantize.mix(mix));
        }
        Map<String, Transform[]> methods = new LinkedHashMap<>();
        Set<List<TensorType>> seen = new HashSet<>(); // types that fall back to others give the same file
        encodings.forEach((name, encoding) -> {
            QuantizationPlan plan = encoding.gptq().plan(source);
            double share = (double) plan.byteCount() / bytes;
            List<TensorType> types =
                    plan.entries().stream().map(QuantizationPlan.Entry::type).toList();
            if (share > LEAST_SHARE && share <= 1 && seen.add(types)) {
                methods.put(name + ", weighted", steps(encoding.weighted()));
                methods.put(name + ", GPTQ", steps(encoding.gptq()));
                methods.put(name + ", GPTQ clipped", steps(encoding.gptq().clipped()));
            }
        });
        methods.put("bits by sensitivity", steps(Quantize.within(bytes)));
        for (float fraction : new float[] {0.125f, 0.25f, 0.5f}) {
            Optional<TensorType> largest = largestAfterPruning(fraction, bytes);
            largest.ifPresent(type -> methods.put(
                    format("%.1f%% of channels less, ", 100 * fraction) + type + ", GPTQ",
                    steps(Prune.feedForward(fraction), Quantize.to(type).gptq())));
        }
        methods.put("search", steps(RecipeSearch.within(Budget.bytes(bytes))));
        return methods;
    }

    private static Transform[] steps(Transform... steps) {
        return steps;
    }

    /** The type of most bits that fits when this share of the feed-forward channels is gone. */
    private Optional<TensorType> largestAfterPruning(double fraction, long bytes) {
        double removed = fraction * parameters("ffn_") / (parameters("blk."));
        return RecipeSearch.TYPES.stream()
                .filter(type -> {
                    Quantize encoding = Quantize.to(type);
                    double head = encoding.plan(source).entries().stream()
                            .filter(entry -> !entry.tensor().name().startsWith("blk."))
                            .mapToDouble(entry -> entry.byteCount())
                            .sum();
                    double layers = encoding.plan(source).byteCount() - head;
                    return head + layers * (1 - removed) <= bytes;
                })
                .findFirst();
    }

    /** What was planned by counting can be larger: pruned rows may need types with shorter blocks. */
    private Row row(String method, Trial.Worth worth, long limit) {
        long bytes = worth.bytes() + otherBytes;
        return new Row(
                bytes > limit ? method + " (too large)" : method,
                worth.parameters(),
                bytes,
                worth.perplexity(),
                worth.divergence(),
                worth.tokensPerSecond());
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
                            format("%.5f", row.divergence()),
                            format("%.1f", row.tokensPerSecond())))
                    .toList();
            program.out.print(
                    new Table(List.of("method", "parameters", "bytes", "perplexity", "divergence", "tokens/s"), cells)
                            .text());
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
