package dev.lathe.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class UniformsTest {
    /** The published first outputs of SplitMix64 for seed 1234567. */
    @Test
    void followsTheGoldenSequence() {
        long[] golden = {6457827717110365317L, 3203168211198807973L, -8629252141511181193L, 4593380528125082431L};
        for (int i = 0; i < golden.length; i++) {
            assertEquals((golden[i] >>> 11) * 0x1.0p-53, new Uniforms(1234567).at(i));
        }
    }

    @Property
    void numberAtAnIndexIsThatCallOfTheSplittableRandom(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Uniforms uniforms = new Uniforms(seed);
        for (int i = 0; i < 20; i++) {
            assertEquals(random.nextDouble(), uniforms.at(i));
        }
    }

    @Test
    void isUniform() {
        int[] bins = new int[100];
        for (int i = 0; i < 100_000; i++) {
            bins[(int) (100 * new Uniforms(3).at(i))]++;
        }
        double chiSquare = 0;
        for (int bin : bins) {
            chiSquare += (bin - 1000.0) * (bin - 1000.0) / 1000;
        }
        assertTrue(chiSquare > 50 && chiSquare < 160, "chi-square of 99 degrees of freedom: " + chiSquare);
    }

    @Property
    void derivedStreamsDiffer(@ForAll long seed) {
        Uniforms uniforms = new Uniforms(seed);
        assertNotEquals(uniforms.at(0), uniforms.derived(0).at(0));
        assertNotEquals(uniforms.derived(1).at(0), uniforms.derived(0).at(0));
    }
}
