package dev.lathe.lab.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.lab.judge.Judge;
import dev.lathe.lab.judge.JudgeLimits;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProblemReaderTest {
    private static final Map<String, String> SEPARATE_TEST = Map.of(
            "task_id", "Java/0",
            "prompt", "import java.util.*;\n\nclass Solution {\n    public int twice(int a) {\n",
            "canonical_solution", "        return 2 * a;\n    }\n}",
            "test",
                    "public class Main {\n    public static void main(String[] args) {\n"
                            + "        if (new Solution().twice(3) != 6) throw new AssertionError();\n    }\n}\n");

    private static final Map<String, String> CLOSING_TESTS = Map.of(
            "name", "mbpp_1_twice",
            "prompt", "import java.util.*;\nclass Problem {\n    public static long twice(long a) {\n",
            "tests",
                    "    }\n    public static void main(String[] args) {\n    assert(twice((3l)) == (6l));\n    }\n\n}\n");

    @TempDir
    Path folder;

    private List<Problem> read(Object... lines) throws IOException {
        String text = Stream.of(lines)
                .map(line -> line instanceof String
                        ? (String) line
                        : JsonValue.of(line).toJson())
                .collect(Collectors.joining("\n"));
        return ProblemReader.read(Files.writeString(folder.resolve("problems.jsonl"), text));
    }

    @Test
    @Slow
    void bothFormsAreJudged() throws IOException {
        List<Problem> problems = read(SEPARATE_TEST, "", CLOSING_TESTS);
        assertEquals(
                List.of("Java/0", "mbpp_1_twice"),
                problems.stream().map(Problem::name).toList());
        assertEquals(
                List.of("Main", "Problem"),
                problems.stream().map(Problem::mainClass).toList());
        try (Judge judge = new Judge(JudgeLimits.DEFAULT)) {
            for (Problem problem : problems) {
                String right = problem.program("        return 2 * a;\n    }\n more");
                String wrong = problem.program("        return a;\n    }");
                assertEquals("", judge.judge(right, problem.mainClass()).message());
                assertTrue(judge.judge(wrong, problem.mainClass()).message().startsWith("java.lang.AssertionError"));
            }
        }
    }

    @Test
    void whatIsNoJavaIsRefusedWithItsLine() {
        for (String broken : List.of(
                "{\"task_id\": 1",
                "[]",
                "{\"prompt\": \"class P { int f() {\"}",
                "{\"name\": \"p\", \"prompt\": \"def f():\", \"tests\": \"}\"}",
                "{\"name\": \"p\", \"prompt\": \"class P { int f() {\", \"tests\": \"x\"}",
                "{\"name\": \"p\", \"prompt\": \"class P { int f() {\", \"tests\": \"}\"}")) {
            IOException problem = assertThrows(IOException.class, () -> read(SEPARATE_TEST, broken));
            assertTrue(problem.getMessage().contains("line 2"), problem.getMessage());
        }
    }
}
