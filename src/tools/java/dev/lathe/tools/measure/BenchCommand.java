package dev.lathe.tools.measure;

import dev.lathe.Kernels;
import dev.lathe.Model;
import dev.lathe.figures.Stopwatch;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.TensorType;
import dev.lathe.tools.command.ChildRun;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import dev.lathe.tools.command.Terminal;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;

/**
 * Measures prompt and decode speed; a fresh virtual machine for every model and number of threads, one after the other.
 */
public final class BenchCommand {
    private static final List<String> TYPES = Arrays.stream(TensorType.values())
            .filter(RandomModel::knows)
            .map(Enum::name)
            .toList();

    private static final String HELP = """
            Bench: tokens per second of prompts and of decoding: the median of the repetitions, and half the distance
            from the slowest to the fastest. The last column is the speed relative to llama.cpp's on the same file where
            that runs too, else to the first file's: the median over the rounds.

              -p N                tokens of a prompt; 0 leaves prompts out; default: 512
              -n N                tokens to decode; 0 leaves decoding out; default: 128
              -t LIST             threads, such as 1,2; default: all processors
              -d N                tokens held before decoding begins; default: 0
              -r N                repetitions; default: 5
              --cache TYPE        how keys and values are stored: %s; default: F16
              --warm-up S         seconds of running before it counts; default: 3
              --random LIST       files of random weights instead of --model: smol135, llama1b, llama7b, olmoe
              --type LIST         their types, such as Q4_0,Q8_0; default: Q8_0
              --beside LIST       more files, measured in turn with the first
              --peer              measures llama.cpp too (once before: mvn -q -Ppeer process-classes)
              --llama-bench FILE  measures llama.cpp by its own program, such as one compiled for this machine
              --rounds N          turns of all of them, every other one in reverse; the median counts; default: 1
              --parallel N        texts at once through an engine, beside one after the other: tokens of prompts and answers
                                  per second, milliseconds between tokens and to the first one (median, 99 of 100)
              --arriving N        tokens of a prompt that arrives while the others of --parallel are decoded; default: 0
              --longest-pass MS   how long a prompt may make a pass of --parallel; default: twice a usual one without
              --groups N          divides texts and threads of --parallel into groups that do not wait for each other
              --samples N         samples at once of one prompt of -p tokens, -n tokens each: time and memory by length
              --plain             one line a result, tabs between, measured in this virtual machine
            """.formatted(String.join(", ", Options.namesOf(CacheType.class)));

    private final Program program;
    private final int promptTokens;
    private final int decodeTokens;
    private final int depth;
    private final CacheType cacheType;
    private final int[] threads;
    private final int repetitions;
    private final float warmUpSeconds;

    private BenchCommand(Program program) {
        Options options = program.options;
        this.program = program;
        this.promptTokens = options.integer("-p", 512, 0);
        this.decodeTokens = options.integer("-n", 128, 0);
        this.depth = options.integer("-d", 0, 0);
        this.cacheType = options.choice("--cache", CacheType.F16);
        this.threads = options.integers(
                "-t", options.text("--threads", "" + Runtime.getRuntime().availableProcessors()), 1);
        this.repetitions = options.integer("-r", 5, 1);
        this.warmUpSeconds = options.decimal("--warm-up", 3, 0, 600);
    }

    public static Command command() {
        return new Command(HELP + Program.LOADING, program -> new BenchCommand(program).run());
    }

    private void run() throws IOException {
        boolean peer = program.options.has("--peer");
        boolean llamaBench = program.options.has("--llama-bench");
        if (peer && (depth > 0 || program.options.has("--cache"))) {
            throw new Options.UsageException("--peer knows neither -d nor --cache; leave them out");
        }
        if (llamaBench && depth > 0 && promptTokens > 0) {
            throw new Options.UsageException(
                    "llama-bench's -d is for prompts too, Lathe's for decoding alone; add -p 0");
        }
        if (peer && llamaBench) {
            throw new Options.UsageException("--peer and --llama-bench exclude each other; give one");
        }
        if (program.options.has("--plain")) {
            measure(program.modelFile());
            return;
        }
        if (program.options.has("--parallel")) {
            parallel();
            return;
        }
        if (program.options.has("--samples")) {
            samples();
            return;
        }
        if (program.options.has("--arriving")) {
            throw new Options.UsageException("--arriving needs texts that are decoded; add --parallel 16");
        }
        BenchRounds rounds = new BenchRounds(program.terminal, program.options.integer("--rounds", 1, 1));
        List<BenchRounds.Row> rows = new ArrayList<>();
        List<Path> files = files();
        for (int count : threads) {
            List<BenchRounds.Contender> contenders = new ArrayList<>();
            for (Path file : files) {
                contenders.add(new BenchRounds.Contender(name(file), type(file), false, lathe(file, count)));
                if (program.options.has("--peer")) {
                    contenders.add(new BenchRounds.Contender(name(file), type(file), true, peer(file, count)));
                }
                if (program.options.has("--llama-bench")) {
                    contenders.add(new BenchRounds.Contender(name(file), type(file), true, llamaBench(file, count)));
                }
            }
            rows.addAll(rounds.run(contenders));
        }
        if (program.isJson()) {
            program.printJson(Map.of("results", rows, "kernels", Kernels.inUse().name()));
        } else {
            program.out.print(Terminal.table(
                    List.of("model", "type", "test", "threads", "tokens/s", "peak MB", "kernel", "relative"),
                    rows.stream().map(BenchRounds.Row::cells).toList()));
        }
    }

    private void parallel() throws IOException {
        for (String other : List.of("--peer", "--llama-bench", "--rounds", "-d", "-r", "--warm-up")) {
            if (program.options.has(other)) {
                throw new Options.UsageException("--parallel measures once and Lathe alone; leave out " + other);
            }
        }
        List<ParallelBench.Result> results = new ArrayList<>();
        for (Path file : files()) {
            for (int count : threads) {
                results.add(ParallelBench.run(
                        file,
                        program.loadOptions(count),
                        cacheType,
                        program.options.integer("--parallel", 16, 1),
                        Math.max(1, promptTokens),
                        Math.max(2, decodeTokens),
                        program.options.integer("--arriving", 0, 0),
                        longestPass(),
                        program.options.integer("--groups", 1, 1)));
            }
        }
        if (program.isJson()) {
            program.printJson(Map.of("results", results));
        } else {
            program.out.print(Terminal.table(
                    List.of("model", "threads", "texts", "tokens/s", "alone", "speedup", "between ms", "first ms"),
                    results.stream().map(ParallelBench::cells).toList()));
            if (program.options.has("--arriving")) {
                program.out.print("\n"
                        + Terminal.table(
                                List.of(
                                        "model",
                                        "arriving",
                                        "quiet ms",
                                        "meanwhile ms",
                                        "times",
                                        "quiet tokens/s",
                                        "meanwhile",
                                        "prompt s"),
                                results.stream()
                                        .map(ParallelBench::arrivalCells)
                                        .toList()));
            }
        }
    }

    private Optional<Duration> longestPass() {
        return program.options.has("--longest-pass")
                ? Optional.of(Duration.ofMillis(program.options.integer("--longest-pass", 1, 1)))
                : Optional.empty();
    }

    private void samples() throws IOException {
        List<SampleGrowth.Result> results = new ArrayList<>();
        for (Path file : files()) {
            for (int count : threads) {
                results.add(SampleGrowth.run(
                        file,
                        program.loadOptions(count),
                        cacheType,
                        program.options.integer("--samples", 32, 1),
                        Math.max(1, promptTokens),
                        Math.max(8, decodeTokens)));
            }
        }
        if (program.isJson()) {
            program.printJson(Map.of("results", results));
        } else {
            program.out.print(Terminal.table(
                    List.of("model", "samples", "tokens", "seconds", "tokens/s", "cache MB"),
                    results.stream()
                            .flatMap(result -> SampleGrowth.rows(result).stream())
                            .toList()));
        }
    }

    private List<Path> files() throws IOException {
        Options options = program.options;
        if (!options.has("--random")) {
            if (options.has("--type")) {
                throw new Options.UsageException("--type is the type of random weights; add --random smol135");
            }
            List<Path> files = new ArrayList<>(List.of(program.modelFile()));
            files.addAll(options.files("--beside"));
            return files;
        }
        if (options.has("--beside")) {
            throw new Options.UsageException("--beside names files to measure beside --model; leave out --random");
        }
        Path folder = Path.of(System.getProperty("java.io.tmpdir"), "lathe-bench");
        List<Path> files = new ArrayList<>();
        for (String name : options.words("--random", "", List.of("smol135", "llama1b", "llama7b", "olmoe"))) {
            for (String type : options.words("--type", "Q8_0", TYPES)) {
                files.add(RandomModel.in(folder, name, TensorType.valueOf(type)));
            }
        }
        return files;
    }

    private List<String> lathe(Path file, int threadCount) {
        List<String> command = new ArrayList<>(List.of(java()));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ChildRun.MAIN, "Bench", "--plain"));
        command.addAll(List.of("--model", file.toString()));
        command.addAll(List.of("--warm-up", "" + warmUpSeconds));
        command.addAll(List.of("-d", "" + depth, "--cache", cacheType.name()));
        command.addAll(sizes(threadCount));
        for (String option : List.of("--packed", "--weight-memory", "--skip-experts", "--kernels")) {
            if (program.options.has(option)) {
                command.addAll(List.of(option, program.options.text(option, "")));
            }
        }
        return command;
    }

    private List<String> peer(Path file, int threadCount) {
        Path home = Path.of(System.getProperty("lathe.home", ""));
        Path library = home.resolve("target/peer");
        if (!Files.isDirectory(library)) {
            throw new Program.FailureException(
                    "llama.cpp is not there; get it once with mvn -q -Ppeer process-classes, then try again");
        }
        List<String> command = new ArrayList<>(List.of(java(), "--enable-native-access=ALL-UNNAMED", "-cp"));
        command.add(library + File.separator + "*");
        command.add(home.resolve("src/tools/peer/Peer.java").toString());
        command.addAll(List.of("--model", file.toString(), "--type", type(file)));
        command.addAll(sizes(threadCount));
        return command;
    }

    private List<String> llamaBench(Path file, int threadCount) {
        List<String> command = new ArrayList<>();
        command.add(program.options.file("--llama-bench", null).toString());
        command.addAll(List.of("-m", file.toString(), "-o", "jsonl", "-d", "" + depth));
        String type = cacheType.name().toLowerCase(Locale.ROOT);
        command.addAll(List.of("-ctk", type, "-ctv", type));
        if (cacheType.bitsPerNumber() < 16) {
            command.addAll(List.of("-fa", "1")); // without it values stay as they are
        }
        command.addAll(sizes(threadCount));
        return command;
    }

    private List<String> sizes(int... threadCounts) {
        String list = String.join(
                ",", Arrays.stream(threadCounts).mapToObj(Integer::toString).toList());
        return List.of("-p", "" + promptTokens, "-n", "" + decodeTokens, "-t", list, "-r", "" + repetitions);
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private void measure(Path file) throws IOException {
        for (int count : threads) {
            try (Model model = Model.load(file, program.loadOptions(count))) {
                int capacity = Math.max(1, Math.max(promptTokens, depth + decodeTokens));
                try (InferenceState state = model.languageModel().newState(capacity, cacheType)) {
                    int[] tokens = randomTokens(model.languageModel(), capacity);
                    if (promptTokens > 0) {
                        measure(file, count, "pp" + promptTokens, promptTokens, () -> prompt(state, tokens));
                    }
                    if (decodeTokens > 0) {
                        state.rewind(0);
                        state.forward(TokenBatch.noLogits(Arrays.copyOf(tokens, depth)));
                        String test = "tg" + decodeTokens + (depth > 0 ? " @ d" + depth : "");
                        measure(file, count, test, decodeTokens, () -> decode(state, tokens));
                    }
                }
            }
        }
    }

    private void measure(Path file, int threadCount, String test, int tokenCount, Runnable task) throws IOException {
        long warmUp = Stopwatch.system().nanos();
        do {
            task.run();
        } while (Stopwatch.system().nanos() - warmUp < warmUpSeconds * 1e9);
        double[] speeds = new double[repetitions];
        for (int i = 0; i < repetitions; i++) {
            long start = Stopwatch.system().nanos();
            task.run();
            speeds[i] = tokenCount / ((Stopwatch.system().nanos() - start) * 1e-9);
        }
        String kernel = Kernels.inUse().name();
        BenchResult result = BenchResult.of(name(file), type(file), test, threadCount, speeds, peakBytes(), kernel);
        program.out.println(result.line());
        program.out.flush();
    }

    private void prompt(InferenceState state, int[] tokens) {
        state.rewind(0);
        state.forward(TokenBatch.lastLogits(Arrays.copyOf(tokens, promptTokens)));
    }

    private void decode(InferenceState state, int[] tokens) {
        state.rewind(depth);
        for (int i = depth; i < depth + decodeTokens; i++) {
            state.forward(TokenBatch.lastLogits(tokens[i]));
        }
    }

    private static int[] randomTokens(LanguageModel model, int count) {
        return new Random(1).ints(count, 0, model.vocabularySize()).toArray();
    }

    private static String name(Path file) {
        return file.getFileName().toString().replaceFirst("\\.gguf$", "");
    }

    /** The type that most of the file's bytes are of. */
    private static String type(Path path) {
        Map<TensorType, Long> bytes = new EnumMap<>(TensorType.class);
        try (GgufFile file = GgufFile.open(path)) {
            for (TensorInfo tensor : file.tensors()) {
                bytes.merge(tensor.type(), tensor.byteCount(), Long::sum);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(most -> most.getKey().name())
                .orElse("");
    }

    /** The most memory that this process has held, as Linux counts it; 0 elsewhere. */
    private static long peakBytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return 0;
        }
        OptionalLong kilobytes = Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst();
        return 1024 * kilobytes.orElse(0);
    }
}
