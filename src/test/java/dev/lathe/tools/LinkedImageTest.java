package dev.lathe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run-time image that jlink makes of an application with Lathe and nothing else: Commons Math is added where it is
 * needed.
 */
@Slow
class LinkedImageTest {
    private static final String MODEL = "examples/models/lathe-java-draft-f16.gguf";
    private static final Path COMMONS_MATH = Path.of(org.apache.commons.math3.util.FastMath.class
            .getProtectionDomain()
            .getCodeSource()
            .getLocation()
            .getPath());

    @TempDir
    private static Path folder;

    private static Path java;

    @BeforeAll
    static void link() throws Exception {
        Path sources = Files.createDirectories(folder.resolve("source/app"));
        Path module =
                Files.writeString(sources.resolveSibling("module-info.java"), "module app { requires dev.lathe; }");
        Path program = Files.writeString(sources.resolve("App.java"), """
                package app;

                import dev.lathe.LoadOptions;
                import dev.lathe.Model;
                import dev.lathe.compress.Calibration;
                import dev.lathe.compress.Recipe;
                import dev.lathe.compress.slice.Slice;
                import java.nio.file.Path;

                public class App {
                    public static void main(String[] arguments) throws Exception {
                        Path file = Path.of(arguments[0]);
                        if (arguments.length == 1) {
                            try (var model = Model.load(file); var session = model.newSession()) {
                                System.out.print(session.generate("class ").maxTokens(2).text());
                            }
                        } else {
                            var recipe = Recipe.of(Slice.hiddenSize(0.25))
                                    .calibratedOn(Calibration.text(Path.of(arguments[1])).sequences(1));
                            try (var small = Model.compress(file, recipe)) {
                                System.out.print(small.report().steps().size());
                            }
                        }
                    }
                }
                """);
        run(
                "javac",
                "-Xlint:-incubating",
                "-p",
                "target/classes",
                "-d",
                folder.resolve("app") + "",
                module + "",
                program + "");
        Path image = folder.resolve("image");
        run(
                "jlink",
                "--module-path",
                "target/classes:" + folder.resolve("app"),
                "--add-modules",
                "app",
                "--output",
                image + "");
        java = image.resolve("bin/java");
    }

    private static void run(String tool, String... arguments) {
        StringWriter said = new StringWriter();
        PrintWriter writer = new PrintWriter(said);
        assertEquals(0, ToolProvider.findFirst(tool).orElseThrow().run(writer, writer, arguments), said.toString());
    }

    private static ToolRun image(List<String> flags, String... arguments) {
        List<String> command = new ArrayList<>(List.of(java.toString(), "--enable-native-access=dev.lathe"));
        command.addAll(flags);
        command.addAll(List.of("-m", "app/app.App"));
        command.addAll(List.of(arguments));
        return ToolRun.run("", command);
    }

    @Test
    void itGeneratesText() {
        ToolRun run = image(List.of(), MODEL);
        assertTrue(!run.success().isBlank(), run.out());
        assertEquals(List.of(), run.errors());
    }

    @Test
    void itsFlightRecordingsHaveLathesEvents() throws Exception {
        Path recording = folder.resolve("image.jfr");
        image(List.of("-XX:StartFlightRecording:filename=" + recording), MODEL).success();
        Set<String> kinds = RecordingFile.readAllEvents(recording).stream()
                .map(event -> event.getEventType().getName())
                .collect(Collectors.toSet());
        assertTrue(kinds.containsAll(List.of("dev.lathe.ModelLoad", "dev.lathe.Prompt", "dev.lathe.Generation")));
    }

    @Test
    void itSlicesModelsOnceCommonsMathIsAdded() {
        List<String> added = List.of("-p", COMMONS_MATH.toString(), "--add-modules", "commons.math3");
        assertEquals("1", image(added, MODEL, "README.md").success());
    }

    @Test
    void itSaysWhatIsMissingWhereSlicingNeedsIt() {
        ToolRun run = image(List.of(), MODEL, "README.md");
        assertEquals(1, run.status());
        assertTrue(
                run.errors().getFirst().contains("--add-modules commons.math3"),
                run.errors().toString());
    }
}
