package dev.lathe.lab.choose;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.lab.choose.Variants.Variant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class VariantsTest {
    private static final Variants THREE = new Variants(List.of(
            new Variant("F16", 1.0, 1600, 0.02, 2, 10, 1600),
            new Variant("Q8_0", 1.001, 800, 0.01, 1, 5, 800),
            new Variant("Q4_0", 1.1, 400, 0.005, 0.5, 3, 400)));

    @Test
    void theSmallestThatIsGoodEnoughIsChosen() {
        assertEquals("Q4_0", THREE.smallestSufficient(1.2).orElseThrow().name());
        assertEquals("Q8_0", THREE.smallestSufficient(1.05).orElseThrow().name());
        assertEquals(Optional.empty(), THREE.smallestSufficient(0.9));
        assertEquals("Q8_0", THREE.best(1000, 1).orElseThrow().name());
        assertEquals("Q4_0", THREE.best(5000, 0.006).orElseThrow().name());
        assertEquals(Optional.empty(), THREE.best(100, 1));
        assertTrue(THREE.table().text().contains("Q8_0"));
        assertThrows(IllegalArgumentException.class, () -> new Variants(List.of()));
    }

    @Test
    void theLeastEnergyIsChosenAmongThoseThatAreGoodEnough() {
        Variants variants = new Variants(List.of(
                new Variant("small", 1.0, 400, 0.02, 3, 0, 400),
                new Variant("frugal", 1.0, 800, 0.01, 1, 0, 800),
                new Variant("poor", 2.0, 200, 0.01, 0.1, 0, 200)));

        assertEquals("frugal", variants.leastEnergy(1.5).orElseThrow().name());
        assertEquals("poor", variants.leastEnergy(2).orElseThrow().name());
        assertEquals(Optional.empty(), variants.leastEnergy(0.5));
    }

    @Property
    void aDevicesKindNeverNeedsMoreThanItHas(
            @ForAll @LongRange(min = 500_000_000, max = 1L << 40) long memory,
            @ForAll @IntRange(min = 1, max = 200) int cores) {
        DevicePreset preset = DevicePreset.of(memory, cores);

        assertTrue(preset.memoryBytes() <= memory && preset.cores() <= cores);
        assertTrue(preset.modelBytes(memory) < memory);
        assertTrue(
                preset.contextLength() <= DevicePreset.of(2 * memory, 2 * cores).contextLength());
    }

    @Test
    void kindsOfDevicesAreFoundByMemoryAndCores() {
        assertEquals("laptop", DevicePreset.of(24_000_000_000L, 2).name());
        assertEquals("server", DevicePreset.of(256_000_000_000L, 64).name());
        assertThrows(IllegalArgumentException.class, () -> DevicePreset.of(1000, 1));
    }

    @Property
    void whatIsNotOnTheFrontIsBeatenByOneThatIs(@ForAll long seed) {
        Random random = new Random(seed);
        Variants variants = new Variants(IntStream.range(0, 12)
                .mapToObj(i -> new Variant(
                        "v" + i, random.nextInt(4), random.nextInt(4), random.nextInt(4), random.nextInt(4), 0, 0))
                .toList());
        List<Variant> front = variants.front();

        assertFalse(front.isEmpty());
        for (Variant variant : variants.all()) {
            boolean beaten = front.stream()
                    .anyMatch(other -> other.loss() <= variant.loss()
                            && other.bytes() <= variant.bytes()
                            && other.secondsPerToken() <= variant.secondsPerToken()
                            && other.joulesPerToken() <= variant.joulesPerToken());
            assertTrue(beaten);
        }
    }
}
