package dev.lathe.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PowercapMeterTest {
    @TempDir
    private Path root;

    private Path zone(String name, long energy, long range) throws IOException {
        Path zone = Files.createDirectories(root.resolve(name));
        Files.writeString(zone.resolve("energy_uj"), energy + "\n");
        Files.writeString(zone.resolve("max_energy_range_uj"), range + "\n");
        return zone.resolve("energy_uj");
    }

    @Test
    void sumsPackagesAndGoesOnWhereACounterStartsAgain() throws IOException {
        Path first = zone("intel-rapl:0", 1_000_000, 9_000_000);
        Path second = zone("intel-rapl:1", 8_500_000, 9_000_000);
        zone("intel-rapl:0:0", 77, 100); // a part of the first
        EnergyMeter meter = PowercapMeter.open(root);
        assertEquals(0, meter.joules());
        Files.writeString(first, "3500000\n");
        assertEquals(2.5, meter.joules(), 1e-9);
        Files.writeString(second, "1000000\n");
        assertEquals(4, meter.joules(), 1e-9);
        assertEquals(4, meter.joules(), 1e-9);
        Files.delete(first);
        assertThrows(UncheckedIOException.class, meter::joules);
    }

    @Test
    void saysWhatIsMissingWhereNothingCanBeRead() throws IOException {
        for (Path none : new Path[] {root, root.resolve("absent")}) {
            UnsupportedOperationException refused =
                    assertThrows(UnsupportedOperationException.class, () -> PowercapMeter.open(none));
            assertTrue(refused.getMessage().contains("energy_uj"), refused.getMessage());
            assertTrue(refused.getMessage().contains("a meter of your own"), refused.getMessage());
        }
        zone("intel-rapl:0", 1, 10);
        Files.writeString(root.resolve("intel-rapl:0/energy_uj"), "much");
        assertThrows(UnsupportedOperationException.class, () -> PowercapMeter.open(root));
    }
}
