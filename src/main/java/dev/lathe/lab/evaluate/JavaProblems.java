package dev.lathe.lab.evaluate;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Small Java problems of Lathe's own: one method each, a line of documentation, a known solution, a few tests. Within
 * reach of models of some million parameters.
 *
 * <p>The file's sections begin with {@code ===} and the name; then the prompt, {@code --- solution}, perhaps {@code ---
 * helpers} of the tests, and {@code --- tests}: a boolean expression a line.
 */
public final class JavaProblems {
    private static final Pattern CLASS = Pattern.compile("class (\\w+)");
    private static final Pattern CALL = Pattern.compile("(\\w+\\([^=!]*\\)) == .*");

    private JavaProblems() {}

    /** All of them. */
    public static List<Problem> all() {
        try (InputStream file = JavaProblems.class.getResourceAsStream("java-problems.txt")) {
            return parse(new String(file.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        }
    }

    /**
     * Problems in the same form.
     *
     * @throws IllegalArgumentException if a section lacks its prompt, tests or class
     */
    public static List<Problem> parse(String text) {
        List<Problem> problems = new ArrayList<>();
        String[] sections = text.split("(?m)^=== ?");
        for (int i = 1; i < sections.length; i++) {
            problems.add(problem(sections[i] + "\n"));
        }
        return problems;
    }

    private static Problem problem(String section) {
        Map<String, String> parts = new LinkedHashMap<>();
        String[] pieces = section.split("(?m)^--- ?");
        int firstLine = pieces[0].indexOf('\n');
        String name = pieces[0].substring(0, Math.max(0, firstLine)).strip();
        String prompt = pieces[0].substring(firstLine + 1).stripTrailing();
        for (int i = 1; i < pieces.length; i++) {
            int line = pieces[i].indexOf('\n');
            parts.put(
                    pieces[i].substring(0, Math.max(0, line)).strip(),
                    pieces[i].substring(line + 1).stripTrailing());
        }
        Matcher type = CLASS.matcher(prompt);
        List<String> tests = parts.getOrDefault("tests", "").lines().toList();
        if (!type.find() || tests.isEmpty() || !prompt.endsWith("{")) {
            throw new IllegalArgumentException(
                    "problem \"" + name + "\": expected a prompt with a class that ends with a"
                            + " method's brace, and a section --- tests with an expression a line");
        }
        List<String> calls = tests.stream()
                .map(CALL::matcher)
                .filter(Matcher::matches)
                .map(call -> call.group(1))
                .toList();
        return new Problem(
                name,
                prompt + "\n",
                ending(parts.getOrDefault("helpers", ""), tests),
                type.group(1),
                Optional.ofNullable(parts.get("solution")),
                calls);
    }

    private static String ending(String helpers, List<String> tests) {
        String checks = tests.stream()
                .map(test -> "        if (!(" + test + ")) throw new AssertionError(\"" + escaped(test) + "\");\n")
                .collect(Collectors.joining());
        return helpers + "\n    public static void main(String[] arguments) {\n" + checks + "    }\n}\n";
    }

    private static String escaped(String test) {
        return test.replace("\\", "\\\\").replace("\"", "\\\"");
    }
}
