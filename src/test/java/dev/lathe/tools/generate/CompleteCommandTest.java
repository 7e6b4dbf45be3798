package dev.lathe.tools.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.ReferenceData;
import dev.lathe.Slow;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import dev.lathe.tools.ToolRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Slow
class CompleteCommandTest {
    private static final String DRAFT = "examples/models/lathe-java-draft-f16.gguf";

    @TempDir
    private Path folder;

    @Test
    void completeStreamsTheTextThenTellsHowFast() {
        String[] options = {"--prompt", "import java.util.", "--max-tokens", "4"};
        ToolRun run = ToolRun.of("Complete", options);
        String json = ToolRun.of(
                        "Complete",
                        Stream.concat(Stream.of(options), Stream.of("--json")).toArray(String[]::new))
                .success();
        String text = ((JsonObject) JsonValue.parse(json)).text("text");
        assertEquals("import java.util." + text + "\n", run.success());
        assertEquals(1, run.errors().size());
        assertTrue(run.errors().getFirst().contains("tokens/s"), run.errors().toString());
    }

    @Test
    void demandedKernelsComputeTheSameOrAreRefusedInOneLine() {
        String next = null;
        for (String name : List.of("scalar", "vector", "avx2", "avx-vnni", "avx512")) {
            ToolRun run = ToolRun.of("Logits", "--tokens", "1,2,3", "--kernels", name, "--json");
            if (run.status() != 0) {
                assertEquals(1, run.status());
                assertEquals(1, run.errors().size(), run.errors().toString());
                String message = run.errors().getFirst();
                assertTrue(message.startsWith("the kernels " + name + " do not run here: "), message);
                continue;
            }
            String kernels = ToolRun.value(run.out(), "kernels");
            assertTrue(kernels.startsWith("\"" + name), kernels);
            assertTrue(next == null || next.equals(ToolRun.value(run.out(), "greedyNext")), run.out());
            next = ToolRun.value(run.out(), "greedyNext");
        }
    }

    @Test
    void completeGivesTheSameTextToEveryThreadCountAndAsJson() {
        String one = ToolRun.of("Complete", "--max-tokens", "12", "--json", "--threads", "1")
                .success();
        String two = ToolRun.of("Complete", "--max-tokens", "12", "--json", "--threads", "2")
                .success();
        assertEquals(ToolRun.value(one, "tokens"), ToolRun.value(two, "tokens"));
        assertEquals(12, ToolRun.value(one, "tokens").split(",").length);
        for (String key : List.of(
                "text",
                "finishReason",
                "promptTokens",
                "promptTokensPerSecond",
                "decodeTokensPerSecond",
                "timeToFirstTokenMillis",
                "startToFirstTokenMillis",
                "decoding")) {
            assertTrue(one.contains("\"" + key + "\": "), key);
        }
        assertEquals("\"MAX_TOKENS\"", ToolRun.value(one, "finishReason"));
        assertTrue(Double.parseDouble(ToolRun.value(one, "startToFirstTokenMillis"))
                > Double.parseDouble(ToolRun.value(one, "timeToFirstTokenMillis")));
    }

    @Test
    void completeRepeatsASampledTextFromItsSeed() throws Exception {
        Path prompt = Files.writeString(folder.resolve("prompt.txt"), "class A {");
        String[] options = {
            "--prompt-file",
            prompt.toString(),
            "--max-tokens",
            "8",
            "--json",
            "--model",
            DRAFT,
            "--temperature",
            "1",
            "--top-k",
            "50",
            "--top-p",
            "0.9",
            "--seed",
            "7"
        };
        assertEquals(
                ToolRun.value(ToolRun.of("Complete", options).success(), "tokens"),
                ToolRun.value(ToolRun.of("Complete", options).success(), "tokens"));
    }

    @Test
    void completeGivesTheSameTextWithEveryStrategy() {
        String plain = ToolRun.of("Complete", "--max-tokens", "10", "--json", "--threads", "1")
                .success();
        for (String strategy : List.of("speculative", "ngram", "self")) {
            String other = ToolRun.of(
                            "Complete", "--max-tokens", "10", "--json", "--threads", "1", "--decoding", strategy)
                    .success();
            assertEquals(ToolRun.value(plain, "text"), ToolRun.value(other, "text"), strategy);
        }
        String fast = ToolRun.of("CompleteFast", "--max-tokens", "10", "--json", "--threads", "1")
                .success();
        assertEquals(ToolRun.value(plain, "text"), ToolRun.value(fast, "text"));
        assertTrue(fast.contains("\"plan\": {\"rowTimes\""), fast);
    }

    @Test
    void completeLeavesTheModelEarly() {
        String[] options = {
            "--max-tokens", "4", "--json", "--threads", "1", "--decoding", "exit", "--layers", "3", "--threshold", "0"
        };
        String json = ToolRun.of("Complete", options).success();
        assertEquals("8", ToolRun.value(json, "layerCount"));
        assertEquals("[3, 3, 3]", ToolRun.value(json, "exitLayers"));
    }

    @Test
    void chatAnswersInTheLayoutOfTheModel() {
        Path model = ReferenceData.require("smollm2-135m-instruct-q4_1.gguf");
        ToolRun run = ToolRun.withInput(
                "Say hello.\n/stats\n/reset\n/what\n/exit\n", "Chat", "--max-tokens", "4", "--model", model.toString());
        assertTrue(!run.success().isBlank());
        assertEquals(3, run.errors().size());
        assertTrue(
                run.errors().getFirst().startsWith("4 tokens at"), run.errors().toString());
        String json = ToolRun.withInput(
                        "Hi\n",
                        "Chat",
                        "--max-tokens",
                        "2",
                        "--system",
                        "Be brief.",
                        "--json",
                        "--model",
                        model.toString())
                .success();
        assertTrue(json.matches("(?s)\\{\"messages\": \\[\\{.*system.*user.*assistant.*}]}\n"), json);
    }
}
