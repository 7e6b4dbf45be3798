package dev.lathe.tensor.kernel.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.figures.Stopwatch;
import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.kernel.ProductKernel;
import dev.lathe.tensor.kernel.QuantizedActivations;
import dev.lathe.tensor.kernel.QuantizedProduct;
import dev.lathe.tensor.kernel.TileLayout;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.LongFunction;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Products as machine code for every kind of processor that this one can act as: the bits of plain Java, and no byte beside. */
class MachineProductTest {
    private static final int BLOCKS = 8; // a super-block
    private static final Map<Target, Kernels> SETS = new EnumMap<>(Target.class);

    private static final Map<Trials.Shape, Map<Target, Kernels>> SHAPED = new HashMap<>();

    static {
        if (MachineProductTest.class.getModule().isNativeAccessEnabled()) {
            Processor.targets().forEach(target -> SETS.put(target, new MachineKernels(target, KernelChoice::scalar)));
            for (Trials.Shape shape : Trials.SHAPES) {
                Map<Target, Kernels> sets = new EnumMap<>(Target.class);
                Processor.targets()
                        .forEach(target -> sets.put(
                                target,
                                new MachineKernels(
                                        target,
                                        KernelChoice::scalar,
                                        () -> new Trials(Stopwatch.system(), Optional.of(shape)),
                                        new CodeMemory(Arena.ofAuto()))));
                SHAPED.put(shape, sets);
            }
        }
    }

    @Provide
    Arbitrary<TileLayout> layouts() {
        return Arbitraries.of(Layouts.ALL);
    }

    @Property(tries = 250)
    void everyLayoutAndNumberOfRowsHasTheBitsOfPlainJava(
            @ForAll("layouts") TileLayout layout,
            @ForAll @IntRange(min = 1, max = 200) int outputs,
            @ForAll @IntRange(min = 1, max = 20) int someBlocks,
            @ForAll @IntRange(min = 1, max = 45) int rows,
            @ForAll boolean atEnd,
            @ForAll long seed) {
        try (Arena arena = Arena.ofConfined()) {
            Product product = Product.random(
                    layout,
                    outputs,
                    someBlocks,
                    rows,
                    size -> atEnd
                            ? GuardedMemory.endingAtGuard(size, arena)
                            : GuardedMemory.beginningAtGuard(size, arena),
                    new Random(seed));
            product.assertSameFrom(SETS, rows);
        }
    }

    @Property(tries = 20)
    void rowsInSlicesHaveTheBitsOfPlainJava(
            @ForAll("layouts") TileLayout layout,
            @ForAll @IntRange(min = 1, max = 400) int outputs,
            @ForAll @IntRange(min = 1, max = 9) int someBlocks,
            @ForAll @IntRange(min = 25, max = 520) int rows,
            @ForAll @IntRange(min = 1, max = 10) int slice,
            @ForAll long seed) {
        Product product = Product.random(layout, outputs, someBlocks, rows, Product::collected, new Random(seed));
        product.assertSameFrom(SETS, ProductKernel.ROW_MULTIPLE * slice);
    }

    @Property(tries = 60)
    void productsOfEveryShapeHaveTheBitsOfPlainJava(
            @ForAll("layouts") TileLayout layout,
            @ForAll @IntRange(min = 1, max = 700) int outputs,
            @ForAll @IntRange(min = 1, max = 70) int someBlocks,
            @ForAll @IntRange(min = 33, max = 50) int rows,
            @ForAll long seed) {
        Random random = new Random(seed);
        Product product = Product.random(layout, outputs, someBlocks, rows, Product::collected, random);
        product.assertSameFrom(SHAPED.get(Trials.SHAPES.get(random.nextInt(Trials.SHAPES.size()))), rows);
    }

    /** Weights and activations, which every set of kernels multiplies to the same bits. */
    private record Product(TileLayout layout, int outputs, int blocks, MemorySegment weights, int rows, float[] x) {
        /** {@code memory} gives what holds the weights, of so many bytes. */
        static Product random(
                TileLayout layout,
                int outputs,
                int someBlocks,
                int rows,
                LongFunction<MemorySegment> memory,
                Random random) {
            assumeTrue(!SETS.isEmpty(), "no machine code here");
            int blocks = layout.superBytes() > 0 ? (someBlocks / 8 + 1) * 8 : someBlocks;
            int tiles = (outputs + 63) / 64;
            MemorySegment weights = memory.apply(tiles * layout.tileBytes(blocks));
            Layouts.fill(layout, weights, tiles, blocks, random);
            return new Product(layout, outputs, blocks, weights, rows, activations(rows, 32 * blocks, random));
        }

        static MemorySegment collected(long byteCount) {
            return Arena.ofAuto().allocate(byteCount, 64);
        }

        /** {@code slice} rows at a time have the bits of plain Java. */
        void assertSameFrom(Map<Target, Kernels> sets, int slice) {
            float[] expected = of(KernelChoice.scalar(), rows);
            sets.forEach((target, kernels) -> assertBits(expected, of(kernels, slice), layout + " " + target));
        }

        /** Results stand in wider rows, of which nothing else may change. */
        private float[] of(Kernels kernels, int slice) {
            QuantizedProduct product = new QuantizedProduct(layout, weights, outputs, 32 * blocks, kernels);
            QuantizedActivations quantized = new QuantizedActivations(rows + 3 & ~3, 32 * blocks);
            product.quantize(x, 0, quantized, 0, rows);
            quantized.derive(product, rows);
            int stride = outputs + 3;
            float[] out = new float[rows * stride];
            Arrays.fill(out, 7f);
            int tiles = (outputs + 63) / 64;
            for (int row = 0; row < rows; row += slice) {
                int end = Math.min(rows, row + slice);
                product.multiply(0, tiles / 2, quantized, rows, row, end, out, stride);
                product.multiply(tiles / 2, tiles, quantized, rows, row, end, out, stride);
            }
            return out;
        }
    }

    private static float[] activations(int rows, int columns, Random random) {
        float[] x = new float[rows * columns];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        int block = random.nextInt(x.length / 32);
        switch (random.nextInt(4)) {
            case 0 -> Arrays.fill(x, 32 * block, 32 * block + 32, 0f);
            case 1 -> Arrays.fill(x, 32 * block, 32 * block + 32, -3f); // sums as large as they get
            case 2 -> x[32 * block + 5] = Float.POSITIVE_INFINITY;
            default -> Arrays.fill(x, 3f);
        }
        return x;
    }

    private static void assertBits(float[] expected, float[] actual, String what) {
        for (int i = 0; i < expected.length; i++) {
            int at = i;
            assertEquals(
                    Float.floatToIntBits(expected[i]), Float.floatToIntBits(actual[i]), () -> what + ", result " + at);
        }
    }

    @Test
    void everyRoutineKeepsToItsMemory() {
        assumeTrue(!SETS.isEmpty(), "no machine code here");
        for (Target target : SETS.keySet()) {
            for (TileLayout layout : Layouts.ALL) {
                keepsToItsMemory(target, layout);
            }
        }
    }

    private static void keepsToItsMemory(Target target, TileLayout layout) {
        packedKeepsToItsMemory(target, layout);
        unpackedKeepsToItsMemory(target, layout);
    }

    private static void packedKeepsToItsMemory(Target target, TileLayout layout) {
        ByteDot dot = ByteDot.packed(target, layout);
        PanelForm form = new PanelForm(layout, dot);
        ProductCode code = new ProductCode(target, layout, dot, form);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment weights = GuardedMemory.endingAtGuard(2 * layout.tileBytes(BLOCKS), arena);
            for (int rows = 1; rows <= ProductCode.mostPackedRows(target); rows++) {
                MemorySegment panel = panel(form, rows, arena);
                MemorySegment results = GuardedMemory.endingAtGuard(4L * rows * 128, arena);
                MemorySegment work = GuardedMemory.endingAtGuard(ProductCode.workBytes(rows), arena);
                int loops = layout.superBytes() > 0 ? 1 : BLOCKS;
                new CodeMemory(arena)
                        .install(code.packed(rows))
                        .call(panel, results, work, weights, 2, loops, 4 * 128, 0);
            }
        }
    }

    private static void unpackedKeepsToItsMemory(Target target, TileLayout layout) {
        ByteDot dot = ByteDot.unpacked(target, layout);
        PanelForm form = new PanelForm(layout, dot);
        ProductCode code = new ProductCode(target, layout, dot, form);
        MemorySegment none = MemorySegment.NULL;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment tile = GuardedMemory.endingAtGuard(layout.tileBytes(BLOCKS), arena);
            MemorySegment blocks =
                    GuardedMemory.endingAtGuard((long) BLOCKS * UnpackedTile.blockBytes(layout, dot), arena);
            long scales = layout.scalesOffset(0);
            long back = scales - layout.superScalesOffset(0);
            new CodeMemory(arena)
                    .install(code.unpack())
                    .call(none, none, blocks, tile.asSlice(scales), back, BLOCKS, 0, 0);
            for (int rows = 1; rows <= ProductCode.mostUnpackedRows(target); rows++) {
                MemorySegment panel = panel(form, rows, arena);
                MemorySegment work = GuardedMemory.endingAtGuard(4L * rows * 64, arena);
                for (boolean first : new boolean[] {true, false}) {
                    new CodeMemory(arena)
                            .install(code.unpacked(rows, first))
                            .call(panel, work, blocks, work, 1, BLOCKS, panel.byteSize(), 4 * 64);
                }
            }
        }
    }

    private static MemorySegment panel(PanelForm form, int rows, Arena arena) {
        MemorySegment panel = GuardedMemory.endingAtGuard((long) form.blockBytes(rows) * BLOCKS, arena);
        copyRows(form, panel, rows, BLOCKS, arena);
        return panel;
    }

    private static void copyRows(PanelForm form, MemorySegment panel, int rows, int blocks, Arena arena) {
        MachineCode copy = new CodeMemory(arena).install(PanelCode.copyRows(form));
        MemorySegment values = GuardedMemory.endingAtGuard(32L * blocks * rows, arena);
        MemorySegment scales = GuardedMemory.endingAtGuard(4L * blocks * rows, arena);
        MemorySegment sums = GuardedMemory.endingAtGuard(8L * blocks * rows, arena);
        copy.call(values, scales, sums, panel, rows, blocks, 0, rows);
        for (int row = 0; row < rows; row++) {
            MemorySegment rowValues = values.asSlice(32L * blocks * row);
            MemorySegment rowScales = scales.asSlice(4L * blocks * row);
            copy.call(rowValues, rowScales, sums.asSlice(8L * blocks * row), panel, 1, blocks, row, rows);
        }
    }

    @Test
    void shapesThatDoNotFitNeverReachTheCode() {
        assumeTrue(!SETS.isEmpty(), "no machine code here");
        TileLayout layout = Layouts.ALL.getFirst();
        Kernels kernels = SETS.values().iterator().next();
        QuantizedActivations x = new QuantizedActivations(4, 64);
        MemorySegment tile = Arena.ofAuto().allocate(layout.tileBytes(2), 64);
        QuantizedProduct product = new QuantizedProduct(layout, tile, 64, 64, kernels);
        x.derive(product, 4);
        assertThrows(IndexOutOfBoundsException.class, () -> product.multiply(0, 2, x, 4, new float[512], 64));
        assertThrows(IndexOutOfBoundsException.class, () -> product.multiply(0, 1, x, 4, new float[255], 64));
        assertThrows(IndexOutOfBoundsException.class, () -> product.multiply(0, 1, x, 5, new float[512], 64));
        x.derive(product, 4);
        assertThrows(IllegalArgumentException.class, () -> product.multiply(0, 1, x, 4, 1, 4, new float[512], 64));
        assertThrows(IndexOutOfBoundsException.class, () -> product.multiply(0, 1, x, 4, 0, 5, new float[512], 64));
        QuantizedProduct wider = new QuantizedProduct(layout, tile, 64, 96, kernels);
        assertThrows(RuntimeException.class, () -> wider.multiply(0, 1, x, 1, new float[64], 64));
    }

    @Test
    void codeComesAndGoes() {
        assumeTrue(!SETS.isEmpty(), "no machine code here");
        for (int i = 0; i < 10_000; i++) {
            try (Arena arena = Arena.ofConfined()) {
                new CodeMemory(arena).check();
            }
        }
    }
}
