package dev.lathe.tensor.kernel.choice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.file.JavaProcess;
import dev.lathe.tensor.kernel.machine.Processor;
import dev.lathe.tensor.kernel.machine.Target;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeniedCodeTest {
    /** Has written memory become executable never again in this process, as hardened systems do, and asks for kernels. */
    @SuppressWarnings("restricted") // the system is asked to deny
    static final class Child {
        private static final int PR_SET_MDWE = 65;
        private static final long REFUSE_EXEC_GAIN = 1;

        public static void main(String[] arguments) throws Throwable {
            Linker linker = Linker.nativeLinker();
            long denied = (long) linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("prctl"),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_LONG))
                    .invokeExact((long) PR_SET_MDWE, REFUSE_EXEC_GAIN, 0L, 0L, 0L);
            System.out.println("denied=" + (denied == 0));
            System.out.println("kernels=" + KernelChoice.best().name());
            IllegalStateException refused =
                    assertThrows(IllegalStateException.class, () -> KernelChoice.choose(Target.AVX2.label()));
            System.out.println("refused=" + refused.getMessage());
        }
    }

    @Test
    void aSystemThatLetsNobodyWriteCodeGetsOtherKernelsAndOneLineInTheLog() throws Exception {
        assumeTrue(!Processor.targets().isEmpty(), "no machine code here");
        // Java's own code has its memory from the start.
        List<String> options = List.of(
                "--enable-native-access=ALL-UNNAMED",
                "--add-modules=jdk.incubator.vector",
                "-XX:InitialCodeCacheSize=64m",
                "-XX:ReservedCodeCacheSize=64m",
                "-XX:-SegmentedCodeCache");
        JavaProcess.Result result = JavaProcess.run(options, Child.class);
        assertEquals(0, result.exitCode(), result.output());
        assumeTrue(result.output().contains("denied=true"), "this system denies nobody: " + result.output());
        assertTrue(result.output().contains("kernels=vector-"), result.output());
        String line = "no machine code: the system lets no memory become executable";
        assertEquals(2, result.output().split(line, -1).length, result.output());
        String refusal = "refused=the kernels avx2 do not run here: the system lets no memory become executable; take";
        assertTrue(result.output().contains(refusal), result.output());
    }
}
