package dev.lathe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The completion script, in the shell that it is for. */
class CompletionTest {
    @TempDir
    private Path folder;

    @Test
    void bashCompletesCommandsOptionsAndFiles() throws Exception {
        Path script = folder.resolve("completion");
        Files.writeString(script, CliRun.of("completion").success());
        Files.createFile(folder.resolve("model.gguf"));
        assertEquals(List.of("perplexity"), completions(script, "lathe per"));
        assertEquals(List.of("--chat-template"), completions(script, "lathe serve --chat"));
        assertEquals(
                List.of("--type"),
                completions(script, "lathe quantize --t").stream()
                        .filter(word -> word.equals("--type"))
                        .toList());
        assertEquals(List.of("model.gguf"), completions(script, "lathe perplexity --base mod"));
    }

    private List<String> completions(Path script, String line) throws IOException, InterruptedException {
        String words = line + "\n";
        String program = "source " + script + "\n"
                + "COMP_WORDS=(" + line + ")\n"
                + "COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
                + "_complete_lathe\n"
                + "printf '%s\\n' \"${COMPREPLY[@]}\"\n";
        Process bash;
        try {
            bash = new ProcessBuilder("bash", "-c", program)
                    .directory(folder.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD) // compopt outside of a completion
                    .start();
        } catch (IOException absent) {
            assumeTrue(false, "no bash for " + words + ": " + absent.getMessage());
            return List.of();
        }
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, bash.waitFor(), said);
        return said.lines().toList();
    }
}
