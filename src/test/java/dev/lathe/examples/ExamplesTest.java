package dev.lathe.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.ReferenceData;
import dev.lathe.Slow;
import dev.lathe.compress.ModelEdit;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.GgufWriter;
import dev.lathe.tools.ToolRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs that show what Lathe does: each fits on a screen, runs, and stands in the README as it is. */
@Slow
class ExamplesTest {
    private static final Path FOLDER = Path.of("examples");
    private static final Path MODELS = FOLDER.resolve("models");

    /** The project's flags, and the classes of library and examples. */
    private static ToolRun run(String input, String name, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@examples/jvm.options",
                "-cp",
                ToolRun.LIBRARY + ":target/examples",
                name));
        command.addAll(List.of(arguments));
        return ToolRun.run(input, command);
    }

    private static List<Path> programs() throws Exception {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void eachFitsOnAScreenWithoutHelp() throws Exception {
        assertTrue(programs().size() >= 6, programs().toString());
        for (Path program : programs()) {
            List<String> lines = Files.readAllLines(program);
            assertTrue(lines.size() <= 40, program + " has " + lines.size() + " lines");
            for (String line : lines) {
                assertTrue(!line.startsWith("import ") || line.matches("import (java|dev\\.lathe)\\..*"), line);
            }
        }
    }

    /** What stands in a program's main method. */
    private static List<String> body(Path program) throws Exception {
        List<String> lines = Files.readAllLines(program);
        int main = 0;
        while (!lines.get(main).contains("void main(")) {
            main++;
        }
        return lines.subList(main + 1, lines.size() - 2).stream()
                .map(line -> line.replaceFirst("^ {8}", ""))
                .toList();
    }

    @Test
    void theReadmeQuotesEachOne() throws Exception {
        String readme = Files.readString(Path.of("README.md"));
        for (Path program : programs()) {
            String quote = "```java\n" + String.join("\n", body(program)) + "\n```";
            assertTrue(readme.contains("(" + program + ")"), "README.md has no link to " + program);
            assertTrue(readme.contains(quote), "README.md does not quote " + program + " as it is:\n" + quote);
        }
    }

    @Test
    void helloContinuesAText() {
        assertTrue(run("", "Hello").success().contains("return text.isEmpty();"));
    }

    @Test
    void chatAnswersUntilAnEmptyLine(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("chat.gguf");
        try (GgufFile source = GgufFile.open(MODELS.resolve("lathe-java-draft-f16.gguf"))) {
            ModelEdit model = new ModelEdit(source);
            String template = "{% for message in messages %}{{ message.content }}\n{% endfor %}";
            model.setMetadata(source.metadata().toBuilder()
                    .string("tokenizer.chat_template", template)
                    .build());
            GgufWriter.to(file).copyOf(model).write();
        }
        String out = run("int a;\n\nnever read\n", "Chat", file.toString()).success();
        assertEquals(3, out.split("> ", -1).length, out); // before, between and after two prompts
        assertTrue(out.length() > 20, out);
    }

    @Test
    void samplesDrawsSeveralAndChoosesOne() {
        String out = run("", "Samples").success();
        String chosen = out.substring(out.indexOf("the most probable: ")).substring("the most probable: ".length());
        assertTrue(out.indexOf(chosen.strip()) < out.indexOf("the most probable: "), out);
    }

    @Test
    void improveSpendsMoreTokensOnABetterAnswer() {
        String out = run("", "Improve").success();
        assertEquals(3, out.split(" tokens: 0\\.", -1).length - 1, out);
        assertTrue(out.contains("BestOf[samples=16] took ") && out.contains("Beam[candidates=16,"), out);
    }

    @Test
    void speculateComputesTheSameTextInFewerPasses() {
        String[] parts = run("", "Speculate").success().split("(autoregressive|speculative): ");
        assertEquals(3, parts.length);
        assertTrue(parts[1].endsWith(parts[0]), parts[1]); // the text again, behind the first line of numbers
        assertTrue(passes(parts[2]) < passes(parts[1]), parts[2]);
    }

    @Test
    void routeAsksTheLargeModelWhereTheSmallOneIsNotSure() {
        String[] lines = run("", "Route").success().split("\n");
        assertEquals(2, lines.length);
        assertTrue(lines[0].startsWith("small, cost 1.0:"), lines[0]);
        assertTrue(lines[1].startsWith("large, cost 8.0:"), lines[1]);
    }

    @Test
    void constrainWritesJsonOfItsSchema() {
        String out = run("", "Constrain").success();
        assertTrue(out.startsWith("{") && out.endsWith("follows the schema: true\n"), out);
    }

    @Test
    void toolsCallsWithinTheSchema() {
        Path model = ReferenceData.require("smollm2-135m-instruct-q4_1.gguf");
        String out = run("", "Tools", model.toString()).success();
        assertTrue(out.startsWith("weather {\"city\": \"") || out.startsWith("weather {\"days\": "), out);
        assertTrue(out.strip().endsWith("}"), out);
    }

    @Test
    void retrieveWritesOtherwiseWithTheStore() {
        String[] texts = run("", "Retrieve").success().split("\n {8}\n", 2);
        assertEquals(2, texts.length);
        assertTrue(texts[1].contains("Step") && !texts[1].strip().equals(texts[0].strip()), String.join("|", texts));
    }

    private static int passes(String statistics) {
        return Integer.parseInt(statistics.substring(0, statistics.indexOf(' ')));
    }

    @Test
    void compressSavesASmallerModelThatRuns() throws Exception {
        String out = run("", "Compress").success();
        Path small = Path.of(out.substring(out.lastIndexOf(' ') + 1).strip());
        assertTrue(Files.size(small) < 4_100_000, Files.size(small) + " bytes");
        Files.delete(small);
    }

    @Test
    void similarPutsWhatMeansTheSameFirst() {
        Path model = ReferenceData.require("embedding/all-minilm-l6-v2-q8_0.gguf");
        String[] lines = run("", "Similar", model.toString()).success().split("\n");
        assertEquals(2, lines.length);
        assertTrue(cosine(lines[0]) > 0.5 && cosine(lines[1]) < 0.2, String.join("\n", lines));
    }

    private static double cosine(String line) {
        return Double.parseDouble(line.substring(0, line.indexOf(' ')));
    }

    @Test
    void tokensTurnIntoTheTextAgain() {
        String out = run("", "Tokens").success();
        assertTrue(out.contains("for (int i = 0; i < count; i++) {"), out);
        assertTrue(out.contains("1603 Ġcount"), out);
    }
}
