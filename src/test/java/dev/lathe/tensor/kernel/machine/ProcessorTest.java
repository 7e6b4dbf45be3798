package dev.lathe.tensor.kernel.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What processors are asked for, and what is said where there is no code. */
class ProcessorTest {
    private static final List<String> NARROW = List.of("fpu", "avx", "avx2", "fma", "f16c");
    private static final List<String> WIDE = List.of("avx512f", "avx512bw", "avx512vl", "avx512_vnni");

    @Test
    void everyTargetNeedsAllThatItsCodeUses() {
        assertEquals(Set.of(), Processor.targets(List.of()));
        assertEquals(Set.of(Target.AVX2), Processor.targets(NARROW));
        for (String flag : NARROW.subList(2, NARROW.size())) {
            assertEquals(Set.of(), Processor.targets(without(flag)), flag);
        }
        for (String flag : WIDE) {
            assertEquals(Set.of(Target.AVX2), Processor.targets(without(flag)), flag);
        }
        assertEquals(EnumSet.of(Target.AVX2, Target.AVX512_VNNI), Processor.targets(without("none")));
        List<String> all = without("none");
        all.add("avx_vnni");
        assertEquals(EnumSet.allOf(Target.class), Processor.targets(all));
    }

    private static List<String> without(String flag) {
        List<String> flags = new ArrayList<>(NARROW);
        flags.addAll(WIDE);
        flags.remove(flag);
        return flags;
    }

    @Test
    void whereThereIsNoCodeTheReasonIsSaid() {
        assertEquals(
                "machine code is for Linux on x86-64, and this is Mac OS X on aarch64",
                Processor.obstacle("Mac OS X", "aarch64", false));
        assertEquals(
                "machine code is for Linux on x86-64, and this is Windows 11 on amd64",
                Processor.obstacle("Windows 11", "amd64", false));
        assertTrue(Processor.obstacle("Linux", "amd64", false).contains("cannot be read"));
        assertTrue(Processor.obstacle("Linux", "amd64", true).contains("avx2, fma, f16c"));
    }
}
