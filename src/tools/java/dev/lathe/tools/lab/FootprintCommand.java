package dev.lathe.tools.lab;

import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.figures.Stopwatch;
import dev.lathe.figures.Summary;
import dev.lathe.figures.Table;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.lab.benchmark.GenerationBenchmark;
import dev.lathe.lab.benchmark.Stage;
import dev.lathe.lab.energy.DutyCycle;
import dev.lathe.lab.energy.EnergyReport;
import dev.lathe.lab.energy.Footprint;
import dev.lathe.lab.energy.PowerCap;
import dev.lathe.lab.energy.Study;
import dev.lathe.tools.command.ChildRun;
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

/** Measures what a request costs: time by stage, memory, energy, carbon, money; and what holds it in a budget. */
public final class FootprintCommand {
    private static final String HELP = """
            Footprint: runs a prompt again and again and tells times, drift of the speed, memory, energy by stage, carbon and
            money, beside the least energy that physics allows.

              --prompt TEXT       what is continued; default: a class of Java
              --prompt-file FILE  a file with it, which is read anew for each request
              --chat              the prompt is what a user says, laid out by the model's template
              --max-tokens N      of a continuation, at least 3; default: 64
              --seconds S         how long to run; default: 10
              --cold-starts N     also starts so many virtual machines, and tells the time to their first tokens
              --pue X             power of the site over that of its machines; default: 1
              --grams X           of CO2 equivalent a kWh, of your grid
              --price X           of a kWh
              --requests N        requests of a first year, to project the footprint of a fleet
              --growth X          requests of a year over those of the year before; default: 1
              --saving X          energy of a request over that of the year before; default: 1
              --years N           of the projection; default: 5
              --power-cap W       also measures the power of each number of threads, chooses threads and a duty cycle within
                                  this budget, and runs so
              --against FILES     also compares with these models, in turns: whether energy and speed differ by more than noise
            """ + Power.HELP + RunRecord.HELP;

    private static final String PROMPT =
            "public final class Point {\n    private final int x;\n    private final int y;\n\n";
    private static final double BITS_OF_A_SUM = 32;
    private static final double ROOM_KELVIN = 300;
    private static final int ROUNDS = 8;

    private final Program program;
    private final Options options;
    private final Power power;
    private final Footprint.Grid grid;
    private final int maxTokens;
    private final Duration time;

    private FootprintCommand(Program program) {
        this.program = program;
        options = program.options;
        power = Power.demanded(options);
        grid = new Footprint.Grid(
                options.decimal("--pue", 1, 1, 10),
                options.decimal("--grams", 0, 0, 1e4f),
                options.decimal("--price", 0, 0, 1e6f));
        maxTokens = options.integer("--max-tokens", 64, 3);
        time = Duration.ofMillis((long) (1000 * options.decimal("--seconds", 10, 0, 3600)));
    }

    public static Command command() {
        return new Command(HELP + Program.LOADING, program -> new FootprintCommand(program).run());
    }

    private void run() throws IOException {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("energy", power.source());
        EnergyReport energy;
        try (Model model = program.loadModel();
                Session session = model.newSession()) {
            GenerationBenchmark.Report report = warm(session).run(3, time);
            int promptTokens = model.tokenizer().encode(prompt()).length;
            energy = energy(report, promptTokens);
            put(result, report, energy);
            result.put("landauerJoulesPerRequest", landauer(promptTokens + maxTokens));
            RunRecord.keep(program, List.of("--prompt-file"), Map.of(), noisy(result));
            result.put("stages", report.stages());
        }
        program.terminal.line("%s", energy.table().text());
        if (options.has("--requests")) {
            result.put("years", years(((Number) result.get("joulesPerRequest")).doubleValue()));
        }
        if (options.has("--cold-starts")) {
            Summary starts = coldStarts(options.integer("--cold-starts", 1, 1));
            result.put("coldStartMillis", starts.median());
            result.put("coldStartMillisMost", starts.most());
        }
        if (options.has("--power-cap")) {
            result.put("powerCap", withinPower(options.decimal("--power-cap", 0, 0, 1e6f)));
        }
        if (options.has("--against")) {
            result.put("against", against());
        }
        print(result);
    }

    private void print(Map<String, Object> result) {
        if (program.isJson()) {
            program.printJson(result);
        } else {
            result.remove("stages"); // tables told them
            result.remove("powerCap");
            result.forEach((name, value) -> program.out.printf(Locale.ROOT, "%-26s%s%n", name, value));
        }
    }

    private void put(Map<String, Object> result, GenerationBenchmark.Report report, EnergyReport energy) {
        int runs = report.firstToken().count();
        Footprint request = grid.of(energy.joules()).times(1.0 / runs);
        result.put("runs", runs);
        result.put("firstTokenSeconds", report.firstToken().median());
        result.put("betweenTokensSeconds", report.betweenTokens().median());
        result.put("betweenTokensSeconds95", report.betweenTokens().p95());
        result.put("tokensPerSecond", report.tokensPerSecond().median());
        result.put("driftPerMinute", report.drift().value());
        result.put("peakBytes", report.peakBytes());
        result.put("joulesPerRequest", request.joules());
        result.put("activeJoulesPerRequest", energy.activeJoules() / runs);
        result.put("gramsPerRequest", request.grams());
        result.put("pricePerRequest", request.money());
    }

    private String prompt() throws IOException {
        return options.has("--prompt-file")
                ? Files.readString(options.file("--prompt-file", null))
                : options.text("--prompt", PROMPT);
    }

    private GenerationBenchmark warm(Session session) throws IOException {
        GenerationBenchmark benchmark =
                new GenerationBenchmark(session, prompt(), maxTokens, Stopwatch.system(), power.meter());
        if (options.has("--prompt-file")) {
            benchmark = benchmark.reading(this::prompt);
        }
        if (options.has("--chat")) {
            benchmark = benchmark.asChat();
        }
        benchmark.run(1, time.compareTo(Duration.ofSeconds(3)) < 0 ? time : Duration.ofSeconds(3));
        return benchmark;
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

    private EnergyReport energy(GenerationBenchmark.Report report, int promptTokens) {
        List<EnergyReport.Phase> phases = new ArrayList<>();
        for (Stage stage : report.stages()) {
            long tokens = stage.name().equals("decode") ? stage.count() : 0;
            phases.add(EnergyReport.Phase.of(
                    stage, stage.name().equals("prompt") ? (long) promptTokens * stage.count() : tokens));
        }
        return new EnergyReport(phases, power.source(), power.idleWatts());
    }

    /** As if each product's sum of 32 bits were written over an old one, at 300 K. */
    private double landauer(int tokens) throws IOException {
        try (GgufFile file = GgufFile.open(program.modelFile())) {
            double weights = file.tensors().stream()
                    .filter(tensor -> tensor.dimensions().size() > 1)
                    .mapToDouble(TensorInfo::elementCount)
                    .sum();
            return Footprint.landauerJoules(BITS_OF_A_SUM * weights * tokens, ROOM_KELVIN);
        }
    }

    private List<Footprint> years(double joules) {
        double requests = options.decimal("--requests", 0, 0, 1e15f);
        List<Footprint> years = Footprint.project(
                grid.of(joules).times(requests),
                options.decimal("--growth", 1, 1e-3f, 1e3f),
                options.decimal("--saving", 1, 1e-3f, 1e3f),
                options.integer("--years", 5, 1));
        Table table = Table.of("year", "kWh", "kg", "price");
        for (int year = 0; year < years.size(); year++) {
            Footprint footprint = years.get(year);
            table = table.row(year + 1, footprint.joules() / 3.6e6, footprint.grams() / 1000, footprint.money());
        }
        program.terminal.line("%s", table.text());
        return years;
    }

    /** From the start of a virtual machine to its first token. */
    private Summary coldStarts(int count) throws IOException {
        List<Double> millis = new ArrayList<>();
        for (int start = 0; start < count; start++) {
            program.terminal.progress("start", start, count, "");
            String json = ChildRun.output(
                    List.of("Complete", "--model", program.modelFile().toString(), "--max-tokens", "1", "--json"));
            millis.add(ChildRun.number(json, "startToFirstTokenMillis"));
        }
        return Summary.of(millis);
    }

    private Map<String, Object> withinPower(double budget) throws IOException {
        List<PowerCap.Point> points = new ArrayList<>();
        for (int threads = 1; threads <= Runtime.getRuntime().availableProcessors(); threads++) {
            points.add(point(threads, 1));
        }
        PowerCap.Choice choice = new PowerCap(points, power.idleWatts()).fastest(budget);
        PowerCap.Point achieved = point(choice.threads(), choice.duty());
        Table table = Table.of("threads", "duty cycle", "W", "tokens/s", "J/token", "");
        for (PowerCap.Point point : points) {
            table = table.row(
                    point.threads(), 1.0, point.watts(), point.tokensPerSecond(), point.joulesPerToken(), "measured");
        }
        table = table.row(
                        choice.threads(),
                        choice.duty(),
                        choice.watts(),
                        choice.tokensPerSecond(),
                        choice.watts() / choice.tokensPerSecond(),
                        "chosen for " + budget + " W")
                .row(
                        choice.threads(),
                        choice.duty(),
                        achieved.watts(),
                        achieved.tokensPerSecond(),
                        achieved.joulesPerToken(),
                        "achieved");
        program.terminal.line("%s", table.text());
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("points", points);
        told.put("choice", choice);
        told.put("achieved", achieved);
        return told;
    }

    /** Speed and power with so many threads that compute for a share of the time. */
    private PowerCap.Point point(int threads, double duty) throws IOException {
        try (Model model = Model.load(program.modelFile(), program.loadOptions(threads));
                Session session = model.newSession()) {
            GenerationBenchmark benchmark = warm(session);
            GenerationBenchmark.Report report =
                    (duty < 1 ? benchmark.pausing(DutyCycle.of(duty)::pause) : benchmark).run(3, time);
            double seconds =
                    report.stages().stream().mapToDouble(Stage::seconds).sum();
            return new PowerCap.Point(
                    threads,
                    Math.max(power.idleWatts(), report.joules() / seconds),
                    report.tokensPerSecond().median());
        }
    }

    /** Speed and energy of this model and others, measured in turns. */
    private List<Map<String, Object>> against() throws IOException {
        List<Path> files = new ArrayList<>(List.of(program.modelFile()));
        files.addAll(options.files("--against"));
        List<Model> models = new ArrayList<>();
        List<Session> sessions = new ArrayList<>();
        try {
            List<GenerationBenchmark> benchmarks = new ArrayList<>();
            for (Path file : files) {
                models.add(Model.load(file, models.isEmpty() ? program.loadOptions() : shared(models.getFirst())));
                sessions.add(models.getLast().newSession());
                benchmarks.add(warm(sessions.getLast()));
            }
            double[][] joules = new double[files.size()][ROUNDS];
            double[][] speeds = new double[files.size()][ROUNDS];
            for (int round = 0; round < ROUNDS; round++) {
                for (int model = 0; model < files.size(); model++) {
                    GenerationBenchmark.Report report = benchmarks.get(model).run(1, time.dividedBy(ROUNDS));
                    double seconds =
                            report.stages().stream().mapToDouble(Stage::seconds).sum();
                    joules[model][round] = (report.joules() - power.idleWatts() * seconds)
                            / report.firstToken().count();
                    speeds[model][round] = report.tokensPerSecond().median();
                }
            }
            List<Map<String, Object>> rows = new ArrayList<>();
            for (int model = 1; model < files.size(); model++) {
                Map<String, Object> row = new LinkedHashMap<>();
                row.put("model", files.get(model).toString());
                row.put("activeJoules", Study.compare(joules[0], joules[model]));
                row.put("tokensPerSecond", Study.compare(speeds[0], speeds[model]));
                if (files.size() > 2) {
                    row.put("anovaJoules", Study.anova(List.of(joules)));
                    row.put("anovaTokensPerSecond", Study.anova(List.of(speeds)));
                }
                rows.add(row);
            }
            return rows;
        } finally {
            sessions.forEach(Session::close);
            models.reversed().forEach(Model::close); // the first one's threads serve all
        }
    }

    private static LoadOptions shared(Model model) {
        return LoadOptions.DEFAULT.threadsOf(model);
    }
}
