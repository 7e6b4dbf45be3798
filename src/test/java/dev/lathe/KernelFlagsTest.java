package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.file.JavaProcess;
import dev.lathe.tensor.kernel.machine.Processor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a program hears that starts Java with some of the flags: a line at most, and nothing of the virtual machine. */
@Slow
class KernelFlagsTest {
    private static final Path MODEL = Path.of("examples/models/lathe-java-draft-f16.gguf");
    private static final String VECTORS = "--add-modules=jdk.incubator.vector";

    /** Loads a model, generates and says with which kernels. */
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) throws IOException {
            try (Model model = Model.load(Path.of(arguments[0]));
                    Session session = model.newSession()) {
                session.generate("class A").maxTokens(2).run();
                System.out.println("kernels " + Kernels.inUse().name());
            } catch (IllegalStateException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    private static List<String> lines(String... options) throws Exception {
        JavaProcess.Result result = JavaProcess.run(List.of(options), Program.class, MODEL.toAbsolutePath());
        assertEquals(0, result.exitCode(), result.output());
        return result.output()
                .lines()
                .filter(line -> !line.equals("WARNING: Using incubator modules: jdk.incubator.vector"))
                .filter(line -> !line.contains("dev.lathe.tensor.kernel.choice.KernelChoice log")) // the logger's own
                .toList();
    }

    @Test
    void withoutNativeAccessTheVectorApiComputesAndOneLineSaysWhatIsMissed() throws Exception {
        assumeTrue(!Processor.targets().isEmpty(), "no machine code here");
        List<String> lines = lines(VECTORS);
        assertEquals(2, lines.size(), lines::toString);
        assertTrue(lines.getFirst().startsWith("INFO: start java with --enable-native-access"), lines::toString);
        assertTrue(lines.getLast().startsWith("kernels vector-"), lines::toString);
    }

    @Test
    void withNativeAccessMachineCodeComputesAndNothingIsSaid() throws Exception {
        assumeTrue(!Processor.targets().isEmpty(), "no machine code here");
        List<String> lines = lines("--enable-native-access=ALL-UNNAMED");
        assertEquals(1, lines.size(), lines::toString);
        assertTrue(lines.getFirst().startsWith("kernels avx"), lines::toString);
    }

    @Test
    void kernelsThatAreDemandedAndCannotRunEndTheLoadWithTheCure() throws Exception {
        List<String> unknown = lines("-Dlathe.kernels=avx512,vector");
        assertEquals(1, unknown.size(), unknown::toString);
        assertTrue(unknown.getFirst().startsWith("the kernels avx512,vector do not run here"), unknown::toString);
        assertTrue(unknown.getFirst().contains("scalar, vector, avx2"), unknown::toString);
        List<String> lines = lines("-Dlathe.kernels=vector");
        assertEquals(1, lines.size(), lines::toString);
        assertTrue(lines.getFirst().contains(VECTORS.replace('=', ' ')), lines::toString);
    }
}
