package dev.lathe.lab.evaluate;

import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads problems in the forms of public benchmarks, one JSON object a line, as far as they are in Java:
 *
 * <ul>
 *   <li>HumanEval-X (Zheng et al.: CodeGeeX, 2023, arXiv:2303.17568):
 *       {@code task_id, prompt, canonical_solution, test}, where the test is a class of its own;
 *   <li>MultiPL-E (Cassano et al., 2022, arXiv:2208.08227): {@code name, prompt, tests}, where the tests close the
 *       method and the class; so are its translations of MBPP.
 * </ul>
 *
 * A prompt ends with a method's opening brace. Problems in other languages are refused: there is no judge for them.
 */
public final class ProblemReader {
    private static final Pattern CLASS_WITH_MAIN =
            Pattern.compile("class\\s+(\\w+)(?:(?!class\\s+\\w+)[\\s\\S])*?static\\s+void\\s+main\\s*\\(");

    private ProblemReader() {}

    /**
     * Reads a file.
     *
     * @throws IOException if it cannot be read, or a line holds no problem in Java; says which
     */
    public static List<Problem> read(Path file) throws IOException {
        List<Problem> problems = new ArrayList<>();
        List<String> lines = Files.readAllLines(file);
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                try {
                    problems.add(problem(lines.get(i)));
                } catch (JsonException | IllegalArgumentException broken) {
                    throw new IOException(file + " line " + (i + 1) + ": " + broken.getMessage(), broken);
                }
            }
        }
        return problems;
    }

    private static Problem problem(String line) {
        if (!(JsonValue.parse(line) instanceof JsonObject json)) {
            throw new IllegalArgumentException("expected a JSON object");
        }
        String name = json.findText("task_id")
                .or(() -> json.findText("name"))
                .orElseThrow(() -> new IllegalArgumentException("expected a name: task_id or name"));
        String prompt = json.text("prompt").stripTrailing();
        if (!prompt.endsWith("{")) {
            throw new IllegalArgumentException(name + " is no Java: expected a prompt that ends with a method's opening"
                    + " brace; use a translation of the benchmark to Java");
        }
        Optional<String> separate = json.findText("test");
        String ending = separate.map(test -> "}\n\n" + test).orElseGet(() -> withoutBrace(name, json.text("tests")));
        Matcher main = CLASS_WITH_MAIN.matcher(separate.orElse(prompt + "\n}\n" + ending));
        if (!main.find()) {
            throw new IllegalArgumentException(name + ": no class of its tests has a method main");
        }
        return new Problem(
                name,
                prompt + "\n",
                ending,
                main.group(1),
                json.findText("canonical_solution").map(MethodEnd::cut),
                List.of());
    }

    /** Tests that close the method whose brace a completion has. */
    private static String withoutBrace(String name, String tests) {
        String stripped = tests.stripLeading();
        if (!stripped.startsWith("}")) {
            throw new IllegalArgumentException(name + ": expected tests that begin with the method's closing brace");
        }
        return stripped.substring(1);
    }
}
