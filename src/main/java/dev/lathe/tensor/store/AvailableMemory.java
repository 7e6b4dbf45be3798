package dev.lathe.tensor.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * How many bytes can be allocated without swapping, as Linux says: what is free, and what the page cache would give back.
 * Elsewhere nobody is refused.
 *
 * @param byteCount how many
 * @param where what limits them: the machine, or its container
 */
record AvailableMemory(long byteCount, String where) {
    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final Path GROUP = Path.of("/sys/fs/cgroup");

    static AvailableMemory ofMachine() {
        return of(MEMORY, GROUP);
    }

    /**
     * What the files say.
     *
     * @param memory as {@code /proc/meminfo}
     * @param group directory of a control group, version 2
     */
    static AvailableMemory of(Path memory, Path group) {
        long machine = number(memory, "MemAvailable:").orElse(Long.MAX_VALUE / 1024) * 1024;
        OptionalLong limit = number(group.resolve("memory.max"), "");
        OptionalLong used = number(group.resolve("memory.current"), "");
        if (limit.isPresent() && used.isPresent()) {
            long pageCache = number(group.resolve("memory.stat"), "inactive_file ")
                            .orElse(0)
                    + number(group.resolve("memory.stat"), "active_file ").orElse(0);
            long container = Math.max(0, limit.getAsLong() - used.getAsLong() + pageCache);
            if (container < machine) {
                return new AvailableMemory(container, "the container");
            }
        }
        return new AvailableMemory(machine, "the machine");
    }

    /** The number on the line that begins with a key; empty where there is none, such as in "max". */
    private static OptionalLong number(Path file, String key) {
        if (!Files.isReadable(file)) {
            return OptionalLong.empty();
        }
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(key))
                    .map(line -> line.substring(key.length()).strip().split(" ", 2)[0])
                    .filter(number -> number.matches("\\d{1,18}"))
                    .mapToLong(Long::parseLong)
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty(); // a limit that cannot be read is none
        }
    }
}
