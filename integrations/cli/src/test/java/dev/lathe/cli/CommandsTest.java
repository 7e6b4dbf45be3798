package dev.lathe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.compress.ModelEdit;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.GgufWriter;
import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import dev.lathe.tools.Lathe;
import dev.lathe.tools.command.CommandOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each command, on the models in the repository. */
class CommandsTest {
    private static final String TEXT = CliRun.MODELS + "corpus.txt";

    @TempDir
    private Path folder;

    @Test
    void runContinuesATextOfSeveralWords() {
        String out = CliRun.of("run", CliRun.MODEL, "int", "max(int", "--max-tokens", "4")
                .success();
        assertTrue(out.startsWith("int max(int") && out.length() > "int max(int\n".length(), out);
    }

    @Test
    void runReadsItsPromptFromStandardInput() {
        CliRun run = CliRun.withInput("int i;", "run", CliRun.MODEL, "--max-tokens", "2", "--json");
        JsonObject result = (JsonObject) JsonValue.parse(run.success());
        assertEquals(2, result.array("tokens").elements().size());
        assertEquals(4, result.longValue("promptTokens"));
    }

    @Test
    void runAnswersAMessageWhereTheFileSaysHowThoseLook() throws IOException {
        String model = chatModel();
        String answer = CliRun.of("run", model, "int i;", "--max-tokens", "3").success();
        assertFalse(answer.contains("int i;"), answer);
        String told = CliRun.of("run", model, "int i;", "--max-tokens", "3", "--system", "class A {", "--json")
                .success();
        String untold =
                CliRun.of("run", model, "int i;", "--max-tokens", "3", "--json").success();
        assertTrue(promptTokens(told) > promptTokens(untold), told + untold);
        String continued =
                CliRun.of("run", model, "int i;", "--max-tokens", "3", "--raw").success();
        assertTrue(continued.startsWith("int i;"), continued);
    }

    private static long promptTokens(String json) {
        return ((JsonObject) JsonValue.parse(json)).longValue("promptTokens");
    }

    @Test
    void chatTakesMessagesOfSeveralLinesAndAnswersAgain() throws IOException {
        String input =
                "\"\"\"int a;\nint b;\"\"\"\n/regenerate\nlong c; \\\nlong d;\n/stats\n/help\n/nonsense\n/exit\nnever";
        CliRun run = CliRun.withInput(input, "chat", chatModel(), "--max-tokens", "3", "--json");
        JsonArray messages = ((JsonObject) JsonValue.parse(run.success())).array("messages");
        List<String> said = messages.elements().stream()
                .map(JsonObject.class::cast)
                .filter(message -> message.text("role").equals("user"))
                .map(message -> message.text("content"))
                .toList();
        assertEquals(List.of("int a;\nint b;", "long c; \nlong d;"), said);
        assertEquals(4, messages.elements().size());
    }

    @Test
    void chatTellsItsCommandsAndBeginsAnew() throws IOException {
        String input = "int a;\n/system Be brief.\nint b;\n/clear\n/regen\n/nonsense\n/?\n/bye\n";
        CliRun run = CliRun.withInput(input, "chat", chatModel(), "--max-tokens", "3");
        assertEquals(2, run.success().lines().count(), run.out());
        assertEquals("a new conversation, told so", run.errors().getFirst());
        assertEquals("a new conversation", run.errors().get(1));
        assertEquals("no message yet", run.errors().get(2));
        assertEquals(
                "no such command: /nonsense; /help lists the commands",
                run.errors().get(3));
        assertTrue(run.errors().get(4).startsWith("/reset"), run.errors().toString());
    }

    @Test
    void chatAsksForWhatAToolAnswers() throws IOException {
        Path tools = Files.writeString(
                folder.resolve("tools.json"), "[{\"name\": \"size\", \"description\": \"The size of a thing.\"}]");
        String json = CliRun.withInput(
                        "int a;\n", "chat", chatModel(), "--tools", tools.toString(), "--max-tokens", "3", "--json")
                .success();
        assertTrue(json.contains("int a;"), json);
        Files.writeString(tools, "[1]");
        CliRun wrong = CliRun.of("chat", chatModel(), "--tools", tools.toString());
        assertEquals(2, wrong.status());
        assertTrue(
                wrong.errors().getFirst().contains("a tool is"), wrong.errors().toString());
    }

    @Test
    void tokenizeShowsTheTokens() {
        assertEquals(
                "{\"tokens\": [478, 1151, 298, 221, 17, 27]}\n",
                CliRun.of("tokenize", CliRun.MODEL, "--text", "int x = 1;", "--json")
                        .success());
    }

    @Test
    void perplexityMeasuresAText() {
        String json = CliRun.of(
                        "perplexity", CliRun.MODEL, "--text", TEXT, "--context", "64", "--windows", "2", "--json")
                .success();
        double perplexity = ((JsonNumber)
                        ((JsonObject) JsonValue.parse(json)).find("perplexity").orElseThrow())
                .doubleValue();
        assertTrue(perplexity > 1 && perplexity < 100, json);
    }

    @Test
    void benchMeasuresInAVirtualMachineOfItsOwn() {
        String json = CliRun.of(
                        "bench", CliRun.DRAFT, "-p", "4", "-n", "4", "-r", "1", "-t", "1", "--warm-up", "0", "--json")
                .success();
        assertEquals(
                2,
                ((JsonObject) JsonValue.parse(json)).array("results").elements().size(),
                json);
    }

    @Test
    void quantizeAndShapeWriteSmallerModels() throws IOException {
        Path small = folder.resolve("small.gguf");
        CliRun.of("quantize", CliRun.DRAFT, small.toString(), "--type", "Q8_0").success();
        assertTrue(Files.size(small) < Files.size(Path.of(CliRun.DRAFT)) * 0.6);
        Path shaped = folder.resolve("shaped.gguf");
        CliRun.of(
                        "shape",
                        small.toString(),
                        shaped.toString(),
                        "--drop-layers",
                        "1",
                        "--text",
                        TEXT,
                        "--windows",
                        "1",
                        "--calibration",
                        TEXT,
                        "--sequences",
                        "1")
                .success();
        assertTrue(Files.size(shaped) < Files.size(small));
        CliRun.of("run", shaped.toString(), "int", "--max-tokens", "1").success();
    }

    @Test
    void convertWritesAFolderAsAFile() throws IOException {
        Path source = SafetensorsFolder.write(folder.resolve("folder"));
        Path out = folder.resolve("converted.gguf");
        String json = CliRun.of("convert", source.toString(), out.toString(), "--json")
                .success();
        assertEquals(Files.size(out), ((JsonObject) JsonValue.parse(json)).longValue("bytes"));
        assertEquals(11, ((JsonObject) JsonValue.parse(json)).longValue("tensors"));
        CliRun.of("tokenize", source.toString(), "--text", "int").success();
    }

    @ParameterizedTest
    @CsvSource({
        "run, Complete",
        "chat, Chat",
        "bench, Bench",
        "perplexity, Perplexity",
        "quantize, Quantize",
        "shape, Shape",
        "convert, Convert",
        "tokenize, Tokenize"
    })
    void aCommandHasTheOptionsOfItsTool(String name, String tool) {
        String help = CliRun.of(name, "--help").success();
        List<String> declared = Lathe.find(tool).orElseThrow().options().stream()
                .map(CommandOption::name)
                .filter(option -> !option.equals("--chat")) // which run finds out itself
                .filter(option -> !option.equals("--model") || help.contains("[MODEL]"))
                .toList();
        assertTrue(declared.size() > 3, declared.toString());
        assertEquals(
                List.of(),
                declared.stream().filter(option -> !help.contains(option)).toList(),
                help);
    }

    @Test
    void everyCommandIsListedWithOneLine() {
        String help = CliRun.of("--help").success();
        for (String name :
                "run chat serve pull list bench perplexity quantize shape convert tokenize completion".split(" ")) {
            assertTrue(help.lines().anyMatch(line -> line.startsWith("  " + name + "  ")), name + " in " + help);
        }
        assertTrue(help.contains("2   wrong usage"), help);
        assertFalse(help.contains("\u001b["), "colours without a terminal");
        assertTrue(CliRun.of("--version").success().startsWith("lathe "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "2 | `` | Missing required subcommand; lathe --help lists what there is",
                "2 | nonsense | Unmatched argument at index 0: 'nonsense'; lathe --help lists what there is",
                "2 | run | MODEL is missing: give a file, a folder, or a name such as owner/repository; lathe run --help lists what there is",
                "2 | run MODEL a --prompt b | PROMPT is given twice; lathe run --help lists what there is",
                "2 | run MODEL a --model b | MODEL is given twice; lathe run --help lists what there is",
                "2 | run MODEL a --wrong | Unknown option: '--wrong'; lathe run --help lists what there is",
                "2 | run MODEL a --max-tokens ten | --max-tokens is \"ten\"; give an integer",
                "2 | run MODEL a --max-tokens | Missing required parameter for option '--max-tokens' (N); lathe run --help lists what there is",
                "1 | run nowhere.gguf a | nowhere.gguf is neither a file nor a folder nor a model's name such as owner/repository:Q4_K_M",
                "1 | chat MODEL | MODEL has no chat template; give --model a file of a chat model",
                "2 | quantize MODEL | Missing required parameter: 'OUT'; lathe quantize --help lists what there is",
                "1 | quantize MODEL /nowhere/b --type Q4_0 | /nowhere is no folder; give OUT a file in one that exists",
                "2 | serve | Missing required parameter: 'MODEL'; lathe serve --help lists what there is",
                "2 | serve MODEL --port x | Invalid value for option '--port': 'x' is not an int; lathe serve --help lists what there is",
                "2 | serve MODEL --port 70000 | port is 70000: expected 0 to 65535",
                "2 | serve MODEL --texts 0 | texts is 0: expected at least 1",
                "2 | serve MODEL --host 0.0.0.0 | host '0.0.0.0' can be reached from other machines: give an apiKey, or listen on 127.0.0.1",
                "2 | pull | Missing required parameter: 'NAME'; lathe pull --help lists what there is",
                "2 | pull ../a | '../a' is no model's name: expected a model's name such as owner/repository, owner/repository:Q4_K_M or owner/repository/file.gguf",
            })
    void wrongUsageIsOneSentenceWithItsCure(int status, String command, String message) {
        String[] words = Stream.of(command.replace("MODEL", CliRun.MODEL).split(" "))
                .filter(word -> !word.isEmpty())
                .toArray(String[]::new);
        CliRun run = CliRun.of(words);
        String expected = message.startsWith("MODEL has") ? message.replace("MODEL", CliRun.MODEL) : message;
        assertEquals(List.of(expected), run.errors());
        assertEquals(status, run.status());
        assertEquals("", run.out());
    }

    @Test
    void aBrokenFileIsOneSentenceToo() throws IOException {
        Path broken = Files.write(folder.resolve("broken.gguf"), new byte[100]);
        for (String command : List.of("run", "serve", "perplexity")) {
            CliRun run = command.equals("perplexity")
                    ? CliRun.of(command, broken.toString(), "--text", TEXT)
                    : CliRun.withInput("a", command, broken.toString());
            assertEquals(1, run.status());
            assertEquals(1, run.errors().size(), run.errors().toString());
        }
    }

    /** The draft model with a chat template. */
    private String chatModel() throws IOException {
        Path file = folder.resolve("chat.gguf");
        if (Files.notExists(file)) {
            try (GgufFile source = GgufFile.open(Path.of(CliRun.DRAFT))) {
                ModelEdit model = new ModelEdit(source);
                model.setMetadata(source.metadata().toBuilder()
                        .string(
                                "tokenizer.chat_template",
                                "{% for m in messages %}// {{ m.role }}: {{ m.content }}\n{% endfor %}")
                        .build());
                GgufWriter.to(file).copyOf(model).write();
            }
        }
        return file.toString();
    }
}
