package dev.lathe.tools.shape;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.tools.ToolRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Packed weights at the command line. */
@Slow
class PackCommandTest {
    @TempDir
    private Path folder;

    @Test
    void whatPackKeepsCompleteStartsFrom() {
        String packed = folder.resolve("packed").toString();
        Path file = Path.of(ToolRun.of("Pack", "--packed", packed).success().strip());
        assertTrue(Files.isRegularFile(file), file.toString());
        String[] options = {"--prompt", "class A {", "--max-tokens", "8", "--temperature", "0", "--json"};
        String[] fromPacked = Arrays.copyOf(options, options.length + 2);
        fromPacked[options.length] = "--packed";
        fromPacked[options.length + 1] = packed;
        assertEquals(
                ToolRun.value(ToolRun.of("Complete", options).success(), "text"),
                ToolRun.value(ToolRun.of("Complete", fromPacked).success(), "text"));
    }
}
