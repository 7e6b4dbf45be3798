package dev.lathe.tools.lab;

import dev.lathe.figures.Summary;
import dev.lathe.lab.plan.Allocation;
import dev.lathe.lab.plan.Trace;
import dev.lathe.lab.plan.TraceReplay;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Plans machines for a trace of requests. */
public final class PlanCommand {
    private static final String HELP = """
            Plan: which kinds of machines serve which sizes of requests at the least cost in the busiest period of a trace, how
            many machines waits of so long need, and what it costs to keep ready what a forecast says, beside fixed numbers.

              --machines FILE     lines "name,price,secondsPerPromptToken,secondsPerToken": an hour's price, and what Predict
                                  and Bench measure of a kind of machine
              --trace FILE        lines "seconds,promptTokens,outputTokens"; default: a made-up week, whose rate rises and falls
                                  by the day
              --rate X            requests a second of the made-up week's busiest hour; default: 1
              --seed N            of the made-up week; default: 1
              --period S          seconds of a period; default: 3600
              --season N          periods of a season; default: 24
              --latency S         the longest that a machine may take for a request that it is given; default: 60
              --wait S            the longest that 95 of 100 requests may wait; default: 5
              --miss X            cost of a machine that is missing in a period, over that of one too many; default: 10
            """;

    private static final double DAY = 86400;
    private static final int DAYS = 7;
    private static final int SLICES = 4;
    private static final int MOST_MACHINES = 10_000;
    private static final double IN_TIME = 0.95;

    /** A kind of machine. */
    private record Kind(String name, double price, double secondsPerPromptToken, double secondsPerToken) {
        double seconds(Trace.Arrival request) {
            return secondsPerPromptToken * request.promptTokens() + secondsPerToken * request.outputTokens();
        }
    }

    private final Program program;
    private final Options options;
    private final double period;

    private PlanCommand(Program program) {
        this.program = program;
        this.options = program.options;
        period = options.decimal("--period", 3600, 1, 1e9f);
    }

    public static Command command() {
        return new Command(HELP, program -> new PlanCommand(program).run());
    }

    private void run() throws IOException {
        if (!options.has("--machines")) {
            throw new Options.UsageException("--machines is missing; give a file of kinds of machines");
        }
        List<Kind> kinds = numbers(options.file("--machines", null), 4, true).stream()
                .map(cells ->
                        new Kind(cells.getFirst(), number(cells.get(1)), number(cells.get(2)), number(cells.get(3))))
                .toList();
        Trace trace = options.has("--trace")
                ? new Trace(numbers(options.file("--trace", null), 3, false).stream()
                        .map(cells -> new Trace.Arrival(
                                number(cells.get(0)), (int) number(cells.get(1)), (int) number(cells.get(2))))
                        .toList())
                : week();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("requests", trace.arrivals().size());
        allocate(kinds, trace, result);
        pool(kinds, trace, result);
        program.printFigures(result);
    }

    /** A sine from a tenth of the busiest rate at four in the night to all of it at four in the afternoon. */
    private Trace week() {
        float most = options.decimal("--rate", 1, 1e-6f, 1e4f);
        return Trace.poisson(
                at -> most * (0.55 - 0.45 * Math.cos(2 * Math.PI * (at / DAY - 1.0 / 6))),
                most,
                DAYS * DAY,
                200,
                60,
                0.8,
                options.longInteger("--seed", 1));
    }

    /** Kinds for the busiest period's requests, short and long ones of prompt and of output apart. */
    private void allocate(List<Kind> kinds, Trace trace, Map<String, Object> result) {
        List<Integer> counts = trace.counts(period);
        int busiest = counts.indexOf(Collections.max(counts));
        double medianPrompt = median(
                trace.arrivals().stream().map(Trace.Arrival::promptTokens).toList());
        double medianOutput = median(
                trace.arrivals().stream().map(Trace.Arrival::outputTokens).toList());
        List<List<Trace.Arrival>> classes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            classes.add(new ArrayList<>());
        }
        for (Trace.Arrival request : trace.arrivals()) {
            if ((int) (request.seconds() / period) == busiest) {
                int longPrompt = request.promptTokens() > medianPrompt ? 2 : 0;
                classes.get(longPrompt + (request.outputTokens() > medianOutput ? 1 : 0))
                        .add(request);
            }
        }
        classes.removeIf(List::isEmpty);
        List<Double> rates =
                classes.stream().map(requests -> requests.size() / period).toList();
        double longest = options.decimal("--latency", 60, 1e-3f, 1e9f);
        List<Allocation.Kind> machines = kinds.stream()
                .map(kind -> new Allocation.Kind(
                        kind.name,
                        kind.price,
                        classes.stream()
                                .map(requests -> throughput(kind, requests, longest))
                                .toList()))
                .toList();
        Allocation mixed = Allocation.cheapest(machines, rates, SLICES);
        Map<String, Object> machinesOf = new LinkedHashMap<>();
        Map<String, Object> alone = new LinkedHashMap<>();
        for (int kind = 0; kind < kinds.size(); kind++) {
            machinesOf.put(kinds.get(kind).name, mixed.machines().get(kind));
            if (machines.get(kind).throughput().stream().allMatch(rate -> rate > 0)) {
                alone.put(
                        kinds.get(kind).name,
                        Allocation.cheapest(List.of(machines.get(kind)), rates, SLICES)
                                .cost());
            }
        }
        result.put("machines", machinesOf);
        result.put("costPerHour", mixed.cost());
        result.put("lowerBound", mixed.lowerBound());
        result.put("optimal", mixed.isOptimal());
        result.put("costOfOneKind", alone);
    }

    /** Requests a second; none if one of a hundred takes too long. */
    private static double throughput(Kind kind, List<Trace.Arrival> requests, double longest) {
        double[] seconds = requests.stream().mapToDouble(kind::seconds).toArray();
        Summary summary = Summary.of(seconds);
        return summary.p99() <= longest ? 1 / summary.mean() : 0;
    }

    /** Machines of the kind that serves a request for the least money, period by period. */
    private void pool(List<Kind> kinds, Trace trace, Map<String, Object> result) {
        Kind kind = Collections.min(
                kinds,
                Comparator.comparingDouble(one -> one.price
                        * trace.arrivals().stream().mapToDouble(one::seconds).sum()));
        double[] busy = new double[trace.counts(period).size()];
        trace.arrivals().forEach(request -> busy[(int) (request.seconds() / period)] += kind.seconds(request));
        List<Integer> loads = new ArrayList<>();
        for (double seconds : busy) {
            loads.add((int) Math.ceil(seconds / period));
        }
        int season = options.integer("--season", 24, 1);
        int from = Math.max(4, 2 * season);
        result.put("kind", kind.name);
        result.put(
                "machinesForWaits",
                TraceReplay.fewest(
                        trace, kind::seconds, IN_TIME, options.decimal("--wait", 5, 0, 1e9f), MOST_MACHINES));
        if (loads.size() <= from) {
            program.terminal.note("%d periods are too few to forecast from two seasons of %d", loads.size(), season);
            return;
        }
        double miss = kind.price * options.decimal("--miss", 10, 1e-3f, 1e6f);
        List<Integer> judged = loads.subList(from - 1, loads.size()); // the costs skip their first
        result.put("forecastCost", TraceReplay.forecastCost(loads, season, from, kind.price, miss));
        result.put("recentCost", TraceReplay.poolCost(judged, season, kind.price, miss));
        int most = Collections.max(loads);
        int best = 0;
        for (int machines = 0; machines <= most; machines++) {
            if (TraceReplay.fixedCost(judged, machines, kind.price, miss)
                    < TraceReplay.fixedCost(judged, best, kind.price, miss)) {
                best = machines;
            }
        }
        result.put("bestFixedMachines", best);
        result.put("bestFixedCost", TraceReplay.fixedCost(judged, best, kind.price, miss));
        result.put("mostMachinesCost", TraceReplay.fixedCost(judged, most, kind.price, miss));
    }

    private static double median(List<Integer> values) {
        return Summary.of(values).median();
    }

    private static List<List<String>> numbers(Path file, int cells, boolean named) throws IOException {
        List<List<String>> rows = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            List<String> row =
                    List.of(line.split(",")).stream().map(String::strip).toList();
            if (row.size() != cells
                    || !row.subList(named ? 1 : 0, cells).stream()
                            .allMatch(cell -> cell.matches("\\d+(\\.\\d+)?([eE][-+]?\\d+)?"))) {
                throw new Program.FailureException(
                        String.format(Locale.ROOT, "%s has the line \"%s\"; --help shows what it holds", file, line));
            }
            rows.add(row);
        }
        if (rows.isEmpty()) {
            throw new Program.FailureException(file + " has no lines; --help shows what it holds");
        }
        return rows;
    }

    private static double number(String cell) {
        return Double.parseDouble(cell);
    }
}
