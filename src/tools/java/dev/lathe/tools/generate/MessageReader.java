package dev.lathe.tools.generate;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.function.Consumer;

/**
 * Reads what a user types, a message at a time: a line, lines that end in a backslash up to the first that does not, or
 * all between two {@code """}.
 */
final class MessageReader {
    private static final String QUOTES = "\"\"\"";

    private final BufferedReader input;
    private final Consumer<String> prompt;

    /** Reads from here; the prompt is shown before each line. */
    MessageReader(BufferedReader input, Consumer<String> prompt) {
        this.input = input;
        this.prompt = prompt;
    }

    /** The next message; nothing at the end of the input, also within a message that began. */
    Optional<String> next(String firstPrompt) throws IOException {
        String line = line(firstPrompt);
        if (line != null && line.startsWith(QUOTES)) {
            return quoted(line.substring(QUOTES.length()));
        }
        StringJoiner message = new StringJoiner("\n");
        while (line != null && line.endsWith("\\")) {
            message.add(line.substring(0, line.length() - 1));
            line = line(". ");
        }
        return line == null ? Optional.empty() : Optional.of(message.add(line).toString());
    }

    private Optional<String> quoted(String first) throws IOException {
        StringJoiner message = new StringJoiner("\n");
        String line = first;
        while (line != null && !line.stripTrailing().endsWith(QUOTES)) {
            if (line != first || !line.isEmpty()) {
                message.add(line);
            }
            line = line(". ");
        }
        if (line == null) {
            return Optional.empty();
        }
        String last = line.stripTrailing();
        last = last.substring(0, last.length() - QUOTES.length());
        return Optional.of((last.isEmpty() ? message : message.add(last)).toString());
    }

    private String line(String shown) throws IOException {
        prompt.accept(shown);
        return input.readLine();
    }
}
