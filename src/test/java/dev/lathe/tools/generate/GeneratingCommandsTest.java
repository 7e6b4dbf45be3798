package dev.lathe.tools.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.tools.ToolRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Strategies of decoding, early exit and saved sessions at the command line. */
@Slow
class GeneratingCommandsTest {
    @TempDir
    private Path folder;

    @Test
    void compareDecodingComparesAndDraws() throws Exception {
        Path plot = folder.resolve("plot.png");
        Path prompts = Files.writeString(folder.resolve("prompts.txt"), "class A {\\n\nimport java\n");
        String json = ToolRun.line(
                        "CompareDecoding --prompts %s --max-tokens 6 --repeat 1 --plot %s --threads 1 " + "--json",
                        prompts, plot)
                .success();
        assertEquals("2", ToolRun.value(json, "prompts"));
        for (String name : List.of("autoregressive", "ngram", "rsd-s 2x3", "exit", "self", "auto")) {
            assertTrue(json.contains("\"strategy\": \"" + name + "\""), json);
        }
        assertEquals("8.0", ToolRun.value(json, "layersPerToken"), "of plain decoding");
        String lossless = json.replaceFirst("\\{\"strategy\": \"exit\"[^}]*}", "");
        assertTrue(!lossless.contains("\"identical\": false"), json);
        assertTrue(!json.contains("null"), json);
        assertTrue(javax.imageio.ImageIO.read(plot.toFile()).getWidth() > 100);
    }

    @Test
    void compareDecodingCutsATextAndDrawsSamples() {
        String json = ToolRun.line(
                        "CompareDecoding --text src/tools/java/dev/lathe/tools/command/Options.java --texts 2 "
                                + "--characters 200 --samples 3 --temperature 0.5 --max-tokens 4 --repeat 1 "
                                + "--json")
                .success();
        assertEquals("2", ToolRun.value(json, "prompts"));
        assertTrue(json.matches("(?s).*\\{\"strategy\": \"3 samples\"[^}]*\"identical\": true.*"), json);
    }

    @Test
    void resumeGoesOnWithTheSameTokens() throws Exception {
        String json = ToolRun.of("Resume", "--tokens", "100", "--cache", "Q8_0", "--json")
                .success();
        assertEquals("true", ToolRun.value(json, "same"));
        assertTrue(Double.parseDouble(ToolRun.value(json, "loadSeconds")) > 0);
        assertTrue(Long.parseLong(ToolRun.value(json, "bytes")) > 100_000);
    }

    @Test
    void earlyExitJudgesALearnedClassifier() {
        String json = ToolRun.line("EarlyExit --exit classifier "
                        + "--calibration src/tools/java/dev/lathe/tools/measure/BenchCommand.java --text "
                        + "src/tools/java/dev/lathe/tools/command/Options.java --layers 4,6 --thresholds 1,0 "
                        + "--texts 5 --length 16 --runs 0 --json")
                .success();
        assertTrue(json.contains("\"stopPrecision\": null, \"stopRecall\": 0.0"), json);
        assertTrue(json.contains("\"exitRecall\": 0."), json);
    }

    @Test
    void earlyExitMeasuresQualityAndTime() {
        String json = ToolRun.line("EarlyExit --text src/tools/java/dev/lathe/tools/command/Options.java --layers 4,6 "
                        + "--thresholds 1,0 --texts 3 --length 16 --runs 1 --max-tokens 4 --risk 0.5 " + "--json")
                .success();
        assertTrue(json.contains("\"meanExitLayer\": 4.0"), json);
        assertTrue(json.contains("\"speedupPropagated\": "), json);
        assertTrue(json.contains("\"calibrated\": {\"risk\": 0.5"), json);
    }
}
