package dev.lathe.lab.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory of this process, as Linux counts it. */
public final class ProcessMemory {
    private static final Path STATUS = Path.of("/proc/self/status");

    private ProcessMemory() {}

    /** The most bytes of memory that this process has held, weights and mapped files in memory included; 0 elsewhere. */
    public static long peakBytes() {
        return bytes("VmHWM:");
    }

    /** The bytes of memory that this process holds now, counted alike; 0 elsewhere. */
    public static long residentBytes() {
        return bytes("VmRSS:");
    }

    private static long bytes(String name) {
        if (!Files.isReadable(STATUS)) {
            return 0;
        }
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith(name))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        }
    }
}
