package dev.lathe.tensor.kernel.machine;

import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Sets of kernels for tests: the one chosen, and machine code for every kind of processor that this one can act as, which is called
 * as it is and with its arrays beside forbidden pages.
 */
public final class KernelSets {
    public static final List<Kernels> ALL = all();

    private KernelSets() {}

    private static List<Kernels> all() {
        List<Kernels> sets = new ArrayList<>(List.of(KernelChoice.best()));
        if (KernelSets.class.getModule().isNativeAccessEnabled()) {
            for (Target target : Processor.targets()) {
                sets.add(new MachineKernels(target, KernelChoice::scalar));
                sets.add(guarded(target, GuardedMemory::beginningAtGuard));
                sets.add(guarded(target, GuardedMemory::endingAtGuard));
            }
        }
        return List.copyOf(sets);
    }

    private static Kernels guarded(Target target, GuardedCode.Guard guard) {
        CodeMemory memory = new CodeMemory(Arena.ofAuto()) {
            @Override
            MachineCode codeAt(MemorySegment code) {
                return new GuardedCode(code, guard);
            }
        };
        return new MachineKernels(target, KernelChoice::scalar, Trials::asConfigured, memory);
    }

    /** One of them, which the seed of a property's try chooses. */
    public static Kernels any(long seed) {
        return ALL.get(new Random(seed).nextInt(ALL.size()));
    }
}
