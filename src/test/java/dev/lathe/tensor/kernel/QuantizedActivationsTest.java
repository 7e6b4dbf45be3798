package dev.lathe.tensor.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Activations as bytes: the same values, scales and sums from every kernel set, for any floats. */
@OnEveryKernelSet
class QuantizedActivationsTest {
    @Property(tries = 500)
    void everyKernelSetGivesTheBytesOfTheDefinition(@ForAll @IntRange(min = 1, max = 9) int blocks, @ForAll long seed) {
        Random random = new Random(seed);
        float[] x = new float[32 * blocks + 5];
        for (int i = 0; i < x.length; i++) {
            x[i] = random.nextInt(9) == 0
                    ? Float.intBitsToFloat(random.nextInt() & ~(random.nextInt(4) == 0 ? 0 : 0x40000000))
                    : (float) random.nextGaussian() * Math.scalb(1f, random.nextInt(8));
        }
        for (int block = 0; block < blocks; block++) {
            int kind = random.nextInt(6);
            for (int i = 0; kind < 3 && i < 32; i++) {
                x[5 + 32 * block + i] *= kind == 0 ? 0f : kind == 1 ? 0x1p-120f : 0x1p60f;
            }
        }
        QuantizedActivations actual = new QuantizedActivations(2, 32 * blocks);
        new Random(1).nextBytes(actual.values); // whatever was there before
        KernelChoice.best().matrices().quantize(x, 5, blocks, actual, blocks);
        for (int block = 0; block < blocks; block++) {
            float largest = 0;
            for (int i = 0; i < 32; i++) {
                largest = Math.max(largest, Math.abs(x[5 + 32 * block + i]));
            }
            boolean isFinite = Float.isFinite(largest);
            boolean isZero = largest < 0x1p-110f;
            float scale = !isFinite ? Float.NaN : isZero ? 0f : largest / 127f;
            assertEquals(scale, actual.scales[blocks + block]);
            int[] sums = new int[2];
            for (int i = 0; i < 32; i++) {
                int value = isFinite && !isZero ? (int) Math.rint(x[5 + 32 * block + i] * (127f / largest)) : 0;
                assertEquals(value, actual.values[32 * (blocks + block) + i]);
                sums[i / 16] += value;
            }
            assertEquals(sums[0], actual.sums[2 * (blocks + block)]);
            assertEquals(sums[1], actual.sums[2 * (blocks + block) + 1]);
        }
    }

    @Property(tries = 100)
    void derivedFormsFollowFromTheBytes(@ForAll @IntRange(min = 1, max = 5) int blocks, @ForAll long seed) {
        Random random = new Random(seed);
        QuantizedActivations x = new QuantizedActivations(1, 32 * blocks);
        for (int i = 0; i < x.values.length; i++) {
            x.values[i] = (byte) random.nextInt(-127, 128);
        }
        int size = x.values.length;
        short[] differences = new short[size];
        short[] pairs = new short[size / 2];
        short[] eights = new short[size / 8];
        for (int i = 0; i < size; i++) {
            differences[i] = (short) (i % 4 == 0 ? x.values[i] : x.values[i] - 16 * x.values[i - 1]);
            pairs[i / 2] = (short) (pairs[i / 2] + (i % 2 == 0 ? 0x8000 : 0) - 128 * x.values[i]);
            eights[i / 8] = (short) (eights[i / 8] - 32 * x.values[i]);
        }
        for (IntegerPlane plane : IntegerPlane.values()) {
            for (boolean packed : new boolean[] {true, false}) {
                for (LaneForm form : KernelChoice.best().matrices().forms(plane, packed)) {
                    if (x.claim(form)) {
                        KernelChoice.best().matrices().derive(form, x, 0, size);
                    }
                }
            }
        }
        if (x.lanes.shorts.length > 0) { // some sets read bytes alone
            for (int i = 0; i < size; i++) {
                assertEquals(x.values[i], x.lanes.shorts[i]);
                assertEquals(x.values[i], x.lanes.floats[i]);
            }
            assertArrayEquals(differences, x.lanes.differences);
            assertArrayEquals(pairs, x.lanes.pairs);
            assertArrayEquals(eights, x.lanes.eights);
        }
    }
}
