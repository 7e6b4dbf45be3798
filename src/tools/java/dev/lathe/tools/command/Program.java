package dev.lathe.tools.command;

import dev.lathe.Kernels;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.figures.Table;
import dev.lathe.model.ExpertOptions;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** One run of a command: its options, and where its output goes. */
public final class Program {
    /** How a model is loaded, for the help texts of commands that load one. */
    public static final String LOADING = """
              --packed DIR        keeps packed weights in this folder, so that later starts read them
              --weight-memory MB  at most so many megabytes of weights in memory; other layers are read for each
                                  pass; needs --packed
              --skip-experts F    leaves out the chosen experts whose weight is below this share of a token's largest
                                  one, 0 to 1: faster, and not the model's own results
            """;

    /** Tells a user in one sentence what went wrong and what helps. */
    public static final class FailureException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public FailureException(String message) {
            super(message);
        }
    }

    public final long startMillis = System.currentTimeMillis();
    public final Options options;
    /** What was asked for; a reader sees each piece as it comes. */
    public final PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    /** Where people look on: progress, tables, statistics; nowhere if the output is JSON. */
    public final Terminal terminal;

    public static final Path DEFAULT_MODEL =
            Path.of(System.getProperty("lathe.model", "examples/models/lathe-java-f16.gguf"));

    Program(Options options) {
        this.options = options;
        this.terminal = new Terminal(System.err, !options.has("--json"));
    }

    public Path modelFile() {
        return options.model("--model", DEFAULT_MODEL);
    }

    /** Loads the model that the options name. */
    public Model loadModel() throws IOException {
        return Model.load(modelFile(), loadOptions());
    }

    /** As the options say. */
    public LoadOptions loadOptions() {
        return loadOptions(threads());
    }

    /** How many the options say; 0 for the physical cores. */
    private int threads() {
        return options.has("--threads") ? options.integer("--threads", 1, 1) : 0;
    }

    /** As the options say, with packed weights in this folder. */
    public LoadOptions loadOptions(Path packed) {
        return limited(new LoadOptions(threads()).packed(packed));
    }

    /** On so many threads; the rest as the options say. */
    public LoadOptions loadOptions(int threads) {
        LoadOptions loading = new LoadOptions(threads).experts(experts());
        if (options.has("--packed")) {
            loading = loading.packed(Path.of(options.text("--packed", "")));
        } else if (options.has("--weight-memory")) {
            throw new Options.UsageException("--weight-memory reads layers from a packed file; add --packed DIR");
        }
        return limited(loading);
    }

    private ExpertOptions experts() {
        return options.has("--skip-experts")
                ? ExpertOptions.DEFAULT
                        .skipBelow(options.decimal("--skip-experts", 0, 0, 1))
                        .counting()
                : ExpertOptions.DEFAULT;
    }

    private LoadOptions limited(LoadOptions loading) {
        return options.has("--weight-memory")
                ? loading.weightMemory(1_000_000L * options.integer("--weight-memory", 1, 1))
                : loading;
    }

    /** Before anything computes: the library chooses its kernels once. */
    void demandKernels() {
        if (options.has("--kernels")) {
            String demanded = options.text("--kernels", "");
            System.setProperty("lathe.kernels", demanded);
            String chosen = Kernels.inUse().name();
            if (!chosen.equals(demanded) && !chosen.startsWith(demanded + "-")) {
                throw new FailureException("--kernels " + demanded
                        + " comes too late: this virtual machine computes with " + chosen + " already; start another");
            }
        }
    }

    public boolean isJson() {
        return options.has("--json");
    }

    public void printJson(Object value) {
        out.println(JsonValue.of(value).toJson());
    }

    /** Figures by name: an object of JSON if that was asked for, else a table. */
    public void printFigures(Map<String, Object> figures) {
        if (isJson()) {
            printJson(figures);
            return;
        }
        Table table = Table.of("figure", "value");
        for (Map.Entry<String, Object> figure : figures.entrySet()) {
            table = table.row(figure.getKey(), figure.getValue());
        }
        out.print(table.text());
    }

    /** From here on the first Ctrl-C interrupts this thread, which ends its work; a second one ends the program. */
    public void interruptOnce() {
        Thread worker = Thread.currentThread();
        AtomicBoolean before = new AtomicBoolean();
        Interrupts.handle(() -> {
            if (before.getAndSet(true)) {
                Runtime.getRuntime().halt(130);
            }
            worker.interrupt();
        });
    }
}
