package dev.lathe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.ReferenceData;
import dev.lathe.Slow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Slow
class MeasuringCommandsTest {
    private static final String DRAFT = "examples/models/lathe-java-draft-f16.gguf";

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

    /** A program stands in for llama-bench and prints what that does. */
    @Test
    void benchReadsWhatLlamaBenchPrints() throws Exception {
        Path peer = Files.writeString(folder.resolve("llama-bench"), """
                #!/bin/sh
                [ "$6" = 3 ] || exit 1
                echo '{"n_threads": 1, "n_prompt": 0, "n_gen": 2, "n_depth": 3, "samples_ts": [ 8.5, 9.5, 10.5 ]}'
                """);
        assertTrue(peer.toFile().setExecutable(true));
        String json = ToolRun.line(
                        "Bench -p 0 -n 2 -d 3 -t 1 -r 1 --warm-up 0 --model %s --llama-bench %s --json", DRAFT, peer)
                .success();
        assertTrue(
                json.contains("\"test\": \"tg2 @ d3\", \"threads\": 1, \"tokensPerSecond\": 9.5, \"spread\": 1.0"),
                json);
    }

    @Test
    void compareDecodingCutsATextAndDrawsSamples() {
        String json = ToolRun.line("CompareDecoding --text src/tools/java/dev/lathe/tools/Options.java --texts 2 "
                        + "--characters 200 --samples 3 --temperature 0.5 --max-tokens 4 --repeat 1 " + "--json")
                .success();
        assertEquals("2", ToolRun.value(json, "prompts"));
        assertTrue(json.matches("(?s).*\\{\"strategy\": \"3 samples\"[^}]*\"identical\": true.*"), json);
    }

    @Test
    void perplexityComparesAModelWithItsBase() throws Exception {
        String source = Files.readString(Path.of("src/main/java/dev/lathe/tensor/TensorType.java"));
        Path text = Files.writeString(folder.resolve("text.txt"), source);
        String json = ToolRun.line(
                        "Perplexity --text %s --context 64 --windows 2 --model %s "
                                + "--base examples/models/lathe-java-f16.gguf --json",
                        text, DRAFT)
                .success();
        assertEquals("62", ToolRun.value(json, "tokens"));
        assertTrue(Double.parseDouble(ToolRun.value(json, "perplexity")) > 1);
        assertTrue(Double.parseDouble(ToolRun.value(json, "klMean")) > 0);
        assertTrue(Double.parseDouble(ToolRun.value(json, "kl99")) > Double.parseDouble(ToolRun.value(json, "klMean")));
        assertTrue(Double.parseDouble(ToolRun.value(json, "topAgreement")) < 1);
        String alone = ToolRun.line(
                        "Perplexity --text %s --context 64 --stride 16 --windows 3 --cache Q8_0 "
                                + "--lmul 0,3 --model %s",
                        text, DRAFT)
                .success();
        assertTrue(alone.contains("tokens        48\n"), alone);
    }

    @Test
    void perplexityIsThatOfAnotherEngine() {
        Path text = ReferenceData.require("text/java.txt");
        String json = ToolRun.of("Perplexity", "--text", text.toString(), "--windows", "24", "--json")
                .success();
        assertEquals(9.4204, Double.parseDouble(ToolRun.value(json, "perplexity")), 9.4204 * 0.003);
        assertEquals(0.34807, Double.parseDouble(ToolRun.value(json, "error")), 0.002);
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

    @Test
    void benchComparesFilesInTurns() {
        String json = ToolRun.line(
                        "Bench -p 0 -n 4 -t 1 -r 1 --warm-up 0 --model %s "
                                + "--beside examples/models/lathe-java-f16.gguf --rounds 3 --json",
                        DRAFT)
                .success();
        List<Double> relative = Pattern.compile("\"relative\": ([0-9.E-]+)")
                .matcher(json)
                .results()
                .map(found -> Double.parseDouble(found.group(1)))
                .toList();
        assertEquals(2, relative.size(), json);
        assertEquals(1, relative.getFirst());
        assertTrue(relative.getLast() > 0 && relative.getLast() != 1, json);
    }

    @Test
    void benchMeasuresTextsAtOnceWhileAPromptArrives() {
        String command = "-p 5 -n 6 -t 1 --parallel 3 --arriving 40 --json --model " + DRAFT;
        String json = ToolRun.of("Bench", command.split(" ")).success();
        for (String key : List.of(
                "tokensPerSecond", "aloneTokensPerSecond", "speedup", "arrivingSlowdown", "arrivingSeconds", "p99")) {
            assertTrue(
                    Pattern.compile("\"" + key + "\": 0*[1-9.]").matcher(json).find(), key + json);
        }
    }

    @Test
    void soakTellsThatEveryRequestEnded() {
        String json = ToolRun.line("Soak --requests 200 --clients 8 --json --model %s", DRAFT)
                .success();
        assertEquals("200", ToolRun.value(json, "ended"));
        assertEquals("0", ToolRun.value(json, "cacheBytesLeft"));
    }

    @Test
    void benchMeasuresPromptsAndDecoding() throws Exception {
        String json = ToolRun.line(
                        "Bench -p 16 -n 4 -t 1,2 -r 3 -d 33 --cache Q4_0 --warm-up 0 --model %s --json", DRAFT)
                .success();
        List<String> tests = Pattern.compile("\"test\": \"([^\"]+)\", \"threads\": (\\d)")
                .matcher(json)
                .results()
                .map(found -> found.group(1) + " " + found.group(2))
                .toList();
        assertEquals(List.of("pp16 1", "tg4 @ d33 1", "pp16 2", "tg4 @ d33 2"), tests);
        assertEquals("\"F16\"", ToolRun.value(json, "type"));
        long peak = Long.parseLong(ToolRun.value(json, "peakBytes"));
        assertTrue(peak == 0 || peak > Files.size(Path.of(DRAFT)), peak + " bytes");
        assertTrue(ToolRun.value(json, "kernel").matches("\"(vector-|avx).*"), json);
    }

    @Test
    void earlyExitJudgesALearnedClassifier() {
        String json = ToolRun.line("EarlyExit --exit classifier "
                        + "--calibration src/tools/java/dev/lathe/tools/BenchCommand.java --text "
                        + "src/tools/java/dev/lathe/tools/Options.java --layers 4,6 --thresholds 1,0 "
                        + "--texts 5 --length 16 --runs 0 --json")
                .success();
        assertTrue(json.contains("\"stopPrecision\": null, \"stopRecall\": 0.0"), json);
        assertTrue(json.contains("\"exitRecall\": 0."), json);
    }

    @Test
    void earlyExitMeasuresQualityAndTime() {
        String json = ToolRun.line("EarlyExit --text src/tools/java/dev/lathe/tools/Options.java --layers 4,6 "
                        + "--thresholds 1,0 --texts 3 --length 16 --runs 1 --max-tokens 4 --risk 0.5 " + "--json")
                .success();
        assertTrue(json.contains("\"meanExitLayer\": 4.0"), json);
        assertTrue(json.contains("\"speedupPropagated\": "), json);
        assertTrue(json.contains("\"calibrated\": {\"risk\": 0.5"), json);
    }

    @Test
    void neighborsPredictsATextBetterTheMoreOfItTheStoreHas() throws Exception {
        String text = "src/tools/java/dev/lathe/tools/Options.java";
        Path file = folder.resolve("neighbors.store");
        String json = ToolRun.line(
                        "Neighbors --model %s --store %s --text %s --sizes 100,1000 --context 128 "
                                + "--windows 6 --file %s --json",
                        DRAFT, text, text, file)
                .success();
        double[] perplexities = Pattern.compile("\"perplexity\": ([0-9.]+)")
                .matcher(json)
                .results()
                .mapToDouble(found -> Double.parseDouble(found.group(1)))
                .toArray();
        assertEquals(3, perplexities.length, json);
        assertTrue(perplexities[2] < perplexities[0] / 1.5 && perplexities[2] < perplexities[1], json);
        assertTrue(Files.size(file) > 1000 * 128 * 2);
    }

    @Test
    void datastoreMeasuresWhatItFindsAgain() throws Exception {
        Path file = folder.resolve("vectors.store");
        String json = ToolRun.line("Datastore --vectors 3000 --dimensions 32 --rounds 3 --file %s --json", file)
                .success();
        assertEquals("3000", ToolRun.value(json, "reopened"));
        assertEquals(String.valueOf(3000 * 32 * 4), ToolRun.value(json, "vectorBytes"));
        assertTrue(Files.notExists(file));
    }
}
