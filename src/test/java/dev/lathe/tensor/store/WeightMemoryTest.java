package dev.lathe.tensor.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory of weights: where it lies, when it ends, and what is said where there is not enough. */
class WeightMemoryTest {
    @Test
    void segmentsAreZeroAndAligned() {
        try (WeightMemory memory = WeightMemory.open()) {
            for (long size : new long[] {1, 63, 64, 1000, 2 << 20, 5_000_000}) {
                MemorySegment segment = memory.allocate(size);
                assertEquals(size, segment.byteSize());
                assertEquals(0, segment.address() % 64);
                assertEquals(0, segment.get(ValueLayout.JAVA_BYTE, size - 1));
            }
        }
    }

    @Test
    void segmentsOfAllSizesLieApart() {
        Random random = new Random(1);
        try (WeightMemory memory = WeightMemory.open()) {
            List<MemorySegment> segments = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                long size = 1L << random.nextInt(10, 24);
                segments.add(memory.allocate(size + random.nextInt(100)).fill((byte) i));
            }
            for (int i = 0; i < segments.size(); i++) {
                byte[] expected = new byte[1024];
                Arrays.fill(expected, (byte) i);
                MemorySegment segment = segments.get(i);
                MemorySegment both = MemorySegment.ofArray(expected);
                assertEquals(-1, both.mismatch(segment.asSlice(0, 1024)));
                assertEquals(-1, both.mismatch(segment.asSlice(segment.byteSize() - 1024)));
            }
        }
    }

    @Test
    void whatIsClosedIsRefusedAndNotReadAgain() {
        WeightMemory memory = WeightMemory.open();
        MemorySegment segment = memory.allocate(128);
        memory.close();
        memory.close();
        assertThrows(IllegalStateException.class, () -> segment.get(ValueLayout.JAVA_INT, 0));
        assertThrows(IllegalStateException.class, () -> memory.allocate(1));
    }

    @Test
    void collectedMemoryOutlivesItsClosing() {
        MemorySegment segment;
        try (WeightMemory memory = WeightMemory.collected()) {
            segment = memory.allocate(128);
        }
        assertEquals(0, segment.get(ValueLayout.JAVA_INT, 0));
    }

    @Test
    void tooLargeModelsAreRefusedWithTheirSize() {
        AvailableMemory machine = new AvailableMemory(5_000_000, "the machine");
        WeightMemory.require(5_000_000, machine);
        String message = assertThrows(InsufficientMemoryException.class, () -> WeightMemory.require(7_000_000, machine))
                .getMessage();
        assertTrue(message.contains("need 7 MB, but the machine has 5 MB left"), message);
    }

    @Test
    void theTighterOfMachineAndContainerLimits(@TempDir Path group) throws IOException {
        Path machine = group.resolve("meminfo");
        Files.writeString(machine, "MemTotal:       2000 kB\nMemFree:        100 kB\nMemAvailable:    1000 kB\n");
        assertEquals(new AvailableMemory(1000 * 1024, "the machine"), AvailableMemory.of(machine, group));
        Files.writeString(group.resolve("memory.max"), "max\n");
        Files.writeString(group.resolve("memory.current"), "700\n");
        assertEquals(new AvailableMemory(1000 * 1024, "the machine"), AvailableMemory.of(machine, group));
        Files.writeString(group.resolve("memory.max"), "1000\n");
        assertEquals(new AvailableMemory(300, "the container"), AvailableMemory.of(machine, group));
        // the page cache is given back
        Files.writeString(group.resolve("memory.stat"), "anon 5\nactive_file 40\ninactive_file 200\n");
        assertEquals(new AvailableMemory(540, "the container"), AvailableMemory.of(machine, group));
        Path nowhere = group.resolve("nowhere");
        assertTrue(AvailableMemory.of(nowhere, nowhere).byteCount() > 1L << 60);
    }
}
