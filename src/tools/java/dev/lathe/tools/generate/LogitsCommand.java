package dev.lathe.tools.generate;

import dev.lathe.Kernels;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Gives the logits of given tokens: the numbers to compare with another engine's. */
public final class LogitsCommand {
    private static final String HELP = """
            Logits: the model's logits after each of the given tokens.

              --tokens IDS        ids with commas between them, such as 1,2,3; nothing is added
              --out FILE          where to write all rows: little-endian float32, row after row
            """;

    /** What {@code --json} prints: the size of the matrix, and the largest logit's token after the last one. */
    private record Result(int rows, int columns, int greedyNext, String kernels) {}

    private LogitsCommand() {}

    public static Command command() {
        return new Command(HELP + Program.LOADING, LogitsCommand::run);
    }

    private static void run(Program program) throws IOException {
        Options options = program.options;
        if (!options.has("--tokens")) {
            throw new Options.UsageException("--tokens is missing; give ids such as --tokens 1,2,3");
        }
        int[] tokens = options.integers("--tokens", "", 0);
        try (Model model = program.loadModel();
                Session session = model.newSession()) {
            FloatMatrix logits = session.logits(tokens);
            if (options.has("--out")) {
                write(logits, Path.of(options.text("--out", "")));
            }
            Result result = new Result(
                    logits.rows(),
                    logits.columns(),
                    largest(logits, logits.rows() - 1),
                    Kernels.inUse().name());
            if (program.isJson()) {
                program.printJson(result);
            } else {
                program.out.printf("%d rows of %d logits%n", result.rows(), result.columns());
                program.out.printf(
                        "greedy next token: %d %s%n",
                        result.greedyNext(), model.tokenizer().piece(result.greedyNext()));
            }
        }
    }

    /** Writes beside the target, then moves: a file is whole or not there. */
    private static void write(FloatMatrix logits, Path target) throws IOException {
        Path partial = target.resolveSibling(target.getFileName() + ".part");
        try (FileChannel file = FileChannel.open(
                partial, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer row = ByteBuffer.allocate(4 * logits.columns()).order(ByteOrder.LITTLE_ENDIAN);
            for (int r = 0; r < logits.rows(); r++) {
                row.clear();
                row.asFloatBuffer().put(logits.data(), logits.offset(r), logits.columns());
                while (row.hasRemaining()) {
                    file.write(row);
                }
            }
        }
        Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
    }

    private static int largest(FloatMatrix logits, int row) {
        int best = 0;
        for (int column = 1; column < logits.columns(); column++) {
            if (logits.get(row, column) > logits.get(row, best)) {
                best = column;
            }
        }
        return best;
    }
}
