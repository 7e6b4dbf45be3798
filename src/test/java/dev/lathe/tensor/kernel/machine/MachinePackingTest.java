package dev.lathe.tensor.kernel.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.tensor.kernel.FloatPlane;
import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.LaneBits;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Machine code moves every bit to its place, and touches no byte beside rows and tiles. */
class MachinePackingTest {
    private static final int ROWS = IntegerPlane.ROWS;
    private static final int BLOCK = 0;

    private static MachinePacking packing(Target target, LaneBits bits, Arena arena) {
        assumeTrue(Processor.targets().contains(target), target + " is not on this machine");
        assumeTrue(
                MachinePacking.class.getModule().isNativeAccessEnabled(),
                "native access is not enabled: no machine code");
        return new MachinePacking(target, bits, new CodeMemory(arena));
    }

    /** Bits from anywhere, more of them in a few bytes as formats have it. */
    private static LaneBits anyBits(Random random) {
        int bytes = 4 + random.nextInt(200);
        int words = 1 + random.nextInt(40);
        int[] sources = new int[words * LaneBits.LANE];
        int[] constants = new int[words];
        boolean[] finite = new boolean[words];
        for (int word = 0; word < words; word++) {
            int from = random.nextInt(8 * bytes);
            int range = 1 + random.nextInt(8 * bytes - from);
            range = random.nextBoolean() ? Math.min(range, 32) : range;
            for (int bit = 0; bit < LaneBits.LANE; bit++) {
                sources[word * LaneBits.LANE + bit] = random.nextInt(9) == 0 ? -1 : from + random.nextInt(range);
            }
            constants[word] = random.nextBoolean() ? 0 : random.nextInt(1 << LaneBits.LANE);
            finite[word] = random.nextInt(6) == 0;
        }
        return new LaneBits(bytes, words, sources, constants, finite, false);
    }

    @ParameterizedTest
    @EnumSource
    void everyBitComesToItsPlace(Target target) {
        Random random = new Random(5);
        for (int round = 0; round < 60; round++) {
            LaneBits bits = anyBits(random);
            int blocks = round % 10 == 0 ? 2048 / bits.words() + 1 + random.nextInt(9) : 1 + random.nextInt(5);
            int rowBytes = blocks * bits.blockBytes();
            try (Arena arena = Arena.ofConfined()) {
                boolean atEnd = random.nextBoolean();
                MemorySegment rows = guarded(atEnd, (long) ROWS * rowBytes, arena);
                MemorySegment tile = guarded(atEnd, (long) blocks * bits.words() * IntegerPlane.WORD_BYTES, arena);
                byte[] all = new byte[ROWS * rowBytes];
                random.nextBytes(all);
                MemorySegment.copy(all, 0, rows, ValueLayout.JAVA_BYTE, 0, all.length);
                boolean isFine = packing(target, bits, arena).pack(rows, rowBytes, tile);
                assertEquals(isFine, assertTile(bits, all, rowBytes, tile));
            }
        }
    }

    private static MemorySegment guarded(boolean atEnd, long size, Arena arena) {
        return atEnd ? GuardedMemory.endingAtGuard(size, arena) : GuardedMemory.beginningAtGuard(size, arena);
    }

    /** Compares a tile; returns whether all numbers that must be finite are. */
    private static boolean assertTile(LaneBits bits, byte[] rows, int rowBytes, MemorySegment tile) {
        boolean isFinite = true;
        for (int row = 0; row < ROWS; row++) {
            for (int block = 0; block < rowBytes / bits.blockBytes(); block++) {
                int at = row * rowBytes + block * bits.blockBytes();
                byte[] bytes = Arrays.copyOfRange(rows, at, at + bits.blockBytes());
                for (int word = 0; word < bits.words(); word++) {
                    int expected = bits.lane(bytes, word);
                    assertEquals(expected, IntegerPlane.half(tile, BLOCK, block * bits.words() + word, row));
                    isFinite &= !bits.finite()[word] || (expected & 0x7c00) != 0x7c00;
                }
            }
        }
        return isFinite;
    }

    @ParameterizedTest
    @EnumSource
    void everyHalfIsRebasedAsJavaDoes(Target target) {
        try (Arena arena = Arena.ofConfined()) {
            MachinePacking packing = packing(target, LaneBits.ofHalves(true), arena);
            int columns = 4;
            MemorySegment rows = arena.allocate((long) ROWS * columns * Short.BYTES);
            MemorySegment tile = arena.allocate((long) columns * IntegerPlane.WORD_BYTES);
            for (int first = 0; first < 1 << 16; first += ROWS * columns) {
                boolean isSmall = true;
                for (int i = 0; i < ROWS * columns; i++) {
                    rows.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) (first + i));
                    isSmall &= FloatPlane.rebase((short) (first + i)) >= 0;
                }
                assertEquals(isSmall, packing.pack(rows, columns * Short.BYTES, tile));
                for (int i = 0; i < ROWS * columns && isSmall; i++) {
                    int expected = FloatPlane.rebase((short) (first + i)) & 0xffff;
                    assertEquals(expected, IntegerPlane.half(tile, BLOCK, i % columns, i / columns));
                }
            }
        }
    }

    @Test
    void oneWrongNumberIsFoundInEveryRow() {
        try (Arena arena = Arena.ofConfined()) {
            int[] sources = new int[32];
            Arrays.setAll(sources, i -> i);
            LaneBits bits = new LaneBits(4, 2, sources, new int[2], new boolean[] {false, true}, false);
            for (Target target : Processor.targets()) {
                MachinePacking packing = packing(target, bits, arena);
                MemorySegment rows = arena.allocate(4L * ROWS);
                MemorySegment tile = arena.allocate(2L * IntegerPlane.WORD_BYTES);
                for (int row = 0; row < ROWS; row++) {
                    rows.setAtIndex(ValueLayout.JAVA_INT, row, 0x7fff_7c00);
                    assertFalse(packing.pack(rows, 4, tile));
                    rows.setAtIndex(ValueLayout.JAVA_INT, row, 0x7bff_7fff);
                    assertTrue(packing.pack(rows, 4, tile));
                }
                assertThrows(IndexOutOfBoundsException.class, () -> packing.pack(rows.asSlice(4), 4, tile));
                assertThrows(IllegalArgumentException.class, () -> packing.pack(rows, 4, tile.asSlice(4)));
                assertThrows(IllegalArgumentException.class, () -> packing.pack(rows, 5, tile));
            }
        }
    }
}
