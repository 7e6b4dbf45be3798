package dev.lathe.tensor.kernel.machine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.tensor.kernel.FloatPlane;
import dev.lathe.tensor.kernel.FloatProduct;
import dev.lathe.tensor.kernel.FloatRows;
import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Products of plain numbers as machine code for every kind of processor, beside pages without access. */
class MachineFloatsTest {
    @Property(tries = 120)
    void tilesAtEitherEndOfMemoryHaveTheBitsOfPlainJava(
            @ForAll FloatPlane plane,
            @ForAll @IntRange(min = 1, max = 200) int outputs,
            @ForAll @IntRange(min = 0, max = 140) int columns,
            @ForAll @IntRange(min = 1, max = 27) int rows,
            @ForAll boolean atEnd,
            @ForAll boolean scaled,
            @ForAll long seed) {
        assumeTrue(KernelSets.ALL.size() > 1, "no machine code here");
        Random random = new Random(seed);
        int tiles = (outputs + 63) / 64;
        try (Arena arena = Arena.ofConfined()) {
            long size = (long) tiles * plane.columnBytes() * columns;
            MemorySegment weights =
                    atEnd ? GuardedMemory.endingAtGuard(size, arena) : GuardedMemory.beginningAtGuard(size, arena);
            for (long at = 0; at < size; at += 2) {
                short half = Float.floatToFloat16((float) random.nextGaussian());
                weights.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, half);
            }
            float[] values = new float[(rows + 3 & ~3) * columns];
            for (int i = 0; i < rows * columns; i++) {
                values[i] = (float) random.nextGaussian();
            }
            FloatRows x = new FloatRows(values, scaled);
            float[] expected = multiply(plane, weights, outputs, columns, KernelChoice.scalar(), x, rows);
            for (Kernels kernels : KernelSets.ALL) {
                assertArrayEquals(
                        expected, multiply(plane, weights, outputs, columns, kernels, x, rows), kernels.name());
            }
        }
    }

    /** Results stand in wider rows, of which nothing else may change. */
    private static float[] multiply(
            FloatPlane plane, MemorySegment weights, int outputs, int columns, Kernels kernels, FloatRows x, int rows) {
        int stride = outputs + 3;
        float[] out = new float[rows * stride];
        Arrays.fill(out, 7f);
        new FloatProduct(plane, weights, outputs, columns, kernels)
                .multiply(0, (outputs + 63) / 64, x, 0, rows, out, stride);
        return out;
    }
}
