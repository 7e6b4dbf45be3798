package dev.lathe.tools;

import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.lab.Stopwatch;
import dev.lathe.lab.benchmark.GenerationBenchmark;
import dev.lathe.lab.benchmark.Stage;
import dev.lathe.lab.energy.EnergyReport;
import dev.lathe.lab.energy.EnergySource;
import dev.lathe.lab.energy.Footprint;
import dev.lathe.lab.energy.UtilizationMeter;
import dev.lathe.measure.EnergyMeter;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Measures what a request costs: time by stage, energy, carbon, money. */
final class FootprintCommand {
    private static final String HELP = """
            Footprint: runs a prompt again and again and tells times, drift of the speed, energy by stage, carbon and money.
            Energy comes from the processor's counters; with --idle-watts and --full-watts it is modelled from processor time.

              --prompt TEXT       what is continued; default: a class of Java
              --prompt-file FILE  a file with it
              --max-tokens N      of a continuation, at least 3; default: 64
              --seconds S         how long to run; default: 10
              --idle-watts W      power of the machine when nothing runs; left out of active energy
              --full-watts W      power when all processors are busy
              --pue X             power of the site over that of its machines; default: 1
              --grams X           of CO2 equivalent a kWh, of your grid
              --price X           of a kWh
            """ + RunRecord.HELP;

    private static final String PROMPT =
            "public final class Point {\n    private final int x;\n    private final int y;\n\n";

    private FootprintCommand() {}

    static Command command() {
        return new Command(HELP + Program.LOADING, FootprintCommand::run);
    }

    private static void run(Program program) throws IOException {
        Options options = program.options;
        String prompt = options.has("--prompt-file")
                ? Files.readString(options.file("--prompt-file", null))
                : options.text("--prompt", PROMPT);
        int maxTokens = options.integer("--max-tokens", 64, 3);
        float seconds = options.decimal("--seconds", 10, 0, 3600);
        float idle = options.decimal("--idle-watts", 0, 0, 1e6f);
        boolean modelled = options.has("--full-watts");
        EnergyMeter meter = modelled
                ? UtilizationMeter.ofProcess(idle, options.decimal("--full-watts", idle, idle, 1e6f))
                : EnergyMeter.ofMachine();
        Footprint.Grid grid = new Footprint.Grid(
                options.decimal("--pue", 1, 1, 10),
                options.decimal("--grams", 0, 0, 1e4f),
                options.decimal("--price", 0, 0, 1e6f));
        Map<String, Object> result = new LinkedHashMap<>();
        try (Model model = program.loadModel();
                Session session = model.newSession()) {
            GenerationBenchmark benchmark =
                    new GenerationBenchmark(session, prompt, maxTokens, Stopwatch.system(), Optional.of(meter));
            benchmark.run(1, Duration.ofSeconds(3)); // to warm up
            GenerationBenchmark.Report report = benchmark.run(3, Duration.ofMillis((long) (1000 * seconds)));
            EnergyReport energy = energy(report, model.tokenizer().encode(prompt).length, modelled, idle);
            Footprint request =
                    grid.of(energy.joules()).times(1.0 / report.firstToken().count());
            result.put("energy", energy.source());
            result.put("runs", report.firstToken().count());
            result.put("firstTokenSeconds", report.firstToken().median());
            result.put("betweenTokensSeconds", report.betweenTokens().median());
            result.put("betweenTokensSeconds95", report.betweenTokens().p95());
            result.put("tokensPerSecond", report.tokensPerSecond().median());
            result.put("driftPerMinute", report.drift().value());
            result.put("joulesPerRequest", request.joules());
            result.put(
                    "activeJoulesPerRequest",
                    energy.activeJoules() / report.firstToken().count());
            result.put("gramsPerRequest", request.grams());
            result.put("pricePerRequest", request.money());
            RunRecord.keep(program, List.of(), Map.of(), noisy(result));
            result.put("stages", report.stages());
            program.terminal.line("%s", energy.table().text());
        }
        if (program.isJson()) {
            program.printJson(result);
        } else {
            result.remove("stages");
            result.forEach((name, value) -> program.out.printf(Locale.ROOT, "%-24s%s%n", name, value));
        }
    }

    /** What a repetition may be compared by: not the number of runs, nor the slope of a line through noise. */
    private static Map<String, Object> noisy(Map<String, Object> result) {
        Map<String, Object> figures = new LinkedHashMap<>();
        for (String name :
                List.of("firstTokenSeconds", "betweenTokensSeconds", "tokensPerSecond", "joulesPerRequest")) {
            figures.put(name, result.get(name));
        }
        return figures;
    }

    private static EnergyReport energy(
            GenerationBenchmark.Report report, int promptTokens, boolean modelled, double idle) {
        List<EnergyReport.Phase> phases = new ArrayList<>();
        for (Stage stage : report.stages()) {
            long tokens = stage.name().equals("decode") ? stage.count() : 0;
            phases.add(EnergyReport.Phase.of(
                    stage, stage.name().equals("prompt") ? (long) promptTokens * stage.count() : tokens));
        }
        return new EnergyReport(phases, modelled ? EnergySource.MODELLED : EnergySource.MEASURED, idle);
    }
}
