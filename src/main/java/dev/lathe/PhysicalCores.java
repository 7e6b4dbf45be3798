package dev.lathe;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** How many threads are worth computing with: two on one core share its arithmetic. */
final class PhysicalCores {
    private static final Path LINUX_CPUS = Path.of("/sys/devices/system/cpu");

    private PhysicalCores() {}

    /** The machine's cores, at most the processors that this virtual machine may use. */
    static int count() {
        int processors = Runtime.getRuntime().availableProcessors();
        try {
            int cores = distinctCores(LINUX_CPUS);
            return cores == 0 ? processors : Math.min(cores, processors);
        } catch (IOException unreadable) {
            return processors;
        }
    }

    /** Cores by Linux's list of each processor's siblings; 0 where there is none. */
    static int distinctCores(Path cpus) throws IOException {
        Set<String> siblings = new HashSet<>();
        if (Files.isDirectory(cpus)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(cpus, "cpu[0-9]*")) {
                for (Path cpu : entries) {
                    Path list = cpu.resolve("topology/thread_siblings_list");
                    if (Files.isReadable(list)) {
                        siblings.add(Files.readString(list).strip());
                    }
                }
            }
        }
        return siblings.size();
    }
}
