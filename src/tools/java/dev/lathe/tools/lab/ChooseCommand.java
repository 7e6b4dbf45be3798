package dev.lathe.tools.lab;

import com.sun.management.OperatingSystemMXBean;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.SessionOptions;
import dev.lathe.figures.Stopwatch;
import dev.lathe.lab.benchmark.GenerationBenchmark;
import dev.lathe.lab.benchmark.Stage;
import dev.lathe.lab.choose.DevicePreset;
import dev.lathe.lab.choose.Variants;
import dev.lathe.lab.energy.Footprint;
import dev.lathe.lab.evaluate.CharacterLoss;
import dev.lathe.measure.Perplexity;
import dev.lathe.measure.Windows;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import dev.lathe.text.Tokenizer;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Measures variants of a model on five resources and chooses. */
public final class ChooseCommand {
    private static final String HELP = """
            Choose: measures models on one text, tells what each needs of compute, memory, energy, money and network, and takes
            the smallest that is good enough, the best that a device holds, and the one with the least energy.

              --models FILES      variants of a model; the first is the one to compare with
              --text FILE         what loss is measured on, a character
              --windows N         windows of 512 tokens of it; default: 16
              --loss-increase X   loss over that of the first model that is good enough; default: 0.01
              --device MB:CORES   the device to choose for; default: this machine
              --millis X          a token may take on it; default: 1000
              --max-tokens N      of a request that is timed; default: 64
              --price X           of a kWh
              --grams X           of CO2 equivalent a kWh, of your grid now
              --green X           from so many grams on the variant with the least energy is taken, not the smallest;
                                  default: 400
            """ + Power.HELP;

    private static final String PROMPT = "public final class Point {\n    private final int x;\n";
    private static final int CACHED = 32;

    private final Program program;
    private final Options options;
    private final Power power;
    private final DevicePreset device;
    private final long memory;

    private ChooseCommand(Program program) {
        this.program = program;
        this.options = program.options;
        power = Power.wherePossible(program);
        String text = options.text("--device", thisMachine());
        if (!text.matches("[1-9]\\d{0,8}:[1-9]\\d{0,4}")) {
            throw new Options.UsageException("--device is \"" + text + "\"; give megabytes and cores, such as 8000:4");
        }
        memory = 1_000_000L * Integer.parseInt(text.split(":")[0]);
        device = DevicePreset.of(memory, Integer.parseInt(text.split(":")[1]));
    }

    public static Command command() {
        return new Command(HELP + Program.LOADING, program -> new ChooseCommand(program).run());
    }

    private static String thisMachine() {
        long bytes = ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
        return bytes / 1_000_000 + ":" + Runtime.getRuntime().availableProcessors();
    }

    private void run() throws IOException {
        if (!options.has("--models") || !options.has("--text")) {
            throw new Options.UsageException("--models or --text is missing; give variants and a text to measure on");
        }
        String text = Files.readString(options.file("--text", null));
        List<Variants.Variant> all = new ArrayList<>();
        List<Path> files = options.files("--models");
        for (Path file : files) {
            program.terminal.progress("model", all.size(), files.size(), file.toString());
            all.add(measure(file, text));
        }
        program.terminal.progress("model", 1, 1, "");
        Variants variants = new Variants(all);
        double mostLoss = all.getFirst().loss() * (1 + options.decimal("--loss-increase", 0.01f, 0, 100));
        boolean green = options.decimal("--grams", 0, 0, 1e4f) >= options.decimal("--green", 400, 0, 1e4f);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("device", device.name());
        result.put("contextLength", device.contextLength());
        result.put("cacheType", device.cacheType());
        result.put("modelBytes", device.modelBytes(memory));
        result.put("smallestSufficient", name(variants.smallestSufficient(mostLoss)));
        result.put("leastEnergy", name(variants.leastEnergy(mostLoss)));
        result.put(
                "best",
                name(variants.best(device.modelBytes(memory), options.decimal("--millis", 1000, 1e-3f, 1e9f) * 1e-3)));
        result.put(
                "front", variants.front().stream().map(Variants.Variant::name).toList());
        result.put("chosen", result.get(green ? "leastEnergy" : "smallestSufficient"));
        if (program.isJson()) {
            result.put("variants", all);
            program.printJson(result);
        } else {
            program.out.print(variants.table().text());
            result.forEach((name, value) -> program.out.printf(Locale.ROOT, "%-20s%s%n", name, value));
        }
    }

    private static String name(Optional<Variants.Variant> variant) {
        return variant.map(Variants.Variant::name).orElse("none");
    }

    private Variants.Variant measure(Path file, String text) throws IOException {
        try (Model model = Model.load(file, program.loadOptions());
                Session session = model.newSession(SessionOptions.DEFAULT.cacheType(device.cacheType()))) {
            GenerationBenchmark benchmark = new GenerationBenchmark(
                    session, PROMPT, options.integer("--max-tokens", 64, 3), Stopwatch.system(), power.meter());
            benchmark.run(2, Duration.ofMillis(500)); // to warm up
            GenerationBenchmark.Report report = benchmark.run(5, Duration.ofSeconds(1));
            Stage decode = report.stages().stream()
                    .filter(stage -> stage.name().equals("decode"))
                    .findFirst()
                    .orElseThrow();
            double joules = Math.max(0, decode.joules() - power.idleWatts() * decode.seconds()) / decode.count();
            Footprint.Grid grid = new Footprint.Grid(
                    1, options.decimal("--grams", 0, 0, 1e4f), options.decimal("--price", 0, 0, 1e6f));
            return new Variants.Variant(
                    file.getFileName().toString().replaceFirst("\\.gguf$", ""),
                    loss(model, text),
                    model.loadReport().weightBytes() + cacheBytes(model),
                    1 / report.tokensPerSecond().median(),
                    joules,
                    1e6 * grid.of(joules).money(),
                    Files.size(file));
        }
    }

    private double loss(Model model, String text) {
        Tokenizer tokenizer = model.tokenizer();
        int[] tokens = tokenizer.encode(text, false, false);
        Windows windows = Windows.of(Math.min(512, model.contextLength())).limit(options.integer("--windows", 16, 1));
        Windows ready = tokenizer.bos().isPresent()
                ? windows.beginningWith(tokenizer.bos().getAsInt())
                : windows;
        return CharacterLoss.of(Perplexity.of(model.languageModel(), tokens, ready), text, tokens.length)
                .nats();
    }

    /** Keys and values of a text as long as the device's, from those of a short one. */
    private long cacheBytes(Model model) {
        int length = Math.min(device.contextLength(), model.contextLength());
        try (InferenceState state = model.newState(CACHED, device.cacheType())) {
            state.forward(TokenBatch.noLogits(new int[CACHED]));
            return state.snapshot().byteCount() / CACHED * length;
        }
    }
}
