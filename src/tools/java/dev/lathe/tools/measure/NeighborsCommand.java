package dev.lathe.tools.measure;

import dev.lathe.Model;
import dev.lathe.figures.Stopwatch;
import dev.lathe.lab.scale.PowerLaw;
import dev.lathe.measure.Perplexity;
import dev.lathe.measure.Progress;
import dev.lathe.measure.Windows;
import dev.lathe.model.CacheType;
import dev.lathe.retrieval.NeighborOptions;
import dev.lathe.retrieval.NextTokenOptions;
import dev.lathe.retrieval.NextTokenStore;
import dev.lathe.tensor.TensorType;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;

/** Measures how well a model predicts a text with the next tokens of other texts mixed in, by how many there are. */
public final class NeighborsCommand {
    private static final String HELP = """
            Neighbors: perplexity of a model with a store of next tokens, by the store's size.

              --store FILES       what fills the store, with commas between: texts, and folders and zip files, whose
                                  .java files are taken in a random order
              --text FILE         the text to measure on
              --sizes LIST        positions in the store, ascending; default: 1000,10000,100000
              --count N           neighbors of each position; default: 64
              --weight X          their share of the distribution; default: 0.25
              --temperature X     of their similarities; default: 0.02
              --least X           what is less similar is no neighbor; default: 0.85
              --type TYPE         how vectors are stored: F32, F16, BF16 or Q8_0; default: F16
              --deduplicate       keeps equal positions once
              --file FILE         where the store is kept, to be continued by a run with the same --store; default: a
                                  file that is deleted at the end
              --context N         tokens in a window, of which the second half is scored; default: 512
              --windows N         the most windows to take; default: all
            """;

    /** What one size of the store comes to. */
    private record Row(int positions, double perplexity, double error, int tokens, double addSeconds, double seconds) {}

    private NeighborsCommand() {}

    public static Command command() {
        return new Command(HELP + Program.LOADING, NeighborsCommand::run);
    }

    private static void run(Program program) throws IOException {
        Options options = program.options;
        if (!options.has("--store") || !options.has("--text")) {
            throw new Options.UsageException(
                    "--store and --text are needed; what fills the store, and what is measured");
        }
        int[] sizes = options.integers("--sizes", "1000,10000,100000", 1);
        if (!Arrays.equals(sizes, Arrays.stream(sizes).sorted().distinct().toArray())) {
            throw new Options.UsageException("--sizes must ascend: a store only grows");
        }
        NeighborOptions neighbors = new NeighborOptions(
                options.integer("--count", NeighborOptions.DEFAULT.count(), 1),
                options.decimal("--weight", (float) NeighborOptions.DEFAULT.weight(), 0, 0.999f),
                options.decimal("--temperature", (float) NeighborOptions.DEFAULT.temperature(), 1e-6f, 1e6f),
                options.decimal("--least", (float) NeighborOptions.DEFAULT.leastSimilarity(), -1, 1));
        NextTokenOptions stored =
                new NextTokenOptions(options.choice("--type", TensorType.F16), options.has("--deduplicate"));
        Path file = options.has("--file") ? options.target("--file") : Files.createTempFile("lathe", ".store");
        if (!options.has("--file")) {
            Files.delete(file);
        }
        try (Sources sources = Sources.of(options.text("--store", ""));
                Model model = program.loadModel();
                NextTokenStore store = model.nextTokens(file, stored)) {
            print(program, measure(program, model, store, sources, sizes, neighbors));
        } finally {
            if (!options.has("--file")) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static List<Row> measure(
            Program program, Model model, NextTokenStore store, Sources sources, int[] sizes, NeighborOptions neighbors)
            throws IOException {
        int[] text = model.tokenizer().encode(Files.readString(program.options.file("--text", null)));
        List<Row> rows = new ArrayList<>();
        rows.add(row(program, model, text, 0, 0));
        int next = 0;
        int[] rest = {};
        int known = program.options.has("--deduplicate") ? 0 : store.datastore().size(); // from an earlier run
        double seconds = 0;
        for (int size : sizes) {
            while (store.datastore().size() < size
                    && (rest.length > 1 || next < sources.files().size())) {
                int[] tokens = rest.length > 1
                        ? rest
                        : model.tokenizer()
                                .encodePrompt(Files.readString(sources.files().get(next++)));
                if (known > 0) {
                    int passed = Math.min(known, tokens.length - 1);
                    rest = Arrays.copyOfRange(tokens, passed, tokens.length);
                    known -= passed;
                    continue;
                }
                int taken = Math.min(tokens.length, size - store.datastore().size() + 1);
                rest = Arrays.copyOfRange(tokens, taken - 1, tokens.length); // for the next size
                long start = Stopwatch.system().nanos();
                store.add(Arrays.copyOf(tokens, taken));
                seconds += (Stopwatch.system().nanos() - start) * 1e-9;
                program.terminal.progress("position", store.datastore().size(), size, "");
            }
            if (store.datastore().size() != size) {
                throw new Program.FailureException(
                        "--store has " + store.datastore().size() + " positions, but --sizes asks for " + size
                                + "; give more texts, or other sizes");
            }
            rows.add(row(program, model.mixing(store, neighbors), text, size, seconds));
        }
        return rows;
    }

    private static Row row(Program program, Model model, int[] text, int size, double addSeconds) {
        Options options = program.options;
        Windows windows = Windows.of(options.integer("--context", 512, 3));
        windows = options.has("--windows") ? windows.limit(options.integer("--windows", 1, 1)) : windows;
        OptionalInt bos = model.tokenizer().addsBos() ? model.tokenizer().bos() : OptionalInt.empty();
        windows = bos.isPresent() ? windows.beginningWith(bos.getAsInt()) : windows;
        Progress progress = (done, total, value) ->
                program.terminal.progress("window", done, total, "perplexity %.4f".formatted(value));
        long start = Stopwatch.system().nanos();
        Perplexity measured = Perplexity.of(model.languageModel(), text, windows, CacheType.F32, progress);
        double seconds = (Stopwatch.system().nanos() - start) * 1e-9;
        return new Row(size, measured.value(), measured.error(), measured.tokenCount(), addSeconds, seconds);
    }

    /** The loss as a power law of the size, where there are enough sizes to fit one. */
    private static void print(Program program, List<Row> rows) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("rows", rows);
        if (rows.size() > 4) {
            List<Row> filled = rows.subList(1, rows.size());
            PowerLaw law = PowerLaw.fit(
                    filled.stream().mapToDouble(row -> row.positions()).toArray(),
                    filled.stream()
                            .mapToDouble(row -> Math.log(row.perplexity()))
                            .toArray());
            if (law.irreducible().value() > 0) { // else the sizes are too few to tell where it ends
                result.put(
                        "lossLaw",
                        Map.of(
                                "irreducible", law.irreducible().value(),
                                "scale", law.scale().value(),
                                "exponent", law.exponent().value(),
                                "residual", law.residual()));
            }
        }
        if (program.isJson()) {
            program.printJson(result);
            return;
        }
        program.out.println(" positions  perplexity   error  add s  measure s");
        for (Row row : rows) {
            program.out.printf(
                    Locale.ROOT,
                    "%10d %11.4f %7.3f %6.1f %10.1f%n",
                    row.positions(),
                    row.perplexity(),
                    row.error(),
                    row.addSeconds(),
                    row.seconds());
        }
        if (result.get("lossLaw") instanceof Map<?, ?> law) {
            program.out.println("loss = irreducible + scale * positions ^ -exponent: " + law);
        }
    }

    /** The files that fill the store, some of them in archives that are open. */
    private record Sources(List<Path> files, List<FileSystem> archives) implements AutoCloseable {
        static Sources of(String names) throws IOException {
            Sources sources = new Sources(new ArrayList<>(), new ArrayList<>());
            try {
                for (String name : names.split(",")) {
                    sources.add(Path.of(name));
                }
                return sources;
            } catch (IOException | RuntimeException failure) {
                sources.close();
                throw failure;
            }
        }

        private void add(Path path) throws IOException {
            if (!Files.exists(path)) {
                throw new Program.FailureException(path + " is not there; give --store files or folders that exist");
            } else if (Files.isDirectory(path)) {
                addAll(path);
            } else if (path.toString().endsWith(".zip") || path.toString().endsWith(".jar")) {
                archives.add(FileSystems.newFileSystem(path));
                addAll(archives.getLast().getPath("/"));
            } else {
                files.add(path);
            }
        }

        private void addAll(Path folder) throws IOException {
            try (Stream<Path> all = Files.walk(folder)) {
                List<Path> some =
                        new ArrayList<>(all.filter(file -> file.toString().endsWith(".java"))
                                .sorted()
                                .toList());
                Collections.shuffle(some, new Random(1));
                files.addAll(some);
            }
        }

        @Override
        public void close() throws IOException {
            for (FileSystem archive : archives) {
                archive.close();
            }
        }
    }
}
