package dev.lathe.tensor.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.OnEveryKernelSet;
import org.junit.jupiter.api.Test;

@OnEveryKernelSet
class KernelChoiceTest {
    /** Each run of the build says which kernels it means to test; a wrong flag must not pass unseen. */
    @Test
    void runsOnTheKernelsThatTheBuildExpects() {
        String expected = System.getProperty("lathe.expectedKernels");
        assumeTrue(expected != null, "skipped: the build did not say which kernels it expects");
        String name = Kernels.best().name();
        if (expected.equals("vector")) {
            assertTrue(name.startsWith("vector-"), name);
        } else {
            assertEquals(expected, name);
        }
    }
}
