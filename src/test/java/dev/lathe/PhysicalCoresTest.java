package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PhysicalCoresTest {
    @Test
    void siblingsCountOnce(@TempDir Path cpus) throws IOException {
        String[] siblings = {"0,2", "1,3", "0,2", "1,3"};
        for (int cpu = 0; cpu < siblings.length; cpu++) {
            Path topology = Files.createDirectories(cpus.resolve("cpu" + cpu + "/topology"));
            Files.writeString(topology.resolve("thread_siblings_list"), siblings[cpu] + "\n");
        }
        Files.createDirectories(cpus.resolve("cpufreq"));
        assertEquals(2, PhysicalCores.distinctCores(cpus));
        assertEquals(0, PhysicalCores.distinctCores(cpus.resolve("absent")));
    }

    @Test
    void thereIsOne() {
        assertTrue(PhysicalCores.count() >= 1);
        assertTrue(PhysicalCores.count() <= Runtime.getRuntime().availableProcessors());
    }
}
