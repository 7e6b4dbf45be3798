package dev.lathe.tensor.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.ReferenceData;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import dev.lathe.tensor.kernel.machine.KernelSets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@OnEveryKernelSet
class CacheKernelsTest {
    private static final int TILE = AttentionKernels.TILE;

    /** Heads of one size, stored as keys and as values. */
    private record Stored(CacheBlocks blocks, int size, int[] words, short[] scales, boolean keys) {
        static Stored of(CacheBlocks blocks, int size, float[] numbers, boolean keys) {
            int ints = keys ? blocks.keyInts(size) : blocks.valueInts(size);
            int count = CacheBlocks.scales(size);
            int[] words = new int[3 + TILE * ints];
            short[] scales = new short[5 + TILE * count];
            Arrays.fill(words, -1);
            for (int position = 0; position < TILE; position++) {
                int from = position * size;
                if (keys) {
                    blocks.writeKey(numbers, from, size, words, 3 + position, scales, 5 + position);
                } else {
                    blocks.writeValue(numbers, from, size, words, 3 + position * ints, scales, 5 + position * count);
                }
            }
            return new Stored(blocks, size, words, scales, keys);
        }

        /** [TILE x size]. */
        float[] read(Kernels kernels) {
            float[] tile = new float[TILE * (size + 32)];
            float[] numbers = new float[TILE * size];
            if (keys) {
                kernels.cache().unpackKeys(blocks, words, 3, scales, 5, size, tile);
            } else {
                kernels.cache().unpackValues(blocks, words, 3, scales, 5, size, tile);
            }
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = keys ? tile[i % size * TILE + i / size] : tile[i];
            }
            return numbers;
        }
    }

    private static float[] random(Random random, int size) {
        float[] numbers = new float[TILE * size];
        for (int i = 0; i < numbers.length; i++) {
            float magnitude = random.nextInt(50) == 0 ? (float) Math.pow(10, random.nextInt(-44, 39)) : 1f;
            numbers[i] = Math.clamp((float) random.nextGaussian() * magnitude, -Float.MAX_VALUE, Float.MAX_VALUE);
        }
        return numbers;
    }

    @Test
    void machineCodeRefusesHalvesThatAreNoWholeTiles() {
        Kernels kernels = KernelChoice.best();
        if (kernels.name().startsWith("avx")) {
            float[] target = new float[TILE];
            assertThrows(IllegalArgumentException.class, () -> kernels.cache().widen(new short[TILE], 0, 1, target));
        }
    }

    @Property(tries = 300)
    void keysAndValuesReadTheSameWithTheBitsOfPlainJava(
            @ForAll CacheBlocks blocks, @ForAll @IntRange(min = 1, max = 140) int size, @ForAll long seed) {
        float[] numbers = random(new Random(seed), size);
        Stored keys = Stored.of(blocks, size, numbers, true);
        Stored values = Stored.of(blocks, size, numbers, false);
        float[] expected = keys.read(KernelChoice.scalar());
        assertArrayEquals(expected, values.read(KernelChoice.scalar()));
        Kernels kernels = KernelSets.any(seed);
        assertArrayEquals(expected, keys.read(kernels), kernels.name());
        assertArrayEquals(expected, values.read(kernels), kernels.name());
    }

    @Property(tries = 300)
    void errorsAreAtMostHalfAStep(
            @ForAll CacheBlocks blocks, @ForAll @IntRange(min = 1, max = 100) int size, @ForAll long seed) {
        Random random = new Random(seed);
        float[] numbers = random(random, size);
        float[] read = Stored.of(blocks, size, numbers, true).read(KernelChoice.best());
        for (int from = 0; from < numbers.length; from += Math.min(32, size - from % size)) {
            float largest = 0;
            for (int i = from; i < from + Math.min(32, size - from % size); i++) {
                largest = Math.max(largest, Math.abs(numbers[i]));
            }
            for (int i = from; i < from + Math.min(32, size - from % size); i++) {
                float difference = Math.abs(numbers[i] - read[i]);
                if (largest > 65504f * (blocks == CacheBlocks.EIGHT ? 127 : 8)) { // beyond the largest scale
                    assertTrue(Float.isFinite(read[i]) && numbers[i] * read[i] >= 0);
                } else {
                    // a whole step where the other sign has no -8; the scale itself is rounded to half precision
                    float step = blocks == CacheBlocks.EIGHT ? largest / 127 / 2 : largest / 8;
                    assertEquals(0, difference, step * 1.001f + largest * 0x1p-10f + 127 * 0x1p-24f);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void numbersThatAreNotFiniteShowInTheirBlockOnly(CacheBlocks blocks) {
        for (float strange : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            float[] numbers = new float[TILE * 70];
            Arrays.fill(numbers, 2);
            numbers[70 * 3 + 40] = strange;
            for (boolean keys : new boolean[] {true, false}) {
                for (Kernels kernels : new Kernels[] {KernelChoice.scalar(), KernelChoice.best()}) {
                    float[] read = Stored.of(blocks, 70, numbers, keys).read(kernels);
                    for (int i = 0; i < read.length; i++) {
                        assertEquals(i / 70 == 3 && i % 70 / 32 == 1, Float.isNaN(read[i]), "number " + i);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatWasReadReadsTheSameWhenStoredAgain(CacheBlocks blocks) {
        float[] numbers = random(new Random(1), 64);
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Math.clamp(numbers[i], -100f, 100f);
        }
        float[] read = Stored.of(blocks, 64, numbers, true).read(KernelChoice.best());
        float[] again = Stored.of(blocks, 64, read, true).read(KernelChoice.best());
        for (int i = 0; i < read.length; i++) {
            assertEquals(read[i], again[i], 1e-3f * Math.abs(read[i]));
        }
    }

    @Test
    void everyHalfIsWidenedExactly() {
        short[] halves = new short[1 + (1 << 16)];
        float[] expected = new float[1 << 16];
        for (int i = 0; i < expected.length; i++) {
            halves[1 + i] = (short) i;
            expected[i] = Float.float16ToFloat((short) i);
        }
        for (Kernels kernels : KernelSets.ALL) {
            float[] actual = new float[1 << 16];
            kernels.cache().widen(halves, 1, actual.length, actual);
            assertArrayEquals(expected, actual);
        }
    }

    /** The blocks are those of the file formats of the same name. */
    @Test
    void numbersComeBackAsFromFiles() throws IOException {
        float[] input = floats("input.f32");
        for (CacheBlocks blocks : CacheBlocks.values()) {
            float[] expected = floats(blocks == CacheBlocks.EIGHT ? "q8_0.f32" : "q4_0.f32");
            for (int from = 0; from < input.length; from += TILE * 32) {
                float[] numbers = Arrays.copyOfRange(input, from, from + TILE * 32);
                float[] read = Stored.of(blocks, 32, numbers, false).read(KernelChoice.best());
                for (int i = 0; i < read.length; i++) {
                    assertEquals(expected[from + i], read[i], 0f, blocks + " number " + (from + i));
                }
            }
        }
    }

    private static float[] floats(String name) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(ReferenceData.require("quant/" + name)))
                .order(ByteOrder.LITTLE_ENDIAN);
        float[] numbers = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(numbers);
        return numbers;
    }
}
