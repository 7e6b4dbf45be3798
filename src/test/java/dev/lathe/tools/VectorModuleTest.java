package dev.lathe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user of the incubator module meets, as README.md tells it. */
@Slow
class VectorModuleTest {
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private static final String DRAFT = "examples/models/lathe-java-draft-f16.gguf";

    @Test
    void theModulePathNeedsNoFlag(@TempDir Path folder) throws Exception {
        Path module = Files.writeString(folder.resolve("module-info.java"), "module app { requires dev.lathe; }");
        Path program =
                Files.writeString(Files.createDirectory(folder.resolve("app")).resolve("App.java"), """
                package app;
                public class App {
                    public static void main(String[] arguments) throws Exception {
                        try (var model = dev.lathe.Model.load(java.nio.file.Path.of(arguments[0]));
                                var session = model.newSession()) {
                            System.out.print(session.generate("class ").maxTokens(2).text());
                        }
                    }
                }
                """);
        int status = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-Xlint:-incubating",
                        "-p",
                        ToolRun.LIBRARY,
                        "-d",
                        folder.toString(),
                        module.toString(),
                        program.toString());
        assertEquals(0, status);
        ToolRun run = ToolRun.run("", List.of(JAVA, "-p", ToolRun.LIBRARY + ":" + folder, "-m", "app/app.App", DRAFT));
        assertTrue(!run.success().isBlank(), run.out());
        // one entry of the log, of two lines, where machine code would be faster
        List<String> others = run.errors().stream()
                .filter(line -> !line.contains("KernelChoice log") && !line.contains("--enable-native-access"))
                .toList();
        assertEquals(List.of(), others);
        assertTrue(run.errors().size() <= 2, run.errors().toString());
    }

    @Test
    void theClassPathWithoutTheFlagWarnsOnceAndGivesTheSameTokens() {
        String[] options = {"--model", DRAFT, "--max-tokens", "3", "--json"};
        ToolRun run = ToolRun.run(
                "",
                List.of(
                        JAVA,
                        "-cp",
                        ToolRun.CLASS_PATH,
                        ToolRun.MAIN,
                        "Complete",
                        "--model",
                        DRAFT,
                        "--max-tokens",
                        "3",
                        "--json"));
        String tokens = "\"tokens\": \\[[0-9, ]+]";
        assertEquals(found(tokens, ToolRun.of("Complete", options).success()), found(tokens, run.success()));
        assertEquals(
                1,
                run.errors().stream()
                        .filter(line -> line.contains("--add-modules jdk.incubator.vector"))
                        .count(),
                run.errors().toString());
    }

    private static String found(String pattern, String text) {
        return java.util.regex.Pattern.compile(pattern)
                .matcher(text)
                .results()
                .findFirst()
                .orElseThrow()
                .group();
    }
}
