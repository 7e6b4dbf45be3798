package dev.lathe.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadmeTest {
    private static final Path README = Path.of("README.md");

    @Test
    void itsFirstProgramRuns(@TempDir Path folder) throws Exception {
        compile(folder, "First", snippets().getFirst());
        ExampleRun run = ExampleRun.run(
                "",
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "@examples/jvm.options",
                        "-cp",
                        ExampleRun.LIBRARY + ":" + folder,
                        "First"));
        assertTrue(run.success().length() > 20, run.out());
        assertEquals(List.of(), run.errors());
    }

    @Test
    void itsOtherProgramsCompile(@TempDir Path folder) throws Exception {
        List<String> snippets = snippets();
        assertEquals(2, snippets.size());
        compile(folder, "Second", snippets.get(1));
    }

    @Test
    void itsLinksLeadSomewhere() throws Exception {
        try (Stream<Path> pages = Stream.of("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "docs/performance.md")
                .map(Path::of)) {
            for (Path page : pages.toList()) {
                Pattern.compile("]\\((?!https?:)([^)#]+)")
                        .matcher(Files.readString(page))
                        .results()
                        .map(link -> page.resolveSibling(link.group(1)))
                        .forEach(target -> assertTrue(Files.exists(target), page + " links to " + target));
            }
        }
    }

    private static List<String> snippets() throws Exception {
        return Pattern.compile("(?s)```java\n(.*?)```")
                .matcher(Files.readString(README))
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
    }

    private static void compile(Path folder, String name, String body) throws Exception {
        String program = """
                import dev.lathe.*;
                import dev.lathe.decode.*;
                import java.nio.file.Path;
                class %s {
                    static Session session;
                    static String prompt;
                    public static void main(String[] arguments) throws Exception {
                %s
                    }
                }
                """.formatted(name, body);
        Path file = Files.writeString(folder.resolve(name + ".java"), program);
        int status = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-proc:none",
                        "-cp",
                        ExampleRun.LIBRARY,
                        "-d",
                        folder.toString(),
                        file.toString());
        assertEquals(0, status, program);
    }
}
