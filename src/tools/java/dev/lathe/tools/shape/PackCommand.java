package dev.lathe.tools.shape;

import dev.lathe.LoadReport;
import dev.lathe.Model;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Program;
import dev.lathe.tools.command.StartTimes;
import java.io.IOException;
import java.nio.file.Path;

/** Keeps a model's packed weights in a folder, and says what a start costs without and with them. */
public final class PackCommand {
    private static final String HELP = """
            Pack: keeps a model's packed weights in a folder; commands with --packed DIR start from there.

              --packed DIR        the folder; default: packed, beside the model
              --weight-memory MB  loads with at most so many megabytes of weights in memory
            """;

    /** What {@code --json} prints. */
    private record Result(String file, long bytes, double packMillis, double loadMillis) {}

    private PackCommand() {}

    public static Command command() {
        return new Command(HELP, PackCommand::run);
    }

    private static void run(Program program) throws IOException {
        Path model = program.modelFile();
        Path folder = program.options.has("--packed")
                ? Path.of(program.options.text("--packed", ""))
                : model.toAbsolutePath().resolveSibling("packed");
        LoadReport first = load(program, model, folder);
        LoadReport second = load(program, model, folder);
        Path file = second.packed().orElseThrow();
        Result result = new Result(
                file.toString(),
                second.weightBytes(),
                StartTimes.millis(first.total()),
                StartTimes.millis(second.total()));
        if (program.isJson()) {
            program.printJson(result);
            return;
        }
        program.out.println(file);
        program.terminal.note(
                "%d MB of weights: this load took %.2f s, the next one %.2f s",
                result.bytes() / 1_000_000, result.packMillis() / 1000, result.loadMillis() / 1000);
    }

    private static LoadReport load(Program program, Path model, Path folder) throws IOException {
        try (Model loaded = Model.load(model, program.loadOptions(folder))) {
            return loaded.loadReport();
        }
    }
}
