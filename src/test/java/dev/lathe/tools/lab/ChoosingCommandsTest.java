package dev.lathe.tools.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.tools.ToolRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that predict, choose and plan, on the small model of the repository. */
@Slow
class ChoosingCommandsTest {
    private static final String MODEL = "examples/models/lathe-java-f16.gguf";
    private static final String DRAFT = "examples/models/lathe-java-draft-f16.gguf";

    @TempDir
    private Path folder;

    private static double number(String json, String key) {
        return Double.parseDouble(ToolRun.value(json, key));
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    @Test
    void costsAreLearnedExportedAndImported() {
        String costs = file("costs.json");
        String[] small = {
            "--shapes",
            "64x256,128x256,256x64,64x64,192x256,256x128",
            "--types",
            "F16,Q8_0",
            "--tokens",
            "1,8,16",
            "--model-megabytes",
            "1",
            "--try-threads",
            "1",
            "--folds",
            "4",
            "--model",
            DRAFT,
            "--export",
            costs,
            "--json"
        };
        String json = ToolRun.of("Costs", small).success();
        assertEquals(36, number(json, "operations"));
        assertTrue(number(json, "learnedMedianError") >= 0, json);
        assertTrue(json.contains("\"secondsPerToken\""), json);

        String again = ToolRun.line("Costs --no-measuring --no-model --import %s --folds 4 --json", costs + "," + costs)
                .success();
        assertEquals(ToolRun.value(json, "learnedMedianError"), ToolRun.value(again, "learnedMedianError"));
        assertEquals(1, number(again, "machines"));
    }

    @Test
    void aCorpusLosesItsDuplicatesAndTellsWhatEachStepLeft() throws IOException {
        StringBuilder texts = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            String text = "class Part" + i + " {\n" + "    int field" + i + " = " + i * 31 + ";\n".repeat(1)
                    + "    int get" + i + "() {\n        return field" + i + " * " + (i + 7) + ";\n    }\n}";
            texts.append(text).append("\n\n").append(i % 3 == 0 ? text + "\n\n" : "");
        }
        Path given = Files.writeString(folder.resolve("given.txt"), texts);

        String json = ToolRun.line(
                        "Corpus %s --texts %s --lengths 20:1000 --repetitive 0.6 --model %s "
                                + "--error 0.5 --sample 10 --json",
                        file("out.txt"), given, DRAFT)
                .success();

        assertEquals(10, number(json, "texts"));
        assertTrue(json.contains("[\"duplicates from 70%\", \"12\","), json);
        assertTrue(number(json, "textsNeeded") <= 10, json);
        String out = Files.readString(folder.resolve("out.txt"));
        assertEquals(10, out.split("\n\n").length);
    }

    @Test
    void aLawIsFittedAndDrawn() throws IOException {
        StringBuilder points = new StringBuilder("# bits, loss\n");
        for (int bits = 2; bits <= 9; bits++) {
            points.append(bits).append(',').append(1.5 + 4 * Math.pow(bits, -2)).append('\n');
        }
        Path given = Files.writeString(folder.resolve("points.csv"), points);

        String json = ToolRun.of(
                        "Scaling", "--points", given.toString(), "--at", "16", "--plot", file("law.png"), "--json")
                .success();

        assertEquals(1.5, number(json, "irreducible"), 1e-6);
        assertEquals(2, number(json, "exponent"), 1e-6);
        assertEquals(1.5 + 4.0 / 256, number(json, "lossAt16"), 1e-6);
        assertTrue(ImageIO.read(folder.resolve("law.png").toFile()).getWidth() > 100);
        ToolRun vectors = ToolRun.of("Scaling", "--points", given.toString(), "--plot", file("law.svg"));
        assertEquals(2, vectors.status());
        assertTrue(vectors.errors().getFirst().contains("ends in .png"), vectors.errors()::toString);
    }

    @Test
    void machinesArePlannedForATrace() throws IOException {
        Path machines = Files.writeString(folder.resolve("machines.csv"), "small,0.1,0.02,0.5\nlarge,9,0.0002,0.015\n");

        String json = ToolRun.of("Plan", "--machines", machines.toString(), "--rate", "0.3", "--json")
                .success();

        double cost = number(json, "costPerHour");
        assertTrue(cost >= number(json, "lowerBound") - 1e-9, json);
        assertTrue(number(json, "forecastCost") < number(json, "mostMachinesCost"), json);
        assertTrue(number(json, "machinesForWaits") >= 1, json);
    }

    @Test
    void aVariantIsChosenByWhatItNeeds() throws IOException {
        Path text = Files.writeString(
                folder.resolve("text.txt"),
                Files.readString(Path.of("examples/Hello.java")).repeat(8));

        String json = ToolRun.line(
                        "Choose --models %s --text %s --windows 1 --max-tokens 8 --loss-increase 100 "
                                + "--idle-watts 5 --full-watts 20 --device 4000:4 --json",
                        MODEL + "," + DRAFT, text)
                .success();

        assertEquals("\"phone\"", ToolRun.value(json, "device"));
        assertEquals("\"lathe-java-draft-f16\"", ToolRun.value(json, "smallestSufficient"));
        assertEquals("\"lathe-java-f16\"", ToolRun.value(json, "best"));
    }

    @Test
    void recordedRunsAreTabledAndGetACard() throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), "int i = 0; // counts\n".repeat(40));
        String records = file("records");
        ToolRun.line("Perplexity --model %s --text %s --context 64 --windows 2 --record %s", DRAFT, text, records)
                .success();

        String table = ToolRun.of("Runs", records, "--figures", "perplexity").success();
        assertTrue(table.contains("lathe-java-draft-f16.gguf"), table);
        double perplexity = number(
                ToolRun.of("Runs", records, "--figures", "perplexity", "--json").success(), "perplexity");
        String equal = ToolRun.of("Runs", records, "--equal", "perplexity=" + perplexity, "--json")
                .success();
        assertTrue(equal.contains("Perplexity"), equal);
        String other = ToolRun.of("Runs", records, "--equal", "perplexity=" + 2 * perplexity, "--json")
                .success();
        assertFalse(other.contains("Perplexity"), other);
        String card = ToolRun.of("Runs", records, "--card", "").success();
        assertTrue(card.startsWith("# lathe-java-draft-f16.gguf\n"), card);
        assertTrue(card.contains("to the bit"), card);
    }

    @Test
    void powerIsCappedProjectedAndComparedAndStartsAreCounted() throws IOException {
        Path prompt = Files.writeString(
                folder.resolve("prompt.txt"), "public final class Point {\n    private final int x;\n");
        String json = ToolRun.line(
                        "Footprint --model %s --max-tokens 24 --seconds 0.8 --idle-watts 10 "
                                + "--full-watts 20 --power-cap 12 --cold-starts 1 --requests 1e6 --growth 2 "
                                + "--years 3 --against %s --prompt-file %s --json",
                        DRAFT, MODEL, prompt)
                .success();

        assertTrue(number(json, "landauerJoulesPerRequest") < number(json, "joulesPerRequest"), json);
        assertTrue(number(json, "coldStartMillis") > 0, json);
        assertTrue(number(json, "peakBytes") > 0, json);
        assertTrue(json.contains("\"choice\"") && json.contains("\"pValue\""), json);
        assertTrue(json.contains("\"read\""), "reading the prompt is a stage: " + json);
        assertEquals(3, json.split("\"grams\"", -1).length - 1, json);
    }

    @Test
    void tuningKnowsDraftsAndBatchesAndChecksWhatItRemembers() throws IOException {
        Path text = Files.writeString(
                folder.resolve("text.txt"),
                Files.readString(Path.of("examples/Hello.java")).repeat(4));
        String[] options = {
            "--model",
            DRAFT,
            "--try-threads",
            "1",
            "--chunks",
            "16",
            "--caches",
            "F32",
            "--drafts",
            "none,ngram,self",
            "--batches",
            "1,2",
            "--text",
            text.toString(),
            "--prompt",
            "16",
            "--output",
            "3",
            "--settings",
            file("settings"),
            "--json"
        };
        String first = ToolRun.of("Tune", options).success();
        assertEquals("false", ToolRun.value(first, "remembered"));

        String[] checked = Arrays.copyOf(options, options.length + 4);
        System.arraycopy(new String[] {"--check", "3", "--tolerance", "1000"}, 0, checked, options.length, 4);
        String second = ToolRun.of("Tune", checked).success();
        assertEquals("true", ToolRun.value(second, "remembered"));
        assertEquals("false", ToolRun.value(second, "drifted"));
        assertTrue(number(second, "window") >= 2, second);

        checked[checked.length - 1] = "0";
        String third = ToolRun.of("Tune", checked).success();
        assertEquals("true", ToolRun.value(third, "drifted"));
        assertEquals("false", ToolRun.value(third, "remembered"));
        assertEquals(
                2, ToolRun.of("Tune", "--model", DRAFT, "--drafts", "ngram").status());
    }
}
