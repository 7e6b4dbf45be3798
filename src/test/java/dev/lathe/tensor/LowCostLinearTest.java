package dev.lathe.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import dev.lathe.tensor.pack.LinearLoader;
import dev.lathe.tensor.store.WeightMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layers without multiplications. */
@OnEveryKernelSet
class LowCostLinearTest {
    private static Linear dense(int outputs, int inputs, float[] weights) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * weights.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(weights);
        MemorySegment source = MemorySegment.ofArray(bytes.array());
        try {
            return LinearLoader.pack(
                    TensorType.F32,
                    outputs,
                    inputs,
                    (at, count, arena) -> source.asSlice(at, count),
                    WeightMemory.collected(),
                    Workers.single(),
                    KernelChoice.best());
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static float[] normal(Random random, int length) {
        float[] numbers = new float[length];
        for (int i = 0; i < length; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return numbers;
    }

    /** Weights of -d, 0 and d with another d in every block of 256. */
    private static float[] ternary(Random random, int outputs, int inputs) {
        float[] weights = new float[outputs * inputs];
        for (int row = 0; row < outputs; row++) {
            for (int from = 0; from < inputs; from += 256) {
                float scale = random.nextInt(10) == 0 ? 0 : random.nextFloat();
                for (int i = from; i < Math.min(inputs, from + 256); i++) {
                    weights[row * inputs + i] = scale * (random.nextInt(3) - 1);
                }
            }
        }
        return weights;
    }

    private static FloatMatrix apply(Linear layer, float[] x, int rows, Workers workers) {
        Activations input = new Activations(rows, layer.inputSize());
        System.arraycopy(x, 0, input.matrix().data(), 0, x.length);
        input.set(rows);
        FloatMatrix output = FloatMatrix.zeros(rows, layer.outputSize());
        layer.apply(input, output, workers);
        return output;
    }

    private static double relative(float[] expected, float[] actual) {
        double differences = 0;
        double squares = 0;
        for (int i = 0; i < expected.length; i++) {
            differences += Math.pow((double) expected[i] - actual[i], 2);
            squares += Math.pow(expected[i], 2);
        }
        return Math.sqrt(differences / squares);
    }

    @Property(tries = 60)
    void ternaryLayersAddExactly(
            @ForAll @IntRange(min = 1, max = 100) int outputs,
            @ForAll @IntRange(min = 1, max = 600) int inputs,
            @ForAll @IntRange(min = 1, max = 20) int rows,
            @ForAll long seed) {
        Random random = new Random(seed);
        float[] weights = ternary(random, outputs, inputs);
        float[] x = normal(random, rows * inputs);
        Linear source = dense(outputs, inputs, weights);
        TernaryLinear layer = TernaryLinear.of(source, WeightMemory.collected(), KernelChoice.best());
        FloatMatrix actual = apply(layer, x, rows, Workers.single());
        TernaryLinear plain = TernaryLinear.of(source, WeightMemory.collected(), KernelChoice.scalar());
        assertArrayEquals(apply(plain, x, rows, Workers.single()).data(), actual.data());
        float[] row = new float[inputs];
        for (int i = 0; i < outputs; i++) {
            layer.readRow(i, row, 0);
            for (int k = 0; k < inputs; k++) {
                assertEquals(weights[i * inputs + k] + 0f, row[k] + 0f);
            }
        }
        int r = random.nextInt(rows);
        float largest = 1e-5f;
        for (int k = 0; k < inputs; k++) {
            largest = Math.max(largest, Math.abs(x[r * inputs + k]));
        }
        int output = random.nextInt(outputs);
        double exact = 0;
        double size = 0;
        for (int k = 0; k < inputs; k++) {
            double product = weights[output * inputs + k] * Math.rint(x[r * inputs + k] * (127 / largest));
            exact += product;
            size += Math.abs(product);
        }
        assertEquals(exact * largest / 127, actual.get(r, output), 1e-6 * size * largest / 127 + 1e-30);
    }

    @Test
    void extremesFillTheLanesWithoutOverflow() {
        float[] weights = new float[3 * 512];
        Arrays.fill(weights, 0, 512, 1f);
        Arrays.fill(weights, 512, 1024, -1f);
        for (int i = 0; i < 512; i++) {
            weights[1024 + i] = i % 2 == 0 ? 1 : -1;
        }
        float[] x = new float[512];
        Arrays.fill(x, -127f);
        TernaryLinear layer = TernaryLinear.of(dense(3, 512, weights), WeightMemory.collected(), KernelChoice.best());
        assertArrayEquals(
                new float[] {-127f * 512, 127f * 512, 0},
                apply(layer, x, 1, Workers.single()).data());
        x[5] = Float.NaN;
        assertTrue(Float.isNaN(apply(layer, x, 1, Workers.single()).get(0, 2)));
    }

    @Test
    void scalingTheWeightsScalesTheOutputs() {
        Random random = new Random(2);
        float[] weights = ternary(random, 40, 300);
        float[] x = normal(random, 300);
        FloatMatrix once = apply(
                TernaryLinear.of(dense(40, 300, weights), WeightMemory.collected(), KernelChoice.best()),
                x,
                1,
                Workers.single());
        for (int i = 0; i < weights.length; i++) {
            weights[i] *= 4;
        }
        FloatMatrix scaled = apply(
                TernaryLinear.of(dense(40, 300, weights), WeightMemory.collected(), KernelChoice.best()),
                x,
                1,
                Workers.single());
        for (int i = 0; i < 40; i++) {
            assertEquals(4 * once.get(0, i), scaled.get(0, i));
        }
    }

    @Test
    void refusesWeightsThatAreNotTernary() {
        float[] weights = new float[600];
        weights[300 + 256] = 1;
        weights[300 + 257] = 2;
        IllegalArgumentException thrown = assertThrows(
                IllegalArgumentException.class,
                () -> TernaryLinear.of(dense(2, 300, weights), WeightMemory.collected(), KernelChoice.best()));
        assertTrue(thrown.getMessage().contains("row 1 are not ternary: 2.0 in column 257 where 1.0"));
        weights[300 + 257] = Float.NaN;
        assertThrows(
                IllegalArgumentException.class,
                () -> TernaryLinear.of(dense(2, 300, weights), WeightMemory.collected(), KernelChoice.best()));
    }

    @Property(tries = 40)
    void approximateLayersHaveTheSameBitsOnAllKernelsThreadsAndBatches(
            @ForAll @IntRange(min = 1, max = 100) int outputs,
            @ForAll @IntRange(min = 1, max = 60) int inputs,
            @ForAll @IntRange(min = 1, max = 16) int bits,
            @ForAll long seed) {
        Random random = new Random(seed);
        Linear source = dense(outputs, inputs, normal(random, outputs * inputs));
        float[] x = normal(random, 9 * inputs);
        FloatMatrix expected = apply(LMulLinear.of(source, bits, KernelChoice.scalar()), x, 9, Workers.single());
        LMulLinear layer = LMulLinear.of(source, bits, KernelChoice.best());
        try (Workers two = Workers.of(2)) {
            assertArrayEquals(expected.data(), apply(layer, x, 9, two).data());
        }
        float[] last = Arrays.copyOfRange(x, 8 * inputs, 9 * inputs);
        assertArrayEquals(
                expected.row(8), apply(layer, last, 1, Workers.single()).row(0));
    }

    /** The table of docs/low-cost-arithmetic.md. */
    @ParameterizedTest
    @CsvSource({
        "1, 0.3750, 0.3819, 0.3333, 0.5000",
        "2, 0.1467, 0.1534, 0.0667, 0.2500",
        "3, 0.0493, 0.0602, -0.0303, 0.1250",
        "4, 0.0487, 0.0587, -0.0321, 0.1250",
        "5, 0.0041, 0.0311, -0.0729, 0.0625",
        "6, 0.0041, 0.0310, -0.0729, 0.0625",
        "7, 0.0041, 0.0310, -0.0729, 0.0625",
        "10, 0.0041, 0.0309, -0.0729, 0.0625"
    })
    void errorsOfProductsAreThoseOfTheTable(int bits, double mean, double rootMeanSquare, double least, double most) {
        LMulError error = LMulError.of(bits);
        assertEquals(mean, error.mean(), 5e-5);
        assertEquals(rootMeanSquare, error.rootMeanSquare(), 5e-5);
        assertEquals(least, error.least(), 5e-5);
        assertEquals(most, error.most(), 5e-5);
    }

    @Test
    void errorsOfLayersAreThoseOfTheirProducts() {
        Random random = new Random(5);
        Linear source = dense(64, 256, normal(random, 64 * 256));
        float[] x = normal(random, 8 * 256);
        float[] exact = apply(source, x, 8, Workers.single()).data();
        double wide = relative(
                exact,
                apply(LMulLinear.of(source, 8, KernelChoice.best()), x, 8, Workers.single())
                        .data());
        double narrow = relative(
                exact,
                apply(LMulLinear.of(source, 3, KernelChoice.best()), x, 8, Workers.single())
                        .data());
        assertEquals(0.03, wide, 0.01);
        assertTrue(narrow > wide && narrow < 0.15, narrow + " and " + wide);
        float[] weights = ternary(random, 64, 256);
        exact = apply(dense(64, 256, weights), x, 8, Workers.single()).data();
        TernaryLinear ternary =
                TernaryLinear.of(dense(64, 256, weights), WeightMemory.collected(), KernelChoice.best());
        assertEquals(
                0.008, relative(exact, apply(ternary, x, 8, Workers.single()).data()), 0.003);
    }
}
