package dev.lathe.tools.generate;

import dev.lathe.GenerationResult;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.SessionOptions;
import dev.lathe.figures.Stopwatch;
import dev.lathe.model.CacheType;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** Shows what a saved session spares: the time of a prompt beside the time to load it from a file. */
public final class ResumeCommand {
    private static final int MORE = 8;

    private static final String HELP = """
            Resume: evaluates a prompt of random tokens, saves the session, loads it into another and goes on with both.

              --tokens N          tokens of the prompt; default: 1000
              --cache TYPE        how keys and values are stored: %s; default: F32
            """.formatted(String.join(", ", Options.namesOf(CacheType.class)));

    private ResumeCommand() {}

    public static Command command() {
        return new Command(HELP + Program.LOADING, ResumeCommand::run);
    }

    private static void run(Program program) throws IOException {
        Options options = program.options;
        int count = options.integer("--tokens", 1000, 1);
        CacheType cacheType = options.choice("--cache", CacheType.F32);
        Map<String, Object> result = new LinkedHashMap<>();
        Path file = Files.createTempFile("lathe", ".session");
        SessionOptions sessions =
                SessionOptions.DEFAULT.cacheType(cacheType).contextLength(Math.addExact(count, MORE + 1));
        try (Model model = Model.load(program.modelFile(), program.loadOptions());
                Session first = model.newSession(sessions);
                Session second = model.newSession(sessions)) {
            int[] prompt = new Random(1)
                    .ints(count, 0, model.languageModel().vocabularySize())
                    .toArray();
            GenerationResult evaluated = first.generate(prompt).maxTokens(1).run();
            result.put("tokens", count);
            result.put("evaluateSeconds", evaluated.stats().promptTime().toNanos() / 1e9);
            Stopwatch.Lap saving = Stopwatch.system().start();
            first.save(file);
            result.put("saveSeconds", saving.seconds());
            result.put("bytes", Files.size(file));
            Stopwatch.Lap loading = Stopwatch.system().start();
            second.load(file);
            result.put("loadSeconds", loading.seconds());
            int[] text = first.tokens();
            result.put("same", Arrays.equals(goOn(first, text), goOn(second, text)));
        } finally {
            Files.delete(file);
        }
        if (program.isJson()) {
            program.printJson(result);
        } else {
            result.forEach((name, value) -> program.out.printf(Locale.ROOT, "%-16s%s%n", name, value));
        }
    }

    private static int[] goOn(Session session, int[] text) {
        return session.generate(text).maxTokens(MORE).run().tokenIds();
    }
}
