package dev.lathe.tools.shape;

import dev.lathe.CompressedModel;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.compress.Calibration;
import dev.lathe.compress.CompressionProgress;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.Recipe;
import dev.lathe.compress.StepReport;
import dev.lathe.compress.Transform;
import dev.lathe.compress.TransformContext;
import dev.lathe.compress.lowrank.LowRank;
import dev.lathe.compress.prune.Prune;
import dev.lathe.compress.prune.Sparsity;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.compress.search.Budget;
import dev.lathe.compress.search.RecipeSearch;
import dev.lathe.compress.search.SearchResult;
import dev.lathe.compress.slice.Slice;
import dev.lathe.figures.Table;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.TensorSource;
import dev.lathe.model.decoder.LayerwiseModel;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import dev.lathe.text.Tokenizer;
import dev.lathe.tools.command.Chart;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** Makes a smaller, faster model: by the steps that are asked for, or by those that a search finds for a budget. */
public final class ShapeCommand {
    private static final String HELP = """
            Shape: makes a smaller, faster model of a model, and says after each step what it is worth.

              IN                  the GGUF file to make smaller
              OUT                 the GGUF file to write
              --drop-layers N     removes whole layers
              --prune-ffn F       removes a share of the feed-forward channels, such as 0.2
              --prune-heads F     removes a share of the heads
              --prune-experts F   removes a share of the experts
              --merge-experts F   removes a share of the experts and merges them into the others
              --slice F           removes a share of the hidden size
              --rank F            removes a share of the layers' parameters by low rank
              --blocks F          removes a share of the blocks of 64 rows and 32 columns
              --factors NAME      what low rank keeps: whitened (outputs on the calibration) or plain; default: whitened
              --size-step N       sizes of slices and ranks are multiples of it; default: 32
              --sparsity S        sets weights to zero: a share such as 0.5, or 2:4
              --mask NAME         how those are chosen: sparsegpt, wanda or magnitude; default: sparsegpt
              --activations F     has a share of what feed-forward parts read count as zero, such as 0.4
              --gates F           has a share of the neurons of feed-forward parts count as inactive by their gates
              --type TYPE         what to encode matrices as, such as Q4_0
              --bytes N           searches for the best recipe of a file of at most so many bytes
              --speedup X         searches for the best recipe that decodes so many times as fast
              --calibration FILE  text like the model's future one; most steps need it
              --sequences N       pieces of it, of 512 tokens each; default: 32
              --text FILE         what to measure perplexity on; default: the calibration
              --windows N         windows of 512 tokens to measure on; default: 8
              --plot FILE         draws the front of a search, or the steps, in a file of PNG
            """;

    /** What the names of the steps take in the file's metadata, generously: so much, and more for each layer. */
    private static final int RECIPE_BYTES = 512;

    private static final int RECIPE_BYTES_EACH = 96;

    /** What {@code --json} prints of a step. */
    private record Row(
            String step,
            long parameters,
            long bytes,
            double perplexity,
            double divergence,
            double tokensPerSecond,
            double seconds) {}

    /** What {@code --json} prints of a recipe on the front. */
    private record Point(String recipe, long bytes, double seconds, double divergence) {}

    /** What {@code --json} prints. */
    private record Result(long bytes, List<Row> steps, List<String> notes, List<Point> front) {}

    private final Program program;
    private final Options options;
    private final List<Row> rows = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<Point> front = new ArrayList<>();

    private ShapeCommand(Program program) {
        this.program = program;
        this.options = program.options;
    }

    public static Command command() {
        return new Command(HELP, program -> new ShapeCommand(program).run());
    }

    private void run() throws IOException {
        if (options.has("--model")) {
            throw new Options.UsageException("--model is of no use here; IN is the model");
        }
        List<Transform> steps = steps();
        boolean searches = options.has("--bytes") || options.has("--speedup");
        if (steps.isEmpty() == !searches) {
            throw new Options.UsageException("give some steps, such as --prune-ffn 0.2 --type Q4_0, or one of --bytes"
                    + " and --speedup, which find them");
        }
        Path in = options.file("IN", null);
        Path out = options.target("OUT");
        if (options.has("--plot")) {
            Chart.target(options); // before the work, not after it
        }
        Path calibration = options.has("--calibration") ? options.file("--calibration", null) : null;
        if (!options.has("--text") && calibration == null) {
            throw new Options.UsageException("--text is missing; give a text to measure on, or a --calibration");
        }
        int threads = options.integer("--threads", Runtime.getRuntime().availableProcessors(), 1);
        Path text = options.file("--text", calibration);
        int windows = options.integer("--windows", 8, 1);
        program.interruptOnce();
        try (GgufFile source = GgufFile.open(in)) {
            Trial trial = new Trial(text, windows, threads, source);
            add("as it is", trial.of(new ModelEdit(source)), 0);
            if (searches) {
                steps = search(source, Files.size(in), calibration, threads);
            }
            shape(source, steps, calibration, new LoadOptions(threads), trial).save(out);
            report(Files.size(out));
        }
    }

    private List<Transform> steps() {
        List<Transform> steps = new ArrayList<>();
        if (options.has("--drop-layers")) {
            steps.add(Prune.layers(options.integer("--drop-layers", 0, 1)));
        }
        if (options.has("--prune-ffn")) {
            steps.add(Prune.feedForward(share("--prune-ffn")));
        }
        if (options.has("--prune-heads")) {
            steps.add(Prune.heads(share("--prune-heads")));
        }
        if (options.has("--prune-experts")) {
            steps.add(Prune.experts(share("--prune-experts")));
        }
        if (options.has("--merge-experts")) {
            steps.add(Prune.experts(share("--merge-experts")).merged());
        }
        if (options.has("--slice")) {
            steps.add(Slice.hiddenSize(share("--slice")).sizeStep(sizeStep()));
        }
        if (options.has("--rank")) {
            boolean plain = word("--factors", "whitened", "plain").equals("plain");
            LowRank lowRank = plain ? LowRank.plain(share("--rank")) : LowRank.whitened(share("--rank"));
            steps.add(lowRank.rankStep(sizeStep()));
        }
        if (options.has("--blocks")) {
            steps.add(Prune.blocks(share("--blocks")));
        }
        if (options.has("--sparsity")) {
            steps.add(
                    switch (word("--mask", "sparsegpt", "wanda", "magnitude")) {
                        case "magnitude" -> Prune.magnitude(sparsity());
                        case "wanda" -> Prune.wanda(sparsity());
                        default -> Prune.sparseGpt(sparsity());
                    });
        }
        if (options.has("--activations")) {
            steps.add(Prune.activations(share("--activations")));
        }
        if (options.has("--gates")) {
            steps.add(Prune.gates(share("--gates")));
        }
        if (options.has("--type")) {
            List<String> types =
                    Arrays.stream(TensorType.values()).map(Enum::name).toList();
            TensorType type = TensorType.valueOf(options.word("--type", null, types));
            steps.add(Quantize.to(type));
        }
        return steps;
    }

    /** One of some names; the first where none is given. */
    private String word(String name, String... names) {
        return options.word(name, names[0], List.of(names));
    }

    private int sizeStep() {
        return options.integer("--size-step", 32, 1);
    }

    private double share(String name) {
        return number(name, 0.99f);
    }

    /** As it was written: 0.2 stays 0.2, also as a double. */
    private double number(String name, float most) {
        return Double.parseDouble(Float.toString(options.decimal(name, 0, 0, most)));
    }

    private Sparsity sparsity() {
        String text = options.text("--sparsity", "");
        if (text.matches("\\d{1,3}:\\d{1,3}")) {
            String[] parts = text.split(":");
            return Sparsity.of(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
        }
        return Sparsity.of(number("--sparsity", 1));
    }

    /** The steps of the best recipe within the budget; bytes are those of the file, with what is no tensor. */
    private List<Transform> search(GgufFile source, long fileBytes, Path calibration, int threads) throws IOException {
        if (calibration == null) {
            throw new Options.UsageException(
                    "--calibration is missing; a search needs a text to measure divergence on");
        }
        ModelEdit model = new ModelEdit(source);
        try (Workers workers = Workers.of(threads)) {
            int layers = LayerwiseModel.of(source, workers).config().layers().size();
            long other = fileBytes - model.byteCount() + RECIPE_BYTES + (long) layers * RECIPE_BYTES_EACH;
            OptionalLong bytes = OptionalLong.empty();
            if (options.has("--bytes")) {
                bytes = OptionalLong.of(options.longInteger("--bytes", 0) - other);
            }
            OptionalDouble speedup = OptionalDouble.empty();
            if (options.has("--speedup")) {
                speedup = OptionalDouble.of(options.decimal("--speedup", 1, 0.01f, 1000));
            }
            List<int[]> texts = calibration(calibration).draw(Tokenizer.from(source.metadata()));
            TransformContext context = new TransformContext(
                    texts, workers, progress(), () -> Thread.currentThread().isInterrupted());
            SearchResult found = RecipeSearch.within(new Budget(bytes, speedup)).search(model, context);
            found.notes().forEach(note -> notes.add("search: " + note));
            found.front()
                    .forEach(point -> front.add(new Point(
                            point.recipe().toString(), point.bytes() + other, point.seconds(), point.divergence())));
            return found.best().recipe().transforms();
        }
    }

    private Calibration calibration(Path file) {
        return Calibration.text(file).sequences(options.integer("--sequences", 32, 1));
    }

    private CompressionProgress progress() {
        return (step, part, parts) -> program.terminal.progress(step, part, parts, "");
    }

    /** Step after step, each measured; each works on what the one before made. */
    private CompressedModel shape(
            GgufFile source, List<Transform> steps, Path calibration, LoadOptions threads, Trial trial)
            throws IOException {
        TensorSource before = source;
        CompressedModel made = null;
        for (Transform transform : steps) {
            Recipe one = Recipe.of(transform);
            if (calibration != null) {
                one = one.calibratedOn(calibration(calibration));
            }
            made = Model.compress(before, one, threads, progress());
            before = made.tensors();
            StepReport step = made.report().steps().getFirst();
            step.notes().forEach(note -> notes.add(abbreviated(step.step(), 60) + ": " + note));
            add(step.step(), trial.of(made.tensors()), step.seconds());
        }
        return made;
    }

    private void add(String step, Trial.Worth worth, double seconds) {
        if (Thread.currentThread().isInterrupted()) { // while it was measured
            throw new CancellationException("cancelled after \"" + abbreviated(step, 60) + "\"");
        }
        rows.add(new Row(
                step,
                worth.parameters(),
                worth.bytes(),
                worth.perplexity(),
                worth.divergence(),
                worth.tokensPerSecond(),
                seconds));
    }

    private void report(long fileBytes) throws IOException {
        if (program.isJson()) {
            program.printJson(new Result(fileBytes, rows, notes, front));
        } else {
            List<List<String>> cells = rows.stream()
                    .map(row -> List.of(
                            abbreviated(row.step(), 60),
                            format("%,d", row.parameters()),
                            format("%,d", row.bytes()),
                            format("%.3f", row.perplexity()),
                            format("%.5f", row.divergence()),
                            format("%.1f", row.tokensPerSecond()),
                            format("%.1f", row.seconds())))
                    .toList();
            program.out.print(new Table(
                            List.of("step", "parameters", "bytes", "perplexity", "divergence", "tokens/s", "seconds"),
                            cells)
                    .text());
            Stream.concat(notes.stream(), Stream.of(format("%,d bytes written", fileBytes)))
                    .forEach(program.out::println);
        }
        if (options.has("--plot")) {
            plot(Path.of(options.text("--plot", "")));
        }
    }

    private void plot(Path file) throws IOException {
        if (front.isEmpty()) {
            Chart.bars(
                    "perplexity after each step",
                    rows.stream().map(row -> abbreviated(row.step(), 24)).toList(),
                    rows.stream().mapToDouble(Row::perplexity).toArray(),
                    file);
        } else {
            Chart.points(
                    "What is best at each size and speed",
                    new Chart.Axis("megabytes", values(point -> point.bytes() / 1e6)),
                    new Chart.Axis("expected divergence, nats a token", values(Point::divergence)),
                    new Chart.Axis("microseconds a token", values(point -> point.seconds() * 1e6)),
                    file);
        }
    }

    private double[] values(ToDoubleFunction<Point> value) {
        return front.stream().mapToDouble(value).toArray();
    }

    private static String abbreviated(String step, int most) {
        return step.length() <= most ? step : step.substring(0, most - 3) + "...";
    }

    private static String format(String format, Object value) {
        return String.format(Locale.ROOT, format, value);
    }
}
