package dev.lathe.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.lathe.OnEveryKernelSet;
import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import dev.lathe.tensor.pack.BlockSparseLoader;
import dev.lathe.tensor.pack.GroupSparseLoader;
import dev.lathe.tensor.pack.LinearLoader;
import dev.lathe.tensor.store.WeightMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Layers with absent weights: the sums of the dense layer with zeros, for every kernel set, number of rows and threads. */
@OnEveryKernelSet
class SparseLinearTest {
    @Property(tries = 200)
    void blocksThatAreAbsentAreZeros(
            @ForAll("types") TensorType type,
            @ForAll @IntRange(min = 1, max = 200) int outputs,
            @ForAll @IntRange(min = 1, max = 9) int blocks,
            @ForAll @IntRange(min = 1, max = 19) int rows,
            @ForAll long seed)
            throws IOException {
        Random random = new Random(seed);
        int width = type.blockSize() == 1 ? random.nextInt(1, 50) : Math.max(32, type.blockSize());
        int columns = width * blocks;
        BitSet present = new BitSet();
        int stripes = (outputs + 63) / 64;
        for (int i = 0; i < stripes * blocks; i++) {
            present.set(i, random.nextInt(3) > 0);
        }
        BlockMask mask = new BlockMask(outputs, columns, width, present);
        byte[] whole =
                RandomWeights.of(type, outputs, columns, random).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        int blockBytes = (int) type.byteCount(width);
        byte[] stored = new byte[mask.presentCount() * 64 * blockBytes];
        int at = 0;
        for (int stripe = 0; stripe < stripes; stripe++) {
            for (int block = 0; block < blocks; block++) {
                for (int row = stripe * 64; row < (stripe + 1) * 64; row++) {
                    int from = (row * blocks + block) * blockBytes;
                    if (mask.isPresent(stripe, block)) {
                        if (row < outputs) {
                            System.arraycopy(whole, from, stored, at, blockBytes);
                        }
                        at += blockBytes;
                    } else if (row < outputs) {
                        Arrays.fill(whole, from, from + blockBytes, (byte) 0);
                    }
                }
            }
        }
        MemorySegment bytes = MemorySegment.ofArray(stored);
        for (Kernels kernels : new Kernels[] {KernelChoice.best(), KernelChoice.scalar()}) {
            Linear dense = RandomWeights.pack(type, outputs, columns, MemorySegment.ofArray(whole), kernels);
            Linear sparse = BlockSparseLoader.pack(
                    "blocks",
                    type,
                    mask,
                    (from, count, arena) -> bytes.asSlice(from, count),
                    WeightMemory.collected(),
                    Workers.single(),
                    kernels);
            assertSameLayer(dense, sparse, rows, random);
        }
    }

    /** Alone, a row's zeros are skipped; beside another row they are not. */
    @Property(tries = 200)
    void zerosOfTheInputAddNothing(
            @ForAll("plainTypes") TensorType type,
            @ForAll @IntRange(min = 1, max = 200) int outputs,
            @ForAll @IntRange(min = 1, max = 300) int columns,
            @ForAll @IntRange(min = 0, max = 10) int zerosOfTen,
            @ForAll long seed) {
        Random random = new Random(seed);
        MemorySegment weights = RandomWeights.of(type, outputs, columns, random);
        Activations one = new Activations(1, columns);
        Activations two = new Activations(2, columns);
        for (int i = 0; i < columns; i++) {
            float zero = random.nextBoolean() ? 0f : -0f;
            float value = random.nextInt(10) < zerosOfTen ? zero : (float) random.nextGaussian();
            one.matrix().data()[i] = value;
            two.matrix().data()[columns + i] = value;
        }
        one.set(1);
        two.set(2);
        FloatMatrix alone = FloatMatrix.zeros(1, outputs);
        FloatMatrix together = FloatMatrix.zeros(2, outputs);
        for (Kernels kernels : new Kernels[] {KernelChoice.best(), KernelChoice.scalar()}) {
            Linear layer = RandomWeights.pack(type, outputs, columns, weights, kernels);
            layer.apply(one, alone, Workers.single());
            layer.apply(two, together, Workers.single());
            assertArrayEquals(Arrays.copyOfRange(together.data(), outputs, 2 * outputs), alone.data());
        }
    }

    @Provide
    Arbitrary<TensorType> plainTypes() {
        return Arbitraries.of(TensorType.F32, TensorType.F16, TensorType.BF16);
    }

    /** What is gathered for a token lies in memory that is held: less is allocated than half a row of bytes. */
    @Example
    void aTokenAllocatesNoRowsOfItsOwn() throws IOException {
        if (KernelChoice.best().name().startsWith("vector")) {
            return; // until they are compiled, the Vector API's vectors are objects that count too
        }
        int columns = 32_768;
        for (TensorType type : new TensorType[] {TensorType.Q8_0, TensorType.F16}) {
            BitSet present = new BitSet();
            for (int stripe = 0; stripe < 4; stripe++) {
                present.set(stripe * 8 + stripe, stripe * 8 + 2 * stripe + 1); // stripes of different widths
            }
            BlockMask mask = new BlockMask(256, columns, columns / 8, present);
            long stored = mask.presentCount() * 64 * type.byteCount(mask.columns());
            MemorySegment bytes = MemorySegment.ofArray(new byte[(int) stored]);
            Linear sparse = BlockSparseLoader.pack(
                    "sparse",
                    type,
                    mask,
                    (from, count, arena) -> bytes.asSlice(from, count),
                    WeightMemory.collected(),
                    Workers.single(),
                    KernelChoice.best());
            Activations input = new Activations(1, columns);
            FloatMatrix output = FloatMatrix.zeros(1, 256);
            ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long allocated = 0;
            for (int token = 0; token < 4; token++) {
                input.set(1);
                long before = thread.getCurrentThreadAllocatedBytes();
                sparse.apply(input, output, Workers.single());
                allocated = thread.getCurrentThreadAllocatedBytes() - before;
            }
            assertTrue(allocated < columns / 2, type + ": " + allocated + " bytes for a token");
        }
    }

    @Property(tries = 200)
    void weightsThatAreAbsentFromGroupsAreZeros(
            @ForAll @IntRange(min = 1, max = 140) int outputs,
            @ForAll @IntRange(min = 1, max = 12) int chunks,
            @ForAll @IntRange(min = 1, max = 3) int kept,
            @ForAll @IntRange(min = 1, max = 19) int rows,
            @ForAll long seed)
            throws IOException {
        Random random = new Random(seed);
        int columns = 16 * chunks;
        short[] weights = new short[outputs * columns / 4 * kept];
        byte[] places = new byte[weights.length];
        float[] whole = new float[outputs * columns];
        for (int group = 0; group < outputs * columns / 4; group++) {
            int[] order = random.ints(0, 4).distinct().limit(kept).sorted().toArray();
            for (int i = 0; i < kept; i++) {
                float weight = Float.float16ToFloat(Float.floatToFloat16((float) random.nextGaussian()));
                weights[group * kept + i] = Float.floatToFloat16(weight);
                places[group * kept + i] = (byte) order[i];
                whole[group * 4 + order[i]] = weight;
            }
        }
        MemorySegment bytes = MemorySegment.ofArray(whole);
        for (Kernels kernels : new Kernels[] {KernelChoice.best(), KernelChoice.scalar()}) {
            Linear dense = RandomWeights.pack(TensorType.F32, outputs, columns, bytes, kernels);
            Linear sparse = groups(outputs, columns, kept, weights, places, kernels);
            assertSameLayer(dense, sparse, rows, random);
        }
    }

    @Example
    void whatDoesNotFitIsRefused() throws IOException {
        BitSet present = new BitSet();
        assertThrows(IllegalArgumentException.class, () -> new BlockMask(64, 100, 32, present));
        present.set(4);
        assertThrows(IllegalArgumentException.class, () -> new BlockMask(64, 128, 32, present));
        short[] weights = new short[8];
        Kernels kernels = KernelChoice.scalar();
        byte[] ascending = {0, 1, 0, 3, 2, 3, 1, 2};
        assertEquals(
                20.0 / 16 * 64 * 8 * 2,
                groups(1, 16, 2, weights, ascending, kernels).byteCount());
        byte[] twice = {0, 1, 0, 3, 2, 2, 1, 2};
        assertThrows(IllegalArgumentException.class, () -> groups(1, 16, 2, weights, twice, kernels));
        byte[] beyond = {0, 1, 0, 4, 2, 3, 1, 2};
        assertThrows(IllegalArgumentException.class, () -> groups(1, 16, 2, weights, beyond, kernels));
        assertThrows(IllegalArgumentException.class, () -> groups(1, 12, 2, weights, ascending, kernels));
    }

    @Provide
    Arbitrary<TensorType> types() {
        return Arbitraries.of(LinearLoader.supportedTypes());
    }

    private static Linear groups(int outputs, int columns, int kept, short[] weights, byte[] places, Kernels kernels)
            throws IOException {
        return GroupSparseLoader.pack(
                "groups",
                outputs,
                columns,
                kept,
                () -> new GroupSparseLoader.Stored(weights, places),
                WeightMemory.collected(),
                kernels);
    }

    private static void assertSameLayer(Linear dense, Linear sparse, int rows, Random random) {
        assertEquals(dense.outputSize(), sparse.outputSize());
        assertEquals(dense.inputSize(), sparse.inputSize());
        float[] expected = new float[dense.inputSize()];
        float[] actual = new float[dense.inputSize()];
        for (int row = 0; row < dense.outputSize(); row++) {
            dense.readRow(row, expected, 0);
            sparse.readRow(row, actual, 0);
            assertSameNumbers(expected, actual);
        }
        Activations input = new Activations(rows, dense.inputSize());
        for (int i = 0; i < rows * dense.inputSize(); i++) {
            input.matrix().data()[i] = (float) random.nextGaussian();
        }
        input.set(rows);
        FloatMatrix whole = FloatMatrix.zeros(rows, dense.outputSize());
        FloatMatrix part = FloatMatrix.zeros(rows, dense.outputSize());
        dense.apply(input, whole, Workers.single());
        try (Workers workers = Workers.of(2)) {
            sparse.apply(input, part, workers);
        }
        assertSameNumbers(whole.data(), part.data());
    }

    /** The same bits, but for the sign of zero. */
    private static void assertSameNumbers(float[] expected, float[] actual) {
        int[] a = new int[expected.length];
        int[] b = new int[expected.length];
        for (int i = 0; i < a.length; i++) {
            a[i] = Float.floatToIntBits(expected[i] + 0f);
            b[i] = Float.floatToIntBits(actual[i] + 0f);
        }
        assertArrayEquals(a, b);
    }
}
