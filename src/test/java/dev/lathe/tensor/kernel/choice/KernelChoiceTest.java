package dev.lathe.tensor.kernel.choice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.tensor.kernel.machine.Processor;
import dev.lathe.tensor.kernel.machine.Target;
import dev.lathe.tensor.kernel.vector.VectorKernels;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

@OnEveryKernelSet
class KernelChoiceTest {
    /** Each run of the build says which kernels it means to test; a wrong flag must not pass unseen. */
    @Test
    void runsOnTheKernelsThatTheBuildExpects() {
        String expected = System.getProperty("lathe.expectedKernels");
        assumeTrue(expected != null, "skipped: the build did not say which kernels it expects");
        String name = KernelChoice.best().name();
        switch (expected) {
            case "machine" -> assertEquals(bestTarget().orElse("vector-" + VectorKernels.BITS), name);
            case "vector" -> assertTrue(name.startsWith("vector-"), name);
            default -> assertEquals(expected, name);
        }
    }

    private static Optional<String> bestTarget() {
        return Processor.targets().stream().max(Comparator.naturalOrder()).map(Target::label);
    }

    @Test
    void whatIsDemandedRunsOrIsRefusedWithItsCure() {
        assertEquals("scalar", KernelChoice.choose("scalar").kernels().name());
        IllegalStateException unknown = assertThrows(IllegalStateException.class, () -> KernelChoice.choose("avx1024"));
        assertTrue(unknown.getMessage().contains("there are scalar, vector, avx2"), unknown.getMessage());
        boolean granted = KernelChoice.class.getModule().isNativeAccessEnabled();
        for (Target target : Target.values()) {
            if (granted && Processor.targets().contains(target)) {
                assertEquals(
                        target.label(),
                        KernelChoice.choose(target.label()).kernels().name());
            } else {
                IllegalStateException refused =
                        assertThrows(IllegalStateException.class, () -> KernelChoice.choose(target.label()));
                String cure = Processor.targets().contains(target) ? "--enable-native-access" : "; take ";
                assertTrue(refused.getMessage().contains(cure), refused.getMessage());
            }
        }
    }

    /** Vectors that nobody compiles are objects, each in memory. */
    @Test
    void withoutTheirCompilerVectorsAreLeftAlone() {
        for (String compiler : List.of("interpreted mode, sharing", "mixed mode, emulated-client, sharing")) {
            assertEquals("scalar", KernelChoice.pureJava(compiler).kernels().name());
        }
        assertEquals(
                ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent(),
                !KernelChoice.pureJava("mixed mode, sharing").kernels().name().equals("scalar"));
    }

    /** The choice is made once: an interrupt of the thread that makes it must not decide it for all others. */
    @Test
    void anInterruptDoesNotChangeWhatTheProcessorHas() {
        List<Target> expected = List.copyOf(Processor.targets());
        Thread.currentThread().interrupt();
        try {
            assertEquals(expected, List.copyOf(Processor.targets()));
        } finally {
            assertTrue(Thread.interrupted(), "the thread stays interrupted");
        }
    }
}
