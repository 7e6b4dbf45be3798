package dev.lathe.tools.generate;

import dev.lathe.EmbeddingOptions;
import dev.lathe.Embeddings;
import dev.lathe.Model;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;

/** Makes vectors of texts. */
public final class EmbedCommand {
    private static final String HELP = """
            Embed: makes vectors of texts, with an embedding model.

              --text TEXT         one text; default: each line of standard input
              --file FILE         each line of a file instead
              --prompt TEXT       put before each text, as the model's card says
              --truncate          cuts texts that are too long; otherwise they are an error
              --rounds N          how often, to measure; the fastest round counts (1)
            """;

    private EmbedCommand() {}

    public static Command command() {
        return new Command(HELP + Program.LOADING, EmbedCommand::run);
    }

    private static void run(Program program) throws IOException {
        Options options = program.options;
        EmbeddingOptions embedding =
                EmbeddingOptions.DEFAULT.prompt(options.text("--prompt", "")).truncated(options.has("--truncate"));
        List<String> texts = texts(options);
        int rounds = options.integer("--rounds", 1, 1);
        try (Model model = program.loadModel()) {
            Embeddings best = model.embed(texts, embedding);
            for (int round = 1; round < rounds; round++) {
                Embeddings next = model.embed(texts, embedding);
                best = next.statistics().time().compareTo(best.statistics().time()) < 0 ? next : best;
            }
            print(program, best);
        }
    }

    private static void print(Program program, Embeddings embeddings) {
        Embeddings.Statistics statistics = embeddings.statistics();
        double seconds = statistics.time().toNanos() * 1e-9;
        double perSecond = statistics.texts() / seconds;
        if (program.isJson()) {
            program.printJson(Map.of(
                    "vectors", embeddings.vectors(),
                    "tokens", statistics.tokens(),
                    "truncated", statistics.truncated(),
                    "seconds", seconds,
                    "textsPerSecond", perSecond));
            return;
        }
        for (float[] vector : embeddings.vectors()) {
            StringBuilder line = new StringBuilder();
            for (float value : vector) {
                line.append(line.isEmpty() ? "" : " ").append(value);
            }
            program.out.println(line);
        }
        program.terminal.line("%d texts, %d tokens, %.0f texts/s", statistics.texts(), statistics.tokens(), perSecond);
    }

    private static List<String> texts(Options options) throws IOException {
        if (options.has("--text") && options.has("--file")) {
            throw new Options.UsageException("--text and --file exclude each other; give one");
        }
        if (options.has("--text")) {
            return List.of(options.text("--text", ""));
        }
        return options.has("--file")
                ? Files.readAllLines(options.file("--file", null))
                : new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .toList();
    }
}
