package dev.lathe.tools.shape;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.compress.ModelEdit;
import dev.lathe.gguf.GgufFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The memory of a process that makes a real model smaller, started as people start it. Long runs shall stay below three
 * times the model as float32 and a gigabyte; this one is so short that a heap full of garbage would, too, so it has to
 * stay below half of that.
 */
@EnabledOnOs(OS.LINUX)
@Slow
class ShapingMemoryTest {
    private static final Path MODEL = Path.of("examples/models/lathe-java-f16.gguf");

    @TempDir
    private Path folder;

    @Test
    void garbageIsCollectedBeforeTheHeapGrows() throws Exception {
        long parameters;
        try (GgufFile file = GgufFile.open(MODEL)) {
            parameters = new ModelEdit(file).parameterCount();
        }
        Path errors = folder.resolve("errors");
        Process process = new ProcessBuilder(
                        "examples/run",
                        "Shape",
                        MODEL.toString(),
                        folder.resolve("small.gguf").toString(),
                        "--drop-layers",
                        "2",
                        "--calibration",
                        "LICENSE",
                        "--windows",
                        "1")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(errors.toFile())
                .start();
        long peak = 0;
        while (process.isAlive()) {
            peak = Math.max(peak, peakBytes(process.pid()));
            Thread.sleep(5);
        }
        assertEquals(0, process.exitValue(), Files.readString(errors));
        assertTrue(peak > 4 * parameters, "only " + peak + " bytes");
        assertTrue(peak < (3 * 4 * parameters + 1_000_000_000) / 2, peak + " bytes with " + parameters + " parameters");
    }

    /** The most that a process had in memory; 0 when it is gone. */
    private static long peakBytes(long process) {
        try {
            return Files.readAllLines(Path.of("/proc/" + process + "/status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }
}
