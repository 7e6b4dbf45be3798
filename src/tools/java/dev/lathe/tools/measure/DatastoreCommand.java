package dev.lathe.tools.measure;

import dev.lathe.Kernels;
import dev.lathe.figures.Stopwatch;
import dev.lathe.figures.Summary;
import dev.lathe.retrieval.Datastore;
import dev.lathe.retrieval.DatastoreOptions;
import dev.lathe.retrieval.Entry;
import dev.lathe.retrieval.EntryFilter;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** Measures a datastore: appending, searching beside merely reading as many bytes, opening again. */
public final class DatastoreCommand {
    private static final int TOGETHER = 64; // queries of the search of several
    private static final int PIECE = 1 << 20; // numbers that one thread reads in one go
    private static final Duration WARM_UP = Duration.ofSeconds(5);

    private static final String HELP = """
            Datastore: appends random vectors, searches them, closes and opens the file again.

              --vectors N         how many; default: 100000
              --dimensions N      length of each; default: 384
              --type TYPE         how they are stored: F32, F16, BF16 or Q8_0; default: F32
              --batch N           entries of one append, which waits for the disk; default: 4096
              --count N           neighbors of each search; default: 10
              --rounds N          searches and loops that are timed, in turn; default: 15
              --file FILE         a new file, which is deleted at the end; default: one in the folder for temporary files
            """;

    private DatastoreCommand() {}

    public static Command command() {
        return new Command(HELP, DatastoreCommand::run);
    }

    private static void run(Program program) throws IOException {
        Options options = program.options;
        int dimensions = options.integer("--dimensions", 384, 1);
        DatastoreOptions stored = DatastoreOptions.of(dimensions).type(options.choice("--type", TensorType.F32));
        Path file = options.has("--file") ? options.target("--file") : Files.createTempFile("lathe", ".store");
        if (options.has("--file") && Files.exists(file)) {
            throw new Program.FailureException(file + " is there already; give --file a new name");
        }
        Files.deleteIfExists(file);
        int threads = options.has("--threads")
                ? options.integer("--threads", 1, 1)
                : Math.max(1, Runtime.getRuntime().availableProcessors());
        Map<String, Object> result = new LinkedHashMap<>();
        try (Workers workers = Workers.of(threads)) {
            try (Datastore store = Datastore.open(file, stored, workers)) {
                append(options, store, result);
                result.put("fileBytes", Files.size(file));
                search(options, store, workers, result);
            }
            long start = Stopwatch.system().nanos();
            try (Datastore store = Datastore.open(file, stored, workers)) {
                result.put("reopenSeconds", (Stopwatch.system().nanos() - start) * 1e-9);
                result.put("reopened", store.size());
            }
        } finally {
            Files.deleteIfExists(file);
        }
        result.put("threads", threads);
        result.put("kernels", Kernels.inUse().name());
        if (program.isJson()) {
            program.printJson(result);
        } else {
            result.forEach((name, value) -> program.out.printf(Locale.ROOT, "%-20s%s%n", name, value));
        }
    }

    private static float[] vector(Random random, int dimensions) {
        float[] vector = new float[dimensions];
        for (int i = 0; i < dimensions; i++) {
            vector[i] = random.nextFloat() - 0.5f;
        }
        return vector;
    }

    private static void append(Options options, Datastore store, Map<String, Object> result) throws IOException {
        int vectors = options.integer("--vectors", 100_000, 1);
        int batch = options.integer("--batch", 4096, 1);
        Random random = new Random(1);
        long nanos = 0;
        for (int from = 0; from < vectors; from += batch) {
            List<Entry> entries = new ArrayList<>();
            for (int id = from; id < Math.min(vectors, from + batch); id++) {
                entries.add(Entry.of(vector(random, store.options().dimensions()), id));
            }
            long start = Stopwatch.system().nanos();
            store.append(entries);
            nanos += Stopwatch.system().nanos() - start;
        }
        result.put("vectors", vectors);
        result.put("appendSeconds", nanos * 1e-9);
        result.put("appendedPerSecond", vectors / (nanos * 1e-9));
    }

    private static void search(Options options, Datastore store, Workers workers, Map<String, Object> result) {
        int count = options.integer("--count", 10, 1);
        int dimensions = store.options().dimensions();
        Random random = new Random(2);
        float[] query = vector(random, dimensions);
        FloatMatrix queries = FloatMatrix.zeros(TOGETHER, dimensions);
        for (int row = 0; row < TOGETHER; row++) {
            System.arraycopy(vector(random, dimensions), 0, queries.data(), queries.offset(row), dimensions);
        }
        long bytes = store.size() * store.options().type().byteCount(dimensions);
        long[][] memory = new long[(int) (bytes / Long.BYTES / PIECE) + 1][];
        for (int piece = 0; piece < memory.length; piece++) {
            memory[piece] = new long[(int) Math.min(PIECE, bytes / Long.BYTES - (long) piece * PIECE)];
        }
        long[] sums = new long[memory.length];
        Runnable reading = () -> workers.run(memory.length, piece -> sums[piece] = sum(memory[piece]));
        Runnable searching = () -> store.search(query, count);
        Stopwatch watch = Stopwatch.system();
        watch.warmUp(reading, WARM_UP);
        watch.warmUp(searching, WARM_UP);
        int rounds = options.integer("--rounds", 15, 1);
        double[] reads = new double[rounds];
        double[] searches = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            reads[round] = watch.seconds(reading);
            searches[round] = watch.seconds(searching);
        }
        double read = Summary.of(reads).median();
        double search = Summary.of(searches).median();
        double together = watch.measure(
                        () -> store.searchAll(queries, count, EntryFilter.ALL), Math.min(rounds, 5), WARM_UP)
                .median();
        result.put("vectorBytes", bytes);
        result.put("searchSeconds", search);
        result.put("readSeconds", read);
        result.put("searchGigabytesPerSecond", bytes / search * 1e-9);
        result.put("readGigabytesPerSecond", bytes / read * 1e-9);
        result.put("searchOfManySecondsEach", together / TOGETHER);
    }

    private static long sum(long... numbers) {
        long sum = 0;
        for (long number : numbers) {
            sum += number;
        }
        return sum;
    }
}
