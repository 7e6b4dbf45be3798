package dev.lathe.tools.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.ReferenceData;
import dev.lathe.Slow;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.GgufWriter;
import dev.lathe.tools.ToolRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Slow
class LabCommandsTest {
    private static final String DRAFT = "examples/models/lathe-java-draft-f16.gguf";

    @TempDir
    private Path folder;

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
    void evaluateJudgesWhatTheModelWrites() throws Exception {
        String json = ToolRun.line("Evaluate --problems %s --samples 10 --max-tokens 24 --json", problems())
                .success();
        assertEquals("1", ToolRun.value(json, "problems"));
        assertEquals(10, judged(json));
        double passed = Double.parseDouble(ToolRun.value(json, "PASSED"));
        assertEquals(passed / 10, Double.parseDouble(ToolRun.value(json, "passAt1")), 1e-9);
        assertTrue(passed > 0, "the model returns a field: " + json);
    }

    private Path problems() throws IOException {
        return Files.writeString(folder.resolve("problems.jsonl"), """
                {"name": "getCount", "prompt": "class Counter {\\n    private int count;\\n    int getCount() {\\n", \
                "tests": "    }\\n    public static void main(String[] a) { assert new Counter().getCount() == 0; }\\n}\\n"}
                """);
    }

    private static int judged(String json) {
        int judged = 0;
        for (String verdict : new String[] {"PASSED", "THREW", "NOT_COMPILED", "REFUSED", "OUT_OF_TIME"}) {
            judged += Integer.parseInt(ToolRun.value(json, verdict));
        }
        return judged;
    }

    @Test
    void middlesAreWrittenAndJudgedWhereTheVocabularyHasTheTokens() throws Exception {
        Path model = folder.resolve("filling.gguf");
        try (GgufFile from = GgufFile.open(Path.of(DRAFT))) {
            GgufWriter writer = GgufWriter.to(model)
                    .metadata(from.metadata().toBuilder()
                            .uint32("tokenizer.ggml.fim_pre_token_id", 4090)
                            .uint32("tokenizer.ggml.fim_suf_token_id", 4091)
                            .uint32("tokenizer.ggml.fim_mid_token_id", 4092)
                            .build());
            from.tensors()
                    .forEach(tensor -> writer.tensor(
                            tensor.name(), tensor.type(), tensor.dimensions(), GgufWriter.Content.of(from, tensor)));
            writer.write();
        }
        String[] between = {"--model", model.toString(), "--prompt", "int a = ", "--suffix", ";\n", "--max-tokens", "4"
        };
        String text = ToolRun.of("Complete", between).success();
        assertTrue(text.startsWith("int a = ") && text.endsWith(";\n\n"), text);
        between[1] = DRAFT;
        ToolRun unknown = ToolRun.of("Complete", between);
        assertEquals(1, unknown.status());
        assertTrue(unknown.errors().getFirst().contains("no tokens that ask"), unknown.errors()::toString);

        String[] evaluate = {
            "--problems",
            problems().toString(),
            "--samples",
            "2",
            "--max-tokens",
            "8",
            "--json",
            "--model",
            model.toString()
        };
        String continued = ToolRun.of("Evaluate", evaluate).success();
        String filled = ToolRun.of(
                        "Evaluate",
                        Stream.concat(Stream.of(evaluate), Stream.of("--fill-in-middle"))
                                .toArray(String[]::new))
                .success();
        assertEquals(2, judged(continued));
        assertEquals(2, judged(filled));
    }

    @Test
    void aRecordedRunIsRepeatedToTheBit() throws Exception {
        Path text = Files.writeString(folder.resolve("text.txt"), "int i = 0; // counts\n".repeat(40));
        Path records = folder.resolve("records");
        String[] perplexity = {
            "--model",
            DRAFT,
            "--text",
            text.toString(),
            "--context",
            "64",
            "--windows",
            "3",
            "--record",
            records.toString(),
            "--json"
        };
        ToolRun.of("Perplexity", perplexity).success();
        Path manifest;
        try (Stream<Path> files = Files.list(records)) {
            manifest = files.findFirst().orElseThrow();
        }
        String written = Files.readString(manifest);
        Files.writeString(manifest, written.replace("\"noisy\": {}", "\"noisy\": {\"tokensPerSecond\": 1.0}"));
        String agreed = ToolRun.of("Replay", manifest.toString(), "--json").success();
        assertEquals("true", ToolRun.value(agreed, "agrees"));
        assertEquals("3", ToolRun.value(agreed, "exactFigures"));
        assertEquals("1", ToolRun.value(agreed, "outsideTolerance"), "is told, and is no failure");

        String value = ToolRun.value(written, "perplexity");
        Files.writeString(manifest, written.replace(value, "1" + value));
        ToolRun other = ToolRun.of("Replay", manifest.toString(), "--json");
        assertEquals(1, other.status());
        assertEquals(List.of("1 exact figures are not those of the manifest"), other.errors());
        assertEquals("false", ToolRun.value(other.out(), "agrees"));

        Files.writeString(text, "something else");
        ToolRun changed = ToolRun.of("Replay", manifest.toString());
        assertEquals(1, changed.status());
        assertTrue(
                changed.errors().toString().contains("put the file there that was used then"),
                changed.errors()::toString);
    }

    @Test
    void predictTellsItsErrorBesideAMeasurement() {
        String json = ToolRun.line(
                        "Predict --model %s --prompts 1,32 --outputs 1,8 --requests 16:4,8:2 "
                                + "--repeat 2 --warm-up 0.1 --threads 1 --json",
                        DRAFT)
                .success();
        double low = Double.parseDouble(ToolRun.value(json, "secondsPerTokenLow"));
        assertTrue(low <= Double.parseDouble(ToolRun.value(json, "secondsPerToken")), json);
        double measured = Double.parseDouble(ToolRun.value(json, "seconds16:4"));
        double predicted = Double.parseDouble(ToolRun.value(json, "seconds16:4Predicted"));
        double largest = Double.parseDouble(ToolRun.value(json, "requestsLargestError"));
        assertTrue(Math.abs(predicted - measured) / measured <= largest * (1 + 1e-9), json);
        ToolRun tooLong = ToolRun.of("Predict", "--model", DRAFT, "--requests", "600:1");
        assertEquals(2, tooLong.status());
    }

    @Test
    void tuneRemembersWhatItFound() {
        String[] options = {
            "--model",
            DRAFT,
            "--try-threads",
            "1",
            "--chunks",
            "16,8",
            "--caches",
            "F32",
            "--prompt",
            "16",
            "--output",
            "2",
            "--settings",
            folder.resolve("settings").toString(),
            "--json"
        };
        String first = ToolRun.of("Tune", options).success();
        String second = ToolRun.of("Tune", options).success();
        assertEquals("false", ToolRun.value(first, "remembered"));
        assertEquals(first.replace("false", "true"), second);
    }

    @Test
    void routeComparesEachWayToChooseWithChance() {
        String json = ToolRun.line("Route --text src/main/java/dev/lathe/Session.java --queries 36 "
                        + "--characters 160 --max-tokens 12 --json")
                .success();
        assertEquals("36", ToolRun.value(json, "queries"));
        double small = Double.parseDouble(ToolRun.value(json, "smallCost"));
        assertTrue(small > 0.05 && small < 0.5, json);
        for (String method : new String[] {"length", "similar", "perplexity", "learned", "cascade", "oracle"}) {
            assertTrue(json.contains("\"" + method + "\""), json);
        }
        assertEquals(2, ToolRun.of("Route").status());
    }

    @Test
    void footprintCountsGramsOfAModelledMachine() {
        String json = ToolRun.line(
                        "Footprint --model %s --max-tokens 4 --seconds 0.2 --idle-watts 10 "
                                + "--full-watts 20 --grams 360 --json",
                        DRAFT)
                .success();
        assertEquals("\"MODELLED\"", ToolRun.value(json, "energy"));
        double joules = Double.parseDouble(ToolRun.value(json, "joulesPerRequest"));
        assertTrue(joules > 0, json);
        assertEquals(joules * 1e-4, Double.parseDouble(ToolRun.value(json, "gramsPerRequest")), 1e-9);
    }
}
