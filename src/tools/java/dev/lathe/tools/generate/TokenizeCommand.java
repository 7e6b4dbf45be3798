package dev.lathe.tools.generate;

import dev.lathe.Model;
import dev.lathe.gguf.OpenTensorSource;
import dev.lathe.text.Tokenizer;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import dev.lathe.tools.command.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Shows the tokens of a text. */
public final class TokenizeCommand {
    private static final String HELP = """
            Tokenize: shows the tokens of a text.

              --text TEXT         the text; default: standard input
              --file FILE         a file of text instead
              --special           puts the model's special tokens around the text and finds them in it
            """;

    private TokenizeCommand() {}

    public static Command command() {
        return new Command(HELP, TokenizeCommand::run);
    }

    private static void run(Program program) throws IOException {
        Options options = program.options;
        boolean special = options.has("--special");
        int[] tokens;
        Tokenizer tokenizer;
        try (OpenTensorSource file = Model.open(program.modelFile())) {
            tokenizer = Tokenizer.from(file.metadata());
            tokens = tokenizer.encode(text(options), special, special);
        }
        if (program.isJson()) {
            program.printJson(Map.of("tokens", tokens));
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        for (int token : tokens) {
            rows.add(List.of(Integer.toString(token), tokenizer.piece(token), visible(tokenizer, token)));
        }
        program.out.print(Terminal.table(List.of("id", "piece", "text"), rows));
        program.out.println(tokens.length + " tokens: " + Arrays.toString(tokens));
    }

    private static String text(Options options) throws IOException {
        if (options.has("--text") && options.has("--file")) {
            throw new Options.UsageException("--text and --file exclude each other; give one");
        }
        if (options.has("--text")) {
            return options.text("--text", "");
        }
        return options.has("--file")
                ? Files.readString(options.file("--file", null))
                : new String(System.in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    }

    private static String visible(Tokenizer tokenizer, int token) {
        return '"'
                + tokenizer
                        .decode(true, token)
                        .replace("\\", "\\\\")
                        .replace("\n", "\\n")
                        .replace("\t", "\\t")
                + '"';
    }
}
