package dev.lathe.tools.lab;

import dev.lathe.Model;
import dev.lathe.figures.Stopwatch;
import dev.lathe.lab.plan.ContextPlanner;
import dev.lathe.lab.plan.ContextPlanner.Cost;
import dev.lathe.lab.plan.ContextPlanner.Switch;
import dev.lathe.model.CacheType;
import dev.lathe.model.decoder.DecoderModel;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Plans what contexts take: bytes, time and texts that fit, for each type of cache. */
public final class ContextCommand {
    private static final String HELP = """
            Context: what a context takes with each type of cache, how many texts fit, and which type to take when.

              --tokens N          tokens of a text; default: 4000
              --measured N        tokens behind which times are measured; default: 1000
              --memory MB         megabytes for keys and values; default: 1000
              --texts N           texts at once; default: 1
            """;

    /** One type of cache. */
    private record Row(
            CacheType type,
            long bytes,
            double promptSeconds,
            double tokenMillis,
            long texts,
            long longest,
            double promptMicrosPerToken,
            double tokenMillisAtStart) {}

    /** From so many tokens on, this type. */
    private record Step(int from, String type) {}

    /** Bytes of what a pass of 512 rows works in: each buffer apart, planned, in use at one time, and as it is. */
    private record Scratch(long separate, long planned, long lowerBound, long held) {
        static Scratch of(DecoderModel model) {
            DecoderModel.ScratchPlan scratch = model.scratch(PASS_ROWS);
            return new Scratch(
                    scratch.plan().separate(),
                    scratch.plan().peak(),
                    scratch.plan().lowerBound(),
                    scratch.heldBytes());
        }
    }

    /** What {@code --json} prints. */
    private record Result(int tokens, long memory, int texts, List<Row> rows, List<Step> switches, Scratch scratch) {}

    private static final int PASS_ROWS = 512;

    private ContextCommand() {}

    public static Command command() {
        return new Command(HELP + Program.LOADING, ContextCommand::run);
    }

    private static void run(Program program) throws IOException {
        Options options = program.options;
        int tokens = options.integer("--tokens", 4000, 1);
        int texts = options.integer("--texts", 1, 1);
        long memory = 1_000_000L * options.integer("--memory", 1000, 1);
        try (Model model = program.loadModel()) {
            int measured = options.integer("--measured", Math.min(1000, model.contextLength() / 2), 1);
            ContextPlanner planner = ContextPlanner.measure(
                    model.languageModel(),
                    List.of(CacheType.values()),
                    measured,
                    Stopwatch.system().nanoTime());
            List<Row> rows = new ArrayList<>();
            for (Cost cost : planner.costs()) {
                rows.add(new Row(
                        cost.type(),
                        cost.bytes(tokens),
                        cost.promptTime(tokens).toNanos() / 1e9,
                        cost.tokenTime(tokens).toNanos() / 1e6,
                        cost.texts(tokens, memory),
                        cost.longest(texts, memory),
                        cost.promptToken().base() / 1e3,
                        cost.token().base() / 1e6));
            }
            List<Step> steps = new ArrayList<>();
            for (Switch step : planner.switches(texts, memory, model.contextLength())) {
                steps.add(new Step(
                        step.from(), step.cost().map(cost -> cost.type().name()).orElse("none")));
            }
            print(
                    program,
                    new Result(
                            tokens,
                            memory,
                            texts,
                            rows,
                            steps,
                            model.languageModel() instanceof DecoderModel decoder ? Scratch.of(decoder) : null));
        }
    }

    private static void print(Program program, Result result) {
        if (program.isJson()) {
            program.printJson(result);
            return;
        }
        program.out.printf(
                "a text of %d tokens; %d MB for %d texts%n", result.tokens, result.memory / 1_000_000, result.texts);
        program.out.println("cache     MB  prompt s  token ms  texts that fit  longest of " + result.texts);
        for (Row row : result.rows) {
            program.out.printf(
                    Locale.ROOT,
                    "%-5s %6.1f  %8.2f  %8.2f  %14d  %d%n",
                    row.type,
                    row.bytes / 1e6,
                    row.promptSeconds,
                    row.tokenMillis,
                    row.texts,
                    row.longest);
        }
        for (Step step : result.switches) {
            program.out.printf("from %d tokens on: %s%n", step.from, step.type);
        }
        if (result.scratch != null) {
            program.out.printf(
                    Locale.ROOT,
                    "a pass of %d rows works in %.1f MB; apart %.1f, planned %.1f, at least %.1f%n",
                    PASS_ROWS,
                    result.scratch.held / 1e6,
                    result.scratch.separate / 1e6,
                    result.scratch.planned / 1e6,
                    result.scratch.lowerBound / 1e6);
        }
    }
}
