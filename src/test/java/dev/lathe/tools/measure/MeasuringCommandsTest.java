package dev.lathe.tools.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.ReferenceData;
import dev.lathe.Slow;
import dev.lathe.tools.ToolRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Slow
class MeasuringCommandsTest {
    private static final String DRAFT = "examples/models/lathe-java-draft-f16.gguf";

    @TempDir
    private Path folder;

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
    void neighborsPredictsATextBetterTheMoreOfItTheStoreHas() throws Exception {
        String text = "src/tools/java/dev/lathe/tools/command/Options.java";
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

    @Test
    void expertsComparesRulesWithTheBoundAndMeasuresALimit() {
        String json = ToolRun.line(
                        "Experts --model %s --tokens 20 --max-tokens 4 --packed %s --weight-memory 1 " + "--json",
                        ReferenceData.require("tiny/mixtral.gguf"), folder.resolve("packed"))
                .success();
        double recent = Double.parseDouble(ToolRun.value(json, "leastRecent"));
        double bound = Double.parseDouble(ToolRun.value(json, "bound"));
        assertTrue(recent >= 0 && recent <= bound && bound <= 1, json);
        assertTrue(Double.parseDouble(ToolRun.value(json, "hitRate")) <= 1, json);
    }
}
