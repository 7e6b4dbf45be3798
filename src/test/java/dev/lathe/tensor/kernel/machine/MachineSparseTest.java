package dev.lathe.tensor.kernel.machine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.tensor.kernel.GroupSparseProduct;
import dev.lathe.tensor.kernel.SparseKernels;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Group-sparse tiles as machine code for every kind of processor that this one can act as, beside pages without access. */
class MachineSparseTest {
    private static final Map<Target, SparseKernels> SETS = new EnumMap<>(Target.class);

    static {
        if (MachineSparseTest.class.getModule().isNativeAccessEnabled()) {
            Processor.targets()
                    .forEach(target -> SETS.put(target, new MachineKernels(target, KernelChoice::scalar).sparse()));
        }
    }

    /** Any bits are a weight, and every nibble one of its group's columns. */
    private static void fill(MemorySegment tile, int chunks, int kept, Random random) {
        for (long at = 0; at < tile.byteSize(); at += 2) {
            short half = random.nextInt(9) == 0 ? (short) random.nextInt() : Float.floatToFloat16(random.nextFloat());
            tile.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, half);
        }
        for (int chunk = 0; chunk < chunks; chunk++) {
            for (int i = 0; i < GroupSparseProduct.GROUP * kept; i += 4) { // four nibbles
                for (int lane = 0; lane < 64; lane++) {
                    int nibbles = 0;
                    for (int n = 0; n < 4; n++) {
                        nibbles |= (((i + n) / kept * 4) | random.nextInt(4)) << 4 * n;
                    }
                    long at = (long) chunk * GroupSparseProduct.chunkBytes(kept) + i / 4 * 128L + 2L * lane;
                    tile.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) nibbles);
                }
            }
        }
    }

    @Property(tries = 150)
    void everyTileHasTheBitsOfPlainJava(
            @ForAll @IntRange(min = 0, max = 20) int chunks,
            @ForAll @IntRange(min = 1, max = 3) int kept,
            @ForAll boolean atEnd,
            @ForAll long seed) {
        assumeTrue(!SETS.isEmpty(), "no machine code here");
        compare(chunks, kept, atEnd, new Random(seed));
    }

    @Test
    void tilesOfMoreThanOneCallHaveThemToo() {
        assumeTrue(!SETS.isEmpty(), "no machine code here");
        for (int chunks : new int[] {1023, 1024, 1025, 2049}) {
            compare(chunks, 2, true, new Random(chunks));
        }
    }

    private static void compare(int chunks, int kept, boolean atEnd, Random random) {
        int offset = random.nextInt(5);
        float[] x = new float[offset + 16 * chunks];
        for (int i = 0; i < x.length; i++) {
            x[i] = random.nextInt(20) == 0 ? -0f : (float) random.nextGaussian();
        }
        try (Arena arena = Arena.ofConfined()) {
            long size = (long) chunks * GroupSparseProduct.chunkBytes(kept);
            MemorySegment tile =
                    atEnd ? GuardedMemory.endingAtGuard(size, arena) : GuardedMemory.beginningAtGuard(size, arena);
            fill(tile, chunks, kept, random);
            float[] expected = new float[64];
            KernelChoice.scalar().sparse().groupRow(tile, 0, chunks, kept, x, offset, expected);
            SETS.forEach((target, kernels) -> {
                float[] out = new float[64];
                out[3] = 5;
                kernels.groupRow(tile, 0, chunks, kept, x, offset, out);
                assertArrayEquals(expected, out, target.toString());
            });
        }
    }

    @Test
    void whatIsNotThereIsNotRead() {
        assumeTrue(!SETS.isEmpty(), "no machine code here");
        MemorySegment tile = Arena.ofAuto().allocate(2L * GroupSparseProduct.chunkBytes(1));
        SETS.values().forEach(kernels -> {
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> kernels.groupRow(tile, 0, 3, 1, new float[48], 0, new float[64]));
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> kernels.groupRow(tile, 0, 2, 1, new float[31], 0, new float[64]));
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> kernels.groupRow(tile, 0, 2, 1, new float[32], 0, new float[63]));
        });
    }
}
