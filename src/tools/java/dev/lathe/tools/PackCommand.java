package dev.lathe.tools;

import dev.lathe.LoadOptions;
import dev.lathe.LoadReport;
import dev.lathe.Model;
import java.io.IOException;
import java.nio.file.Path;

/** Keeps a model's packed weights in a folder, and says what a start costs without and with them. */
final class PackCommand {
    private static final String HELP = """
            Pack: keeps a model's packed weights in a folder; commands with --packed DIR start from there.

              --packed DIR        the folder; default: packed, beside the model
              --weight-memory MB  loads with at most so many megabytes of weights in memory
            """;

    /** What {@code --json} prints. */
    private record Result(String file, long bytes, double packMillis, double loadMillis) {}

    private PackCommand() {}

    static void main(String[] arguments) {
        Program.run(HELP, arguments, PackCommand::run);
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
                first.total().toNanos() / 1e6,
                second.total().toNanos() / 1e6);
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
        LoadOptions options = LoadOptions.DEFAULT.packed(folder);
        if (program.options.has("--threads")) {
            options = options.threads(program.options.integer("--threads", 1, 1));
        }
        if (program.options.has("--weight-memory")) {
            options = options.weightMemory(1_000_000L * program.options.integer("--weight-memory", 1, 1));
        }
        try (Model loaded = Model.load(model, options)) {
            return loaded.loadReport();
        }
    }
}
