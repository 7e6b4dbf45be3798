package dev.lathe.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import dev.lathe.tensor.kernel.machine.KernelSets;
import dev.lathe.tensor.pack.LinearLoader;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Products of every weight type: the same bits for every kernel set, number of rows and threads. */
@OnEveryKernelSet
class LinearTest {
    @Property(tries = 300)
    void everyKernelSetRowCountAndThreadCountGivesTheSameBits(
            @ForAll("types") TensorType type,
            @ForAll @IntRange(min = 1, max = 140) int outputs,
            @ForAll @IntRange(min = 1, max = 40) int blocks,
            @ForAll @IntRange(min = 1, max = 21) int rows,
            @ForAll long seed) {
        Random random = new Random(seed);
        int columns = columns(type, blocks, random);
        MemorySegment bytes = RandomWeights.of(type, outputs, columns, random);
        Linear vector = RandomWeights.pack(type, outputs, columns, bytes, KernelSets.any(seed));
        Linear scalar = RandomWeights.pack(type, outputs, columns, bytes, KernelChoice.scalar());
        float[] x = activations(rows, columns, random);
        float[] expected = rowByRow(scalar, x, rows, columns);
        assertSameBits(expected, apply(scalar, x, rows, Workers.single()));
        assertSameBits(expected, apply(vector, x, rows, Workers.single()));
        try (Workers two = Workers.of(2)) {
            assertSameBits(expected, apply(vector, x, rows, two));
        }
    }

    /** Machine code takes some 2000 columns of plain numbers in a call. */
    @Property(tries = 40)
    void longRowsOfPlainNumbersHaveTheBitsOfPlainJava(
            @ForAll("plainTypes") TensorType type,
            @ForAll @IntRange(min = 1, max = 70) int outputs,
            @ForAll @IntRange(min = 2040, max = 4110) int columns,
            @ForAll @IntRange(min = 1, max = 20) int rows,
            @ForAll long seed) {
        Random random = new Random(seed);
        MemorySegment bytes = RandomWeights.of(type, outputs, columns, random);
        float[] x = activations(rows, columns, random);
        Linear layer = RandomWeights.pack(type, outputs, columns, bytes, KernelSets.any(seed));
        Linear scalar = RandomWeights.pack(type, outputs, columns, bytes, KernelChoice.scalar());
        assertSameBits(apply(scalar, x, rows, Workers.single()), apply(layer, x, rows, Workers.single()));
    }

    private static float[] rowByRow(Linear layer, float[] x, int rows, int columns) {
        int outputs = layer.outputSize();
        float[] all = new float[rows * outputs];
        for (int row = 0; row < rows; row++) {
            float[] one = apply(layer, slice(x, row, columns), 1, Workers.single());
            System.arraycopy(one, 0, all, row * outputs, outputs);
        }
        return all;
    }

    @Property(tries = 60)
    void manyRowsSharedOutBySlicesOfTilesHaveTheBitsOfEachRowAlone(
            @ForAll("types") TensorType type,
            @ForAll @IntRange(min = 1, max = 400) int outputs,
            @ForAll @IntRange(min = 100, max = 420) int rows,
            @ForAll @IntRange(min = 2, max = 5) int threads,
            @ForAll long seed) {
        Random random = new Random(seed);
        int columns = columns(type, 1, random);
        Linear layer = random(type, outputs, columns, random);
        float[] x = activations(rows, columns, random);
        float[] expected = rowByRow(layer, x, rows, columns);
        assertSameBits(expected, apply(layer, x, rows, Workers.single()));
        try (Workers workers = Workers.of(threads)) {
            assertSameBits(expected, apply(layer, x, rows, workers));
        }
    }

    @Property(tries = 100)
    void everyOutputIsTheLawOfItsTypeWrittenOutPlainly(
            @ForAll("types") TensorType type,
            @ForAll @IntRange(min = 1, max = 70) int outputs,
            @ForAll @IntRange(min = 1, max = 18) int blocks,
            @ForAll long seed) {
        Random random = new Random(seed);
        int columns = columns(type, blocks, random);
        Linear layer = RandomWeights.pack(
                type, outputs, columns, RandomWeights.of(type, outputs, columns, random), KernelChoice.best());
        float[] x = activations(1, columns, random);
        float[] result = apply(layer, x, 1, Workers.single());
        float[] row = new float[columns];
        boolean isQuantized = layer instanceof QuantizedLinear;
        for (int output = 0; output < outputs; output++) {
            layer.readRow(output, row, 0);
            double sum = 0;
            double magnitude = 0;
            for (int i = 0; i < columns; i++) {
                double a = isQuantized ? quantizedActivation(x, i) : x[i];
                sum += a * row[i];
                magnitude += Math.abs(a * row[i]);
            }
            // float additions only: an error relative to the sum of magnitudes, minima included
            assertEquals(sum, result[output], 1e-5 * magnitude + 1e-30, () -> type + " " + outputs + " x " + columns);
        }
    }

    @Property(tries = 60)
    void layersAppliedTogetherGiveTheBitsOfEachAlone(
            @ForAll("types") TensorType type, @ForAll @IntRange(min = 1, max = 11) int rows, @ForAll long seed) {
        Random random = new Random(seed);
        int columns = columns(type, 1, random);
        Activations input = new Activations(rows, columns);
        float[] x = activations(rows, columns, random);
        System.arraycopy(x, 0, input.matrix().data(), 0, x.length);
        Linear[] layers = new Linear[4];
        FloatMatrix[] outputs = new FloatMatrix[layers.length];
        for (int i = 0; i < layers.length; i++) {
            int size = random.nextInt(1, 140);
            int rank = columns(type, 1, random);
            layers[i] = i % 2 == 0
                    ? random(type, size, columns, random)
                    : new LowRankLinear(random(type, rank, columns, random), random(type, size, rank, random));
            outputs[i] = FloatMatrix.zeros(rows, size);
        }
        try (Workers two = Workers.of(2)) {
            for (int count = rows; count > 0; count = count / 2) { // buffers are used again
                input.set(count);
                Linear.applyAll(input, layers, outputs, two);
            }
        }
        input.set(rows);
        Linear.applyAll(input, layers, outputs, Workers.single());
        for (int i = 0; i < layers.length; i++) {
            float[] expected = layers[i] instanceof LowRankLinear lowRank
                    ? apply(lowRank.out(), apply(lowRank.in(), x, rows, Workers.single()), rows, Workers.single())
                    : apply(layers[i], x, rows, Workers.single());
            assertSameBits(expected, outputs[i].data());
        }
    }

    private static TiledLinear random(TensorType type, int rows, int columns, Random random) {
        return RandomWeights.pack(
                type, rows, columns, RandomWeights.of(type, rows, columns, random), KernelChoice.best());
    }

    @Property(tries = 40)
    void aRowOfALowRankLayerIsARowOfTheProduct(@ForAll @IntRange(min = 1, max = 40) int rank, @ForAll long seed) {
        Random random = new Random(seed);
        LowRankLinear layer =
                new LowRankLinear(random(TensorType.F32, rank, 50, random), random(TensorType.F32, 70, rank, random));
        assertEquals(rank, layer.rank());
        float[] row = new float[50];
        float[] unit = new float[50];
        for (int column = 0; column < 50; column += 7) {
            java.util.Arrays.fill(unit, 0f);
            unit[column] = 1;
            float[] y = apply(layer, unit, 1, Workers.single());
            for (int output = 0; output < 70; output += 9) {
                layer.readRow(output, row, 0);
                assertEquals(y[output], row[column]);
            }
        }
    }

    @Property(tries = 20)
    void activationsThatAreNotFiniteReachEveryOutput(@ForAll("types") TensorType type, @ForAll long seed) {
        Random random = new Random(seed);
        int columns = 256;
        Linear layer =
                RandomWeights.pack(type, 40, columns, RandomWeights.of(type, 40, columns, random), KernelChoice.best());
        float[] x = activations(1, columns, random);
        x[random.nextInt(columns)] = Float.NaN;
        for (float y : apply(layer, x, 1, Workers.single())) {
            assertEquals(true, Float.isNaN(y));
        }
    }

    /** Integers at the ends of their range times activations that fill the lanes: nothing overflows. */
    @Property(tries = 200)
    void extremeNumbersStayInTheirLanes(@ForAll("types") TensorType type, @ForAll long seed) {
        Random random = new Random(seed);
        byte[] ends = {0, -1, (byte) 0x80, 0x7f, 0x08, 0x70};
        byte end = ends[random.nextInt(ends.length)];
        Random extreme = new Random(seed) {
            @Override
            public void nextBytes(byte[] bytes) {
                super.nextBytes(bytes);
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] = random.nextInt(8) > 0 ? end : bytes[i];
                }
            }
        };
        int rows = random.nextInt(1, 6);
        int columns = 512;
        float[] x = new float[rows * columns];
        for (int block = 0; block < x.length / 32; block++) {
            int kind = random.nextInt(4);
            for (int i = 0; i < 32; i++) {
                float noise = (float) random.nextGaussian();
                x[32 * block + i] = switch (kind) {
                    case 0 -> -1 + 0.001f * noise;
                    case 1 -> i % 2 == 0 ? 1 : -1;
                    case 2 -> i == block % 32 ? 1e6f : noise;
                    default -> 0.996f + random.nextInt(2) * 0.0001f;
                };
            }
        }
        MemorySegment bytes = RandomWeights.of(type, 70, columns, extreme);
        float[] expected =
                apply(RandomWeights.pack(type, 70, columns, bytes, KernelChoice.scalar()), x, rows, Workers.single());
        assertSameBits(
                expected,
                apply(RandomWeights.pack(type, 70, columns, bytes, KernelChoice.best()), x, rows, Workers.single()));
    }

    /** Few rows are multiplied by the scale of halves before, many are not; nor are those that it would make infinite. */
    @Property(tries = 200)
    void activationsOfAnySizeGiveTheSameBitsAloneAndTogether(
            @ForAll("plainTypes") TensorType type,
            @ForAll @IntRange(min = -140, max = 120) int exponent,
            @ForAll @IntRange(min = 1, max = 6) int rows,
            @ForAll long seed) {
        Random random = new Random(seed);
        int columns = random.nextInt(1, 70);
        MemorySegment bytes = RandomWeights.of(type, 70, columns, random);
        float[] many = activations(20, columns, random);
        for (int i = 0; i < many.length; i++) {
            many[i] *= Math.scalb(1f, exponent);
        }
        float[] few = java.util.Arrays.copyOf(many, rows * columns);
        Linear vector = RandomWeights.pack(type, 70, columns, bytes, KernelSets.any(seed));
        float[] expected = java.util.Arrays.copyOf(apply(vector, many, 20, Workers.single()), rows * 70);
        assertSameBits(plusZero(expected), plusZero(apply(vector, few, rows, Workers.single())));
        Linear scalar = RandomWeights.pack(type, 70, columns, bytes, KernelChoice.scalar());
        assertSameBits(plusZero(expected), plusZero(apply(scalar, few, rows, Workers.single())));
    }

    /** Without the sign of zeros: one row skips zeros, which would change the sign of a product that vanished. */
    private static float[] plusZero(float[] numbers) {
        float[] sums = new float[numbers.length];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = numbers[i] + 0f;
        }
        return sums;
    }

    @Provide
    Arbitrary<TensorType> plainTypes() {
        return Arbitraries.of(TensorType.F32, TensorType.F16, TensorType.BF16);
    }

    @Provide
    Arbitrary<TensorType> types() {
        return Arbitraries.of(LinearLoader.supportedTypes());
    }

    private static int columns(TensorType type, int blocks, Random random) {
        return switch (type.blockSize()) {
            case 1 -> 32 * blocks - random.nextInt(32);
            case 32 -> 32 * blocks;
            default -> 256 * (1 + blocks / 8);
        };
    }

    /** What {@link dev.lathe.tensor.kernel.QuantizedActivations} says. */
    private static double quantizedActivation(float[] x, int index) {
        float largest = 0;
        for (int i = index / 32 * 32; i < index / 32 * 32 + 32; i++) {
            largest = Math.max(largest, Math.abs(x[i]));
        }
        return largest == 0 ? 0 : Math.rint(x[index] * (127f / largest)) * (largest / 127f);
    }

    private static float[] activations(int rows, int columns, Random random) {
        float[] x = new float[rows * columns];
        float scale = (float) Math.pow(10, random.nextInt(-6, 6));
        for (int i = 0; i < x.length; i++) {
            x[i] = random.nextInt(20) == 0 ? 0 : (float) random.nextGaussian() * scale;
        }
        if (random.nextInt(5) == 0) {
            java.util.Arrays.fill(x, 0, Math.min(64, x.length), random.nextBoolean() ? 0f : -scale);
        }
        return x;
    }

    private static float[] slice(float[] x, int row, int columns) {
        return java.util.Arrays.copyOfRange(x, row * columns, (row + 1) * columns);
    }

    private static float[] apply(Linear layer, float[] x, int rows, Workers workers) {
        Activations input = new Activations(rows, layer.inputSize());
        System.arraycopy(x, 0, input.matrix().data(), 0, x.length);
        input.set(rows);
        FloatMatrix output = FloatMatrix.zeros(rows, layer.outputSize());
        layer.apply(input, output, workers);
        return output.data();
    }

    private static void assertSameBits(float[] expected, float[] actual) {
        int[] a = new int[expected.length];
        int[] b = new int[expected.length];
        for (int i = 0; i < a.length; i++) {
            a[i] = Float.floatToIntBits(expected[i]);
            b[i] = Float.floatToIntBits(actual[i]);
        }
        assertArrayEquals(a, b);
    }
}
