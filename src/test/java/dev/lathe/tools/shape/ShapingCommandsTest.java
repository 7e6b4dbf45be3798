package dev.lathe.tools.shape;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.tools.ToolRun;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Slow
class ShapingCommandsTest {
    private static final String DRAFT = "examples/models/lathe-java-draft-f16.gguf";

    @TempDir
    private Path folder;

    @Test
    void quantizeWritesASmallerFile() throws Exception {
        Path out = folder.resolve("small.gguf");
        String json = ToolRun.of("Quantize", DRAFT, out.toString(), "--type", "Q8_0", "--json")
                .success();
        assertEquals(String.valueOf(Files.size(out)), ToolRun.value(json, "bytes"));
        assertEquals(8.519, Double.parseDouble(ToolRun.value(json, "bitsPerWeight")), 0.01);
        assertTrue(json.contains("{\"name\": \"token_embd.weight\", \"type\": \"Q8_0\""), json);
        assertEquals(22, json.split("\"relativeError\": 0\\.00").length - 1, json);
        String table = ToolRun.of("Quantize", out.toString(), out + ".2", "--type", "Q5_0", "--threads", "1")
                .success();
        assertTrue(table.contains("quantize to Q5_0"), table);
        assertTrue(table.contains("blk.*.ffn_down.weight"), table);
        assertTrue(ToolRun.of("Complete", "--model", out + ".2", "--max-tokens", "2")
                        .success()
                        .length()
                > 2);
    }

    @Test
    void shapeTakesStepsAndWritesTheModel() throws Exception {
        Path out = folder.resolve("shaped.gguf");
        Path plot = folder.resolve("steps.png");
        String json = ToolRun.line(
                        "Shape %s %s --prune-ffn 0.25 --sparsity 2:4 --type Q8_0 --calibration LICENSE "
                                + "--sequences 3 --windows 1 --plot %s --json",
                        DRAFT, out, plot)
                .success();
        assertEquals(String.valueOf(Files.size(out)), ToolRun.value(json, "bytes"));
        assertTrue(json.contains("\"step\": \"prune sparsegpt 2:4 of all\", \"parameters\": 1004416"), json);
        assertEquals(
                0x89504e47, java.nio.ByteBuffer.wrap(Files.readAllBytes(plot)).getInt());
        assertTrue(ToolRun.of("Complete", "--model", out.toString(), "--max-tokens", "2")
                        .success()
                        .length()
                > 2);
    }

    @Test
    void shapeSearchesWithinABudget() throws Exception {
        Path out = folder.resolve("searched.gguf");
        Path plot = folder.resolve("front.png");
        String[] options = {
            "--bytes",
            "780000",
            "--speedup",
            "0.1",
            "--calibration",
            "LICENSE",
            "--sequences",
            "2",
            "--windows",
            "1",
            "--plot",
            plot.toString()
        };
        String json = ToolRun.of(
                        "Shape",
                        Stream.concat(Stream.of(DRAFT, out.toString(), "--json"), Stream.of(options))
                                .toArray(String[]::new))
                .success();
        assertTrue(Files.size(out) <= 780_000, "" + Files.size(out));
        assertEquals(String.valueOf(Files.size(out)), ToolRun.value(json, "bytes"));
        for (String key : List.of(
                "steps",
                "step",
                "parameters",
                "perplexity",
                "tokensPerSecond",
                "seconds",
                "front",
                "recipe",
                "divergence")) {
            assertTrue(json.contains("\"" + key + "\": "), key + ": " + json);
        }
        assertTrue(json.contains("search: the best uniform recipe"), json);
        assertEquals(0x89504e47, ByteBuffer.wrap(Files.readAllBytes(plot)).getInt());
        assertTrue(ToolRun.of("Complete", "--model", out.toString(), "--max-tokens", "2")
                        .success()
                        .length()
                > 2);
    }

    @Test
    void shapeLeavesNothingBehindWhenItFails() throws Exception {
        Path out = Files.writeString(folder.resolve("kept.gguf"), "kept");
        ToolRun refused = ToolRun.line(
                "Shape %s %s --slice 0.25 --rank 0.95 --calibration LICENSE --sequences 2 " + "--windows 1",
                DRAFT, out);
        assertEquals(1, refused.status());
        assertEquals(1, refused.errors().size(), refused.errors().toString());
        assertEquals("kept", Files.readString(out));
        Path nowhere = folder.resolve("missing/out.gguf");
        ToolRun early = ToolRun.of("Shape", DRAFT, nowhere.toString(), "--type", "Q8_0", "--text", "LICENSE");
        assertEquals(1, early.status());
        assertTrue(
                early.errors().getFirst().contains("is no folder; give"),
                early.errors().toString());
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(out), left.toList());
        }
    }

    /**
     * Ctrl-C in the middle of the work; env takes care that it is not ignored, as it is in the background of a shell.
     */
    @Test
    @EnabledOnOs(OS.LINUX)
    void shapeLeavesNothingBehindWhenItIsInterrupted() throws Exception {
        Path out = folder.resolve("interrupted.gguf");
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
        command.addAll(
                ToolRun.command("Shape", DRAFT, out.toString(), "--bytes", "780000", "--calibration", "LICENSE"));
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(folder.resolve("errors").toFile())
                .start();
        while (process.info().totalCpuDuration().orElseThrow().toSeconds() < 4) {
            assertTrue(process.isAlive(), "it ended before it was interrupted");
            Thread.sleep(20);
        }
        assertEquals(
                0,
                new ProcessBuilder("kill", "-INT", "" + process.pid()).start().waitFor());
        assertTrue(process.waitFor(100, TimeUnit.SECONDS));
        assertEquals(1, process.exitValue());
        assertTrue(Files.readString(folder.resolve("errors")).contains("cancelled"));
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(folder.resolve("errors")), left.toList());
        }
    }

    @Test
    void compareRecipesMeasuresEveryMethodAtTheSameSize() {
        String table = ToolRun.line(
                        "CompareRecipes --model %s --parameters 0.08 --calibration LICENSE "
                                + "--sequences 3 --windows 1",
                        DRAFT)
                .success();
        for (String method : List.of("as it is", "feed-forward channels", "low rank, whitened", "zeros by Wanda")) {
            assertTrue(table.lines().anyMatch(line -> line.startsWith(method)), table);
        }
    }

    @Test
    void lowCostShowsTheErrorsOfItsDocument() throws Exception {
        String table = ToolRun.of("LowCost").success();
        String document = Files.readString(Path.of("docs/low-cost-arithmetic.md"));
        for (String line : document.lines().filter(l -> l.startsWith("| L-Mul")).toList()) {
            String[] cells = line.replaceAll("^\\| | \\|$", "").split(" +\\| +");
            assertTrue(table.lines().anyMatch(row -> Stream.of(cells).allMatch(row::contains)), line + table);
        }
        String json = ToolRun.of("LowCost", "--json").success();
        assertTrue(json.contains("\"ternary additions\", \"layer\": 0.0071"), json);
    }
}
