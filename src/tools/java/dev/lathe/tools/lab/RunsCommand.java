package dev.lathe.tools.lab;

import dev.lathe.figures.Table;
import dev.lathe.lab.registry.Manifest;
import dev.lathe.lab.registry.Registry;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Looks through a folder of recorded runs: tables, tables at equal cost, model cards. */
public final class RunsCommand {
    private static final String HELP = """
            Runs: tables of the runs that --record kept in a folder, of those whose cost is about equal, and model cards.

              FOLDER              manifests, as --record writes them
              --figures LIST      columns; default: bytes,passAt1,perplexity,bitsPerCharacter,tokensPerSecond
              --equal NAME=X      only runs whose figure NAME is about X, so that they compare fairly
              --within SHARE      how much it may differ; default: 0.05
              --card KEY          prints a model card, in Markdown, of the last run whose key begins so
              --markdown          prints tables in Markdown
            """;

    private RunsCommand() {}

    public static Command command() {
        return new Command(HELP, RunsCommand::run);
    }

    private static void run(Program program) throws IOException {
        Options options = program.options;
        Registry registry = new Registry(Path.of(options.argument("FOLDER")));
        List<Manifest> runs = registry.all();
        if (runs.isEmpty()) {
            throw new Program.FailureException(
                    registry.folder() + " holds no manifests; run a command with --record " + registry.folder());
        }
        if (options.has("--card")) {
            program.out.print(card(runs, options.text("--card", "")));
            return;
        }
        String[] figures = options.text("--figures", "bytes,passAt1,perplexity,bitsPerCharacter,tokensPerSecond")
                .split(",");
        if (options.has("--equal")) {
            runs = atEqualCost(registry, options);
        }
        if (program.isJson()) {
            program.printJson(Map.of(
                    "runs", runs.stream().map(run -> members(run, figures)).toList()));
        } else {
            Table table = Registry.table(runs, figures);
            program.out.print(options.has("--markdown") ? table.markdown() : table.text());
        }
    }

    private static List<Manifest> atEqualCost(Registry registry, Options options) throws IOException {
        String[] cost = options.text("--equal", "").split("=", 2);
        if (cost.length != 2 || !cost[1].matches("[-+]?[0-9.]+([eE][-+]?[0-9]+)?")) {
            throw new Options.UsageException("--equal is \"" + options.text("--equal", "")
                    + "\"; give a figure and about what it should be, such as bytes=5e6");
        }
        return registry.atEqualCost(cost[0], Double.parseDouble(cost[1]), options.decimal("--within", 0.05f, 0, 10));
    }

    private static String card(List<Manifest> runs, String key) {
        Manifest found = runs.stream()
                .filter(run -> run.key().startsWith(key))
                .reduce((first, second) -> second)
                .orElseThrow(() -> new Program.FailureException("no run's key begins with " + key + "; there is "
                        + String.join(
                                ", ",
                                runs.stream().map(Manifest::key).distinct().toList())));
        return found.card(found.modelName());
    }

    private static Map<String, Object> members(Manifest run, String... figures) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("key", run.key());
        members.put("command", run.command());
        members.put("model", run.modelName());
        for (String figure : figures) {
            if (run.figure(figure) != null) {
                members.put(figure, run.figure(figure));
            }
        }
        return members;
    }
}
