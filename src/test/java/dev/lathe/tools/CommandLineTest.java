package dev.lathe.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Slow
class CommandLineTest {
    @TempDir
    private Path folder;

    @Test
    void tokenizeShowsPiecesAndIds() throws Exception {
        assertEquals(
                "{\"tokens\": [478, 1151, 298, 221, 17, 27]}\n",
                ToolRun.of("Tokenize", "--text", "int x = 1;", "--json").success());
        Path file = Files.writeString(folder.resolve("text.txt"), "int x = 1;");
        String table =
                ToolRun.of("Tokenize", "--file", file.toString(), "--special").success();
        assertTrue(table.contains("7 tokens: [0, 478, 1151, 298, 221, 17, 27]"), table);
        assertEquals(
                "{\"tokens\": [478]}\n",
                ToolRun.withInput("int", "Tokenize", "--json").success());
    }

    @Test
    void logitsWritesEveryRow() throws Exception {
        Path out = folder.resolve("logits.f32");
        String json = ToolRun.of("Logits", "--tokens", "0,478,1151", "--out", out.toString(), "--json")
                .success();
        assertEquals("3", ToolRun.value(json, "rows"));
        assertEquals("4096", ToolRun.value(json, "columns"));
        float[] logits = new float[3 * 4096];
        ByteBuffer.wrap(Files.readAllBytes(out))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(logits);
        int largest = 2 * 4096;
        for (int i = 2 * 4096; i < logits.length; i++) {
            largest = logits[i] > logits[largest] ? i : largest;
        }
        assertEquals(largest - 2 * 4096, Integer.parseInt(ToolRun.value(json, "greedyNext")));
        assertEquals(3 * 4096 * 4, Files.size(out));
        assertArrayEquals(new Path[] {out}, files());
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
                "LowCost",
                "Resume"
            })
    void everyProgramExplainsItself(String name) {
        ToolRun run = ToolRun.of(name, "--help");
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
        "2, Bench --llama-bench LICENSE -d 8, 'llama-bench''s -d is for prompts too, Lathe''s for decoding alone; add -p 0'",
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
        "2, Bench --arriving 9, --arriving needs texts that are decoded; add --parallel 16",
        "2, Bench --parallel 2 --rounds 2, --parallel measures once and Lathe alone; leave out --rounds",
        "2, Bench --peer --llama-bench a, '--peer and --llama-bench exclude each other; give one'",
        "1, Bench --beside nowhere.gguf, nowhere.gguf is no file; give --beside one that exists",
        "2, Bench --type Q4_0, --type is the type of random weights; add --random smol135"
    })
    void wrongUsageIsOneLineWithItsCure(int status, String command, String message) {
        String[] words = command.split(" ");
        ToolRun run = ToolRun.of(words[0], java.util.Arrays.copyOfRange(words, 1, words.length));
        assertEquals(List.of(message), run.errors());
        assertEquals(status, run.status());
        assertEquals("", run.out());
    }

    @Test
    void aBrokenFileIsOneLineToo() throws Exception {
        Path broken = Files.write(folder.resolve("broken.gguf"), new byte[100]);
        ToolRun run = ToolRun.of("Complete", "--model", broken.toString());
        assertEquals(1, run.status());
        assertEquals(1, run.errors().size(), run.errors().toString());
        assertTrue(run.errors().getFirst().toLowerCase(java.util.Locale.ROOT).contains("gguf"));
    }

    @Test
    void theScriptRunsOneFromAnywhere() {
        String script = Path.of("examples/run").toAbsolutePath().toString();
        ToolRun run =
                ToolRun.run("", List.of("bash", "-c", "cd /tmp && '" + script + "' Tokenize --text 'int  x' --json"));
        assertEquals("{\"tokens\": [478, 221, 1151]}\n", run.success());
        assertEquals(2, ToolRun.run("", List.of(script, "Nothing")).status());
        assertEquals(2, ToolRun.run("", List.of(script, "Tokenize", "--wrong")).status());
    }

    private Path[] files() throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toArray(Path[]::new);
        }
    }
}
