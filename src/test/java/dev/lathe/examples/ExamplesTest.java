package dev.lathe.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.ReferenceData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExamplesTest {
    private static final String DRAFT = "examples/models/lathe-java-draft-f16.gguf";

    @TempDir
    private Path folder;

    @Test
    void completeStreamsTheTextThenTellsHowFast() {
        ExampleRun run = ExampleRun.of("Complete", "--prompt", "import java.util.", "--max-tokens", "4");
        String text = run.success();
        assertTrue(text.startsWith("import java.util."), text);
        assertTrue(text.length() > "import java.util.".length() + 3, text);
        assertEquals(1, run.errors().size());
        assertTrue(run.errors().getFirst().contains("tokens/s"), run.errors().toString());
    }

    @Test
    void completeGivesTheSameTextToEveryThreadCountAndAsJson() {
        String one = ExampleRun.of("Complete", "--max-tokens", "12", "--json", "--threads", "1")
                .success();
        String two = ExampleRun.of("Complete", "--max-tokens", "12", "--json", "--threads", "2")
                .success();
        assertEquals(value(one, "tokens"), value(two, "tokens"));
        assertEquals(12, value(one, "tokens").split(",").length);
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
        assertEquals("\"MAX_TOKENS\"", value(one, "finishReason"));
        assertTrue(Double.parseDouble(value(one, "startToFirstTokenMillis"))
                > Double.parseDouble(value(one, "timeToFirstTokenMillis")));
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
                value(ExampleRun.of("Complete", options).success(), "tokens"),
                value(ExampleRun.of("Complete", options).success(), "tokens"));
    }

    @Test
    void completeGivesTheSameTextWithEveryStrategy() {
        String plain = ExampleRun.of("Complete", "--max-tokens", "10", "--json", "--threads", "1")
                .success();
        for (String strategy : List.of("speculative", "ngram", "self")) {
            String other = ExampleRun.of(
                            "Complete", "--max-tokens", "10", "--json", "--threads", "1", "--decoding", strategy)
                    .success();
            assertEquals(value(plain, "text"), value(other, "text"), strategy);
        }
        String fast = ExampleRun.of("CompleteFast", "--max-tokens", "10", "--json", "--threads", "1")
                .success();
        assertEquals(value(plain, "text"), value(fast, "text"));
        assertTrue(fast.contains("\"plan\": {\"rowTimes\""), fast);
    }

    @Test
    void completeLeavesTheModelEarly() {
        String[] options = {
            "--max-tokens", "4", "--json", "--threads", "1", "--decoding", "exit", "--layers", "3", "--threshold", "0"
        };
        String json = ExampleRun.of("Complete", options).success();
        assertEquals("8", value(json, "layerCount"));
        assertEquals("[3, 3, 3]", value(json, "exitLayers"));
    }

    @Test
    void compareDecodingComparesAndDraws() throws Exception {
        Path plot = folder.resolve("plot.png");
        Path prompts = Files.writeString(folder.resolve("prompts.txt"), "class A {\\n\nimport java\n");
        String json = ExampleRun.of(
                        "CompareDecoding",
                        "--prompts",
                        prompts.toString(),
                        "--max-tokens",
                        "6",
                        "--repeat",
                        "1",
                        "--plot",
                        plot.toString(),
                        "--threads",
                        "1",
                        "--json")
                .success();
        assertEquals("2", value(json, "prompts"));
        for (String name : List.of("autoregressive", "ngram", "rsd-s 2x3", "exit", "self", "auto")) {
            assertTrue(json.contains("\"strategy\": \"" + name + "\""), json);
        }
        assertEquals("8.0", value(json, "layersPerToken"), "of plain decoding");
        String lossless = json.replaceFirst("\\{\"strategy\": \"exit\"[^}]*}", "");
        assertTrue(!lossless.contains("\"identical\": false"), json);
        assertTrue(!json.contains("null"), json);
        assertTrue(javax.imageio.ImageIO.read(plot.toFile()).getWidth() > 100);
    }

    @Test
    void compareDecodingCutsATextAndDrawsSamples() {
        String json = ExampleRun.of(
                        "CompareDecoding",
                        "--text",
                        "examples/Options.java",
                        "--texts",
                        "2",
                        "--characters",
                        "200",
                        "--samples",
                        "3",
                        "--temperature",
                        "0.5",
                        "--max-tokens",
                        "4",
                        "--repeat",
                        "1",
                        "--json")
                .success();
        assertEquals("2", value(json, "prompts"));
        assertTrue(json.matches("(?s).*\\{\"strategy\": \"3 samples\"[^}]*\"identical\": true.*"), json);
    }

    @Test
    void tokenizeShowsPiecesAndIds() throws Exception {
        assertEquals(
                "{\"tokens\": [478, 1151, 298, 221, 17, 27]}\n",
                ExampleRun.of("Tokenize", "--text", "int x = 1;", "--json").success());
        Path file = Files.writeString(folder.resolve("text.txt"), "int x = 1;");
        String table = ExampleRun.of("Tokenize", "--file", file.toString(), "--special")
                .success();
        assertTrue(table.contains("7 tokens: [0, 478, 1151, 298, 221, 17, 27]"), table);
        assertEquals(
                "{\"tokens\": [478]}\n",
                ExampleRun.withInput("int", "Tokenize", "--json").success());
    }

    @Test
    void logitsWritesEveryRow() throws Exception {
        Path out = folder.resolve("logits.f32");
        String json = ExampleRun.of("Logits", "--tokens", "0,478,1151", "--out", out.toString(), "--json")
                .success();
        assertEquals("3", value(json, "rows"));
        assertEquals("4096", value(json, "columns"));
        float[] logits = new float[3 * 4096];
        ByteBuffer.wrap(Files.readAllBytes(out))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(logits);
        int largest = 2 * 4096;
        for (int i = 2 * 4096; i < logits.length; i++) {
            largest = logits[i] > logits[largest] ? i : largest;
        }
        assertEquals(largest - 2 * 4096, Integer.parseInt(value(json, "greedyNext")));
        assertEquals(3 * 4096 * 4, Files.size(out));
        assertArrayEquals(new Path[] {out}, files());
    }

    @Test
    void perplexityComparesAModelWithItsBase() throws Exception {
        String source = Files.readString(Path.of("src/main/java/dev/lathe/tensor/TensorType.java"));
        Path text = Files.writeString(folder.resolve("text.txt"), source);
        String json = ExampleRun.of(
                        "Perplexity",
                        "--text",
                        text.toString(),
                        "--context",
                        "64",
                        "--windows",
                        "2",
                        "--model",
                        DRAFT,
                        "--base",
                        "examples/models/lathe-java-f16.gguf",
                        "--json")
                .success();
        assertEquals("62", value(json, "tokens"));
        assertTrue(Double.parseDouble(value(json, "perplexity")) > 1);
        assertTrue(Double.parseDouble(value(json, "klMean")) > 0);
        assertTrue(Double.parseDouble(value(json, "kl99")) > Double.parseDouble(value(json, "klMean")));
        assertTrue(Double.parseDouble(value(json, "topAgreement")) < 1);
        String alone = ExampleRun.of(
                        "Perplexity",
                        "--text",
                        text.toString(),
                        "--context",
                        "64",
                        "--stride",
                        "16",
                        "--windows",
                        "3",
                        "--cache",
                        "Q8_0",
                        "--lmul",
                        "0,3",
                        "--model",
                        DRAFT)
                .success();
        assertTrue(alone.contains("tokens        48\n"), alone);
    }

    @Test
    void perplexityIsThatOfAnotherEngine() {
        Path text = ReferenceData.require("text/java.txt");
        String json = ExampleRun.of("Perplexity", "--text", text.toString(), "--windows", "24", "--json")
                .success();
        assertEquals(9.4204, Double.parseDouble(value(json, "perplexity")), 9.4204 * 0.003);
        assertEquals(0.34807, Double.parseDouble(value(json, "error")), 0.002);
    }

    @Test
    void quantizeWritesASmallerFile() throws Exception {
        Path out = folder.resolve("small.gguf");
        String json = ExampleRun.of("Quantize", DRAFT, out.toString(), "--type", "Q8_0", "--json")
                .success();
        assertEquals(String.valueOf(Files.size(out)), value(json, "bytes"));
        assertEquals(8.519, Double.parseDouble(value(json, "bitsPerWeight")), 0.01);
        assertTrue(json.contains("{\"name\": \"token_embd.weight\", \"type\": \"Q8_0\""), json);
        assertEquals(22, json.split("\"relativeError\": 0\\.00").length - 1, json);
        String table = ExampleRun.of("Quantize", out.toString(), out + ".2", "--type", "Q5_0", "--threads", "1")
                .success();
        assertTrue(table.contains("quantize to Q5_0"), table);
        assertTrue(table.contains("blk.*.ffn_down.weight"), table);
        assertTrue(ExampleRun.of("Complete", "--model", out + ".2", "--max-tokens", "2")
                        .success()
                        .length()
                > 2);
    }

    @Test
    void shapeTakesStepsAndWritesTheModel() throws Exception {
        Path out = folder.resolve("shaped.gguf");
        Path plot = folder.resolve("steps.png");
        String json = ExampleRun.of(
                        "Shape",
                        DRAFT,
                        out.toString(),
                        "--prune-ffn",
                        "0.25",
                        "--sparsity",
                        "2:4",
                        "--type",
                        "Q8_0",
                        "--calibration",
                        "LICENSE",
                        "--sequences",
                        "3",
                        "--windows",
                        "1",
                        "--plot",
                        plot.toString(),
                        "--json")
                .success();
        assertEquals(String.valueOf(Files.size(out)), value(json, "bytes"));
        assertTrue(json.contains("\"step\": \"prune sparsegpt 2:4 of all\", \"parameters\": 1004416"), json);
        assertEquals(
                0x89504e47, java.nio.ByteBuffer.wrap(Files.readAllBytes(plot)).getInt());
        assertTrue(ExampleRun.of("Complete", "--model", out.toString(), "--max-tokens", "2")
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
            "4",
            "--windows",
            "1",
            "--plot",
            plot.toString()
        };
        String json = ExampleRun.of(
                        "Shape",
                        Stream.concat(Stream.of(DRAFT, out.toString(), "--json"), Stream.of(options))
                                .toArray(String[]::new))
                .success();
        assertTrue(Files.size(out) <= 780_000, "" + Files.size(out));
        assertEquals(String.valueOf(Files.size(out)), value(json, "bytes"));
        for (String key : List.of(
                "steps",
                "step",
                "parameters",
                "perplexity",
                "tokensPerSecond",
                "seconds",
                "front",
                "recipe",
                "damage")) {
            assertTrue(json.contains("\"" + key + "\": "), key + ": " + json);
        }
        assertTrue(json.contains("search: the best uniform recipe"), json);
        assertEquals(0x89504e47, ByteBuffer.wrap(Files.readAllBytes(plot)).getInt());
        assertTrue(ExampleRun.of("Complete", "--model", out.toString(), "--max-tokens", "2")
                        .success()
                        .length()
                > 2);
    }

    @Test
    void shapeLeavesNothingBehindWhenItFails() throws Exception {
        Path out = Files.writeString(folder.resolve("kept.gguf"), "kept");
        ExampleRun refused = ExampleRun.of(
                "Shape",
                DRAFT,
                out.toString(),
                "--slice",
                "0.25",
                "--rank",
                "0.95",
                "--calibration",
                "LICENSE",
                "--sequences",
                "2",
                "--windows",
                "1");
        assertEquals(1, refused.status());
        assertEquals(1, refused.errors().size(), refused.errors().toString());
        assertEquals("kept", Files.readString(out));
        Path nowhere = folder.resolve("missing/out.gguf");
        ExampleRun early = ExampleRun.of("Shape", DRAFT, nowhere.toString(), "--type", "Q8_0", "--text", "LICENSE");
        assertEquals(1, early.status());
        assertTrue(
                early.errors().getFirst().contains("is no folder; give"),
                early.errors().toString());
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(out), left.toList());
        }
    }

    /** Ctrl-C in the middle of the work; env takes care that it is not ignored, as it is in the background of a shell. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void shapeLeavesNothingBehindWhenItIsInterrupted() throws Exception {
        Path out = folder.resolve("interrupted.gguf");
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
        command.addAll(
                ExampleRun.command("Shape", DRAFT, out.toString(), "--bytes", "780000", "--calibration", "LICENSE"));
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
        assertTrue(Files.readString(folder.resolve("errors")).contains("cancelled after"));
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(folder.resolve("errors")), left.toList());
        }
    }

    @Test
    void compareRecipesMeasuresEveryMethodAtTheSameSize() {
        String table = ExampleRun.of(
                        "CompareRecipes",
                        "--model",
                        DRAFT,
                        "--parameters",
                        "0.08",
                        "--calibration",
                        "LICENSE",
                        "--sequences",
                        "3",
                        "--windows",
                        "1")
                .success();
        for (String method : List.of("as it is", "feed-forward channels", "low rank, whitened", "zeros by Wanda")) {
            assertTrue(table.lines().anyMatch(line -> line.startsWith(method)), table);
        }
    }

    @Test
    void lowCostShowsTheErrorsOfItsDocument() throws Exception {
        String table = ExampleRun.of("LowCost").success();
        String document = Files.readString(Path.of("docs/low-cost-arithmetic.md"));
        for (String line : document.lines().filter(l -> l.startsWith("| L-Mul")).toList()) {
            String[] cells = line.replaceAll("^\\| | \\|$", "").split(" +\\| +");
            assertTrue(table.lines().anyMatch(row -> Stream.of(cells).allMatch(row::contains)), line + table);
        }
        String json = ExampleRun.of("LowCost", "--json").success();
        assertTrue(json.contains("\"ternary additions\", \"layer\": 0.0071"), json);
    }

    @Test
    void benchComparesFilesInTurns() {
        String json = ExampleRun.of(
                        "Bench",
                        "-p",
                        "0",
                        "-n",
                        "4",
                        "-t",
                        "1",
                        "-r",
                        "1",
                        "--warm-up",
                        "0",
                        "--model",
                        DRAFT,
                        "--beside",
                        "examples/models/lathe-java-f16.gguf",
                        "--rounds",
                        "3",
                        "--json")
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
    void benchMeasuresPromptsAndDecoding() {
        String json = ExampleRun.of(
                        "Bench",
                        "-p",
                        "16",
                        "-n",
                        "4",
                        "-t",
                        "1,2",
                        "-r",
                        "3",
                        "-d",
                        "33",
                        "--cache",
                        "Q4_0",
                        "--warm-up",
                        "0",
                        "--model",
                        DRAFT,
                        "--json")
                .success();
        List<String> tests = Pattern.compile("\"test\": \"([^\"]+)\", \"threads\": (\\d)")
                .matcher(json)
                .results()
                .map(found -> found.group(1) + " " + found.group(2))
                .toList();
        assertEquals(List.of("pp16 1", "tg4 @ d33 1", "pp16 2", "tg4 @ d33 2"), tests);
        assertEquals("\"F16\"", value(json, "type"));
        assertTrue(Double.parseDouble(value(json, "tokensPerSecond")) > 0);
        assertTrue(value(json, "kernel").startsWith("\"vector-"), json);
    }

    @Test
    void chatAnswersInTheLayoutOfTheModel() {
        Path model = ReferenceData.require("smollm2-135m-instruct-q4_1.gguf");
        ExampleRun run = ExampleRun.withInput(
                "Say hello.\n/stats\n/reset\n/what\n/exit\n", "Chat", "--max-tokens", "4", "--model", model.toString());
        assertTrue(!run.success().isBlank());
        assertEquals(3, run.errors().size());
        assertTrue(
                run.errors().getFirst().startsWith("4 tokens at"), run.errors().toString());
        String json = ExampleRun.withInput(
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

    @Test
    void earlyExitJudgesALearnedClassifier() {
        String json = ExampleRun.of(
                        "EarlyExit",
                        "--exit",
                        "classifier",
                        "--calibration",
                        "examples/Bench.java",
                        "--text",
                        "examples/Options.java",
                        "--layers",
                        "4,6",
                        "--thresholds",
                        "1,0",
                        "--texts",
                        "5",
                        "--length",
                        "16",
                        "--runs",
                        "0",
                        "--json")
                .success();
        assertTrue(json.contains("\"stopPrecision\": null, \"stopRecall\": 0.0"), json);
        assertTrue(json.contains("\"exitRecall\": 0."), json);
    }

    @Test
    void earlyExitMeasuresQualityAndTime() {
        String json = ExampleRun.of(
                        "EarlyExit",
                        "--text",
                        "examples/Options.java",
                        "--layers",
                        "4,6",
                        "--thresholds",
                        "1,0",
                        "--texts",
                        "3",
                        "--length",
                        "16",
                        "--runs",
                        "1",
                        "--max-tokens",
                        "4",
                        "--risk",
                        "0.5",
                        "--json")
                .success();
        assertTrue(json.contains("\"meanExitLayer\": 4.0"), json);
        assertTrue(json.contains("\"speedupPropagated\": "), json);
        assertTrue(json.contains("\"calibrated\": {\"risk\": 0.5"), json);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Complete",
                "Chat",
                "Tokenize",
                "Logits",
                "Bench",
                "Perplexity",
                "Quantize",
                "Shape",
                "CompareRecipes",
                "EarlyExit",
                "LowCost"
            })
    void everyProgramExplainsItself(String name) {
        ExampleRun run = ExampleRun.of(name, "--help");
        assertTrue(run.success().startsWith(name + ": "), run.out());
        assertTrue(run.out().contains("--json") && run.out().contains("--model"), run.out());
        assertEquals(List.of(), run.errors());
    }

    @ParameterizedTest
    @CsvSource({
        "2, Complete --wrong, unknown option --wrong; --help lists the options",
        "2, Complete stray, unknown option stray; --help lists the options",
        "2, Complete --max-tokens, --max-tokens needs a value; --help shows which",
        "2, Complete --max-tokens ten, '--max-tokens is \"ten\"; give an integer'",
        "2, Complete --max-tokens 0, --max-tokens is 0; give an integer of at least 1",
        "2, Complete --json=yes, --json takes no value; write it alone",
        "2, Complete --threads 1 --threads=2, --threads is given twice; give it once",
        "2, Complete --decoding fast, '--decoding does not know fast; there is autoregressive, speculative, ngram, rsd-c, rsd-s, exit, self, auto'",
        "2, Complete --draft x, '--draft is of no use to autoregressive decoding; leave it out, or take speculative or rsd-c or rsd-s or auto'",
        "2, Complete --decoding self --threshold 0.5, '--threshold is of no use to self decoding; leave it out, or take exit'",
        "2, Complete --decoding rsd-c --model examples/models/lathe-java-f16.gguf, 'rsd-c needs a draft for this model; add --draft FILE, or take ngram, which needs none'",
        "2, Complete --top-k 3, --top-k says how to sample; add a --temperature above 0",
        "1, Complete --model nowhere.gguf, nowhere.gguf is no file; give --model one that exists",
        "1, Chat, examples/models/lathe-java-f16.gguf has no chat template; give --model a file of a chat model",
        "2, Logits, '--tokens is missing; give ids such as --tokens 1,2,3'",
        "1, Logits --tokens 1 --out /nowhere/logits, '/nowhere/logits.part cannot be opened (NoSuchFileException); check path and permissions'",
        "2, Perplexity --text pom.xml --lmul 3, '--lmul takes two numbers of 0 to 16: the bits in linear layers and in attention, such as 0,3'",
        "2, Bench --peer --cache Q8_0, '--peer knows neither -d nor --cache; leave them out'",
        "2, Perplexity, --text is missing; give a file of text to measure on",
        "2, Quantize in.gguf, OUT is missing; give IN and OUT",
        "2, Quantize a b c, unknown option c; --help lists the options",
        "2, Quantize examples/jvm.options b, 'give one of --type, --mix, --bytes and --bits-per-weight'",
        "1, Quantize pom.xml /nowhere/b --type Q4_0, /nowhere is no folder; give OUT a file in one that exists",
        "1, Quantize pom.xml /tmp --type Q4_0, /tmp is a folder; give OUT the name of a file",
        "1, Quantize nowhere.gguf b --type Q4_0, nowhere.gguf is no file; give IN one that exists",
        "2, Shape a b, 'give some steps, such as --prune-ffn 0.2 --type Q4_0, or one of --bytes and --speedup, which find them'",
        "2, CompareRecipes --bytes 5 --parameters 0.1, give one of --parameters and --bytes",
        "2, CompareDecoding --samples 2, --samples of a greedy sampler are all the same; add a --temperature above 0",
        "2, CompareDecoding --strategies [, --strategies is no regular expression: Unclosed character class",
        "2, CompareDecoding --texts 2, --texts and --characters say how to cut a text; add --text FILE",
        "2, EarlyExit, --text is missing; give a file of text to measure on",
        "2, Quantize examples/jvm.options b --bytes 100, --bytes needs a text; add --calibration FILE",
        "2, Quantize examples/jvm.options b --type Q4_0 --gptq, --gptq needs a text; add --calibration FILE",
        "2, Bench --random smol135 --beside a, '--beside names files to measure beside --model; leave out --random'",
        "2, Bench --peer --llama-bench a, '--peer and --llama-bench exclude each other; give one'",
        "1, Bench --beside nowhere.gguf, nowhere.gguf is no file; give --beside one that exists",
        "2, Bench --type Q4_0, --type is the type of random weights; add --random smol135"
    })
    void wrongUsageIsOneLineWithItsCure(int status, String command, String message) {
        String[] words = command.split(" ");
        ExampleRun run = ExampleRun.of(words[0], java.util.Arrays.copyOfRange(words, 1, words.length));
        assertEquals(List.of(message), run.errors());
        assertEquals(status, run.status());
        assertEquals("", run.out());
    }

    @Test
    void aBrokenFileIsOneLineToo() throws Exception {
        Path broken = Files.write(folder.resolve("broken.gguf"), new byte[100]);
        ExampleRun run = ExampleRun.of("Complete", "--model", broken.toString());
        assertEquals(1, run.status());
        assertEquals(1, run.errors().size(), run.errors().toString());
        assertTrue(run.errors().getFirst().toLowerCase(java.util.Locale.ROOT).contains("gguf"));
    }

    @Test
    void theScriptRunsOneFromAnywhere() {
        String script = Path.of("examples/run").toAbsolutePath().toString();
        ExampleRun run = ExampleRun.run(
                "", List.of("bash", "-c", "cd /tmp && '" + script + "' Tokenize --text 'int  x' --json"));
        assertEquals("{\"tokens\": [478, 221, 1151]}\n", run.success());
        assertEquals(2, ExampleRun.run("", List.of(script, "Nothing")).status());
        assertEquals(
                2, ExampleRun.run("", List.of(script, "Tokenize", "--wrong")).status());
    }

    private Path[] files() throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toArray(Path[]::new);
        }
    }

    /** The first value of a key in a JSON text, as written. */
    private static String value(String json, String key) {
        Matcher found = Pattern.compile("\"" + key + "\": (\"[^\"]*\"|\\[[^]]*]|[^,}\\]]*)")
                .matcher(json);
        assertTrue(found.find(), key + " in " + json);
        return found.group(1);
    }
}
