package dev.lathe.tensor.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import dev.lathe.tensor.kernel.machine.KernelSets;
import java.util.Random;
import java.util.function.BiConsumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

@OnEveryKernelSet
class ElementwiseKernelsTest {
    private static final ElementwiseKernels SCALAR = KernelChoice.scalar().elementwise();
    private static final ElementwiseKernels BEST = KernelChoice.best().elementwise();
    private static final int OFFSET = 3;

    /** Sizes around every vector width; numbers of all magnitudes. */
    @Property(tries = 300)
    void vectorsGiveTheBitsOfPlainJava(@ForAll @IntRange(min = 1, max = 200) int size, @ForAll long seed) {
        assertSame(size, seed, (k, x) -> k.rmsNorm(x[0], OFFSET, x[1], 1e-5f, x[2], OFFSET, size));
        assertSame(size, seed, (k, x) -> k.layerNorm(x[0], OFFSET, x[1], x[2], 1e-5f, x[0], OFFSET, size));
        assertSame(size, seed, (k, x) -> k.softmax(x[0], OFFSET, size));
        assertSame(size, seed, (k, x) -> k.siluGate(x[0], OFFSET, x[1], OFFSET, x[2], OFFSET, size));
        assertSame(size, seed, (k, x) -> k.geluGate(x[0], OFFSET, x[1], OFFSET, x[2], OFFSET, size));
        assertSame(size, seed, (k, x) -> k.add(x[0], OFFSET, x[1], OFFSET, size));
        assertSame(size, seed, (k, x) -> k.scale(x[0], OFFSET, 0.7f, x[2], OFFSET, size));
        assertSame(size, seed, (k, x) -> k.rotateHalves(x[0], OFFSET, 1, size, size / 2, x[1], x[2], 0));
        assertSame(size, seed, (k, x) -> k.rotatePairs(x[0], OFFSET, 1, size, size / 2, x[1], x[2], 0));
    }

    /** Rows, ranges and heads together are as each alone in plain Java. */
    @Property(tries = 300)
    void togetherIsAsOneByOne(
            @ForAll @IntRange(min = 1, max = 70) int size,
            @ForAll @IntRange(min = 0, max = 9) int count,
            @ForAll @IntRange(min = 0, max = 3) int between,
            @ForAll long seed) {
        int all = count * (size + between);
        assertSame(all, seed, (k, x) -> {
            float[] weight = java.util.Arrays.copyOf(x[1], size);
            if (k == SCALAR) {
                for (int row = 0; row < count; row++) {
                    k.rmsNorm(x[0], OFFSET + row * size, weight, 1e-5f, x[2], row * size, size);
                }
            } else {
                k.rmsNormRows(x[0], OFFSET, weight, 1e-5f, x[2], 0, size, count);
            }
        });
        assertSame(all, seed, (k, x) -> {
            int[] ranges = new int[2 * count];
            Random random = new Random(seed);
            for (int i = 0; i < count; i++) {
                ranges[2 * i] = OFFSET + i * (size + between);
                ranges[2 * i + 1] = random.nextInt(size + 1);
                if (k == SCALAR) {
                    k.softmax(x[0], ranges[2 * i], ranges[2 * i + 1]);
                }
            }
            if (k != SCALAR) {
                k.softmaxRanges(x[0], ranges, count);
            }
        });
        int half = size / 2;
        float[][] tables = random(half, seed + 1);
        for (int turn : new int[] {half, half / 8 * 8, half / 4 * 4}) {
            assertSame(all, seed, (k, x) -> {
                for (int head = 0; head < (k == SCALAR ? count : 1); head++) {
                    int from = OFFSET + head * (size + between);
                    int heads = k == SCALAR ? 1 : count;
                    k.rotateHalves(x[0], from, heads, size + between, turn, tables[0], tables[1], 1);
                    k.rotatePairs(x[0], from, heads, size + between, turn, tables[0], tables[1], OFFSET);
                }
            });
        }
    }

    @Test
    void softmaxOfManyAndOfLongRanges() {
        int size = 3 * (1 << 14) + 5;
        int count = 40;
        assertSame(count * size, 7, (k, x) -> {
            int[] ranges = new int[2 * count];
            for (int i = 0; i < count; i++) {
                ranges[2 * i] = i * size;
                ranges[2 * i + 1] = i % 2 == 0 ? size : 100 + i;
            }
            k.softmaxRanges(x[0], ranges, count);
        });
    }

    @Test
    void vectorsGiveTheBitsOfPlainJavaForEveryKindOfNumber() {
        float[] kinds = {
            0f,
            -0f,
            Float.MIN_VALUE,
            -1e-40f,
            1e-20f,
            1f,
            -1f,
            88f,
            -88f,
            104f,
            -104f,
            1e30f,
            -1e30f,
            Float.MAX_VALUE,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            Float.NaN
        };
        float[] x = new float[kinds.length * 16];
        for (int i = 0; i < x.length; i++) {
            x[i] = kinds[i % kinds.length];
        }
        float[] up = x.clone();
        java.util.Arrays.fill(up, 1f);
        float[] scalar = new float[x.length];
        float[] actual = new float[x.length];
        for (Kernels kernels : KernelSets.ALL) {
            SCALAR.siluGate(x, 0, up, 0, scalar, 0, x.length);
            kernels.elementwise().siluGate(x, 0, up, 0, actual, 0, x.length);
            assertArrayEquals(scalar, actual, kernels.name());
            SCALAR.geluGate(x, 0, up, 0, scalar, 0, x.length);
            kernels.elementwise().geluGate(x, 0, up, 0, actual, 0, x.length);
            assertArrayEquals(scalar, actual, kernels.name());
        }
    }

    private static void assertSame(int size, long seed, BiConsumer<ElementwiseKernels, float[][]> call) {
        float[][] scalar = random(size, seed);
        call.accept(SCALAR, scalar);
        for (Kernels kernels : KernelSets.ALL) {
            float[][] actual = random(size, seed);
            call.accept(kernels.elementwise(), actual);
            for (int i = 0; i < scalar.length; i++) {
                assertArrayEquals(scalar[i], actual[i], kernels.name());
            }
        }
    }

    private static float[][] random(int size, long seed) {
        Random random = new Random(seed);
        float[][] arrays = new float[3][size + OFFSET];
        float magnitude = (float) Math.pow(10, random.nextInt(-3, 3));
        for (float[] array : arrays) {
            for (int i = 0; i < array.length; i++) {
                array[i] = (float) random.nextGaussian() * magnitude;
            }
        }
        return arrays;
    }

    @Property(tries = 100)
    void normHasMeanSquareOne(@ForAll @IntRange(min = 1, max = 300) int size, @ForAll long seed) {
        float[][] x = random(size, seed);
        float[] ones = new float[size];
        java.util.Arrays.fill(ones, 1f);
        BEST.rmsNorm(x[0], OFFSET, ones, 0f, x[2], OFFSET, size);
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += (double) x[2][OFFSET + i] * x[2][OFFSET + i];
        }
        assertEquals(1, sum / size, 1e-5);
    }

    @Property(tries = 100)
    void layerNormIsTheDefinition(@ForAll @IntRange(min = 1, max = 300) int size, @ForAll long seed) {
        float[][] x = random(size, seed);
        double mean = 0;
        double variance = 0;
        double largest = 0;
        for (int i = 0; i < size; i++) {
            mean += (double) x[0][OFFSET + i] / size;
            largest = Math.max(largest, Math.abs(x[0][OFFSET + i]));
        }
        for (int i = 0; i < size; i++) {
            variance += (x[0][OFFSET + i] - mean) * (x[0][OFFSET + i] - mean) / size;
        }
        double deviation = Math.sqrt(variance + 1e-5);
        float[] output = new float[size];
        BEST.layerNorm(x[0], OFFSET, x[1], x[2], 1e-5f, output, 0, size);
        for (int i = 0; i < size; i++) {
            double scaled = (x[0][OFFSET + i] - mean) / deviation * x[1][i];
            double tolerance = 1e-5 * (largest / deviation * Math.abs(x[1][i]) + Math.abs(x[2][i]));
            assertEquals(scaled + x[2][i], output[i], tolerance);
        }
    }

    @Property(tries = 100)
    void softmaxIsTheDefinition(@ForAll @IntRange(min = 1, max = 300) int size, @ForAll long seed) {
        float[] x = random(size, seed)[0];
        double[] expected = new double[size];
        double max = Double.NEGATIVE_INFINITY;
        double sum = 0;
        for (int i = 0; i < size; i++) {
            max = Math.max(max, x[OFFSET + i]);
        }
        for (int i = 0; i < size; i++) {
            expected[i] = StrictMath.exp(x[OFFSET + i] - max);
            sum += expected[i];
        }
        BEST.softmax(x, OFFSET, size);
        for (int i = 0; i < size; i++) {
            assertEquals(expected[i] / sum, x[OFFSET + i], 3e-6 * expected[i] / sum + 1e-30);
        }
    }

    @Test
    void rotationsTurnPairs() {
        float c = 0.6f;
        float s = 0.8f;
        float[] halves = {1, 2, 10, 20};
        BEST.rotateHalves(halves, 0, 1, 4, 2, new float[] {c, 1}, new float[] {s, 0}, 0);
        assertArrayEquals(new float[] {c - 10 * s, 2, 10 * c + s, 20}, halves, 1e-6f);
        float[] pairs = {1, 10, 2, 20};
        BEST.rotatePairs(pairs, 0, 1, 4, 2, new float[] {c, 1}, new float[] {s, 0}, 0);
        assertArrayEquals(new float[] {c - 10 * s, 10 * c + s, 2, 20}, pairs, 1e-6f);
    }

    @Test
    void emptySoftmaxLeavesEverything() {
        float[] values = {1, 2};
        BEST.softmax(values, 1, 0);
        assertArrayEquals(new float[] {1, 2}, values);
    }
}
