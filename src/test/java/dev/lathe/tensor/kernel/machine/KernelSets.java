package dev.lathe.tensor.kernel.machine;

import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Sets of kernels for tests: the one chosen, and machine code for every kind of processor that this one can act as. */
public final class KernelSets {
    public static final List<Kernels> ALL = all();

    private KernelSets() {}

    private static List<Kernels> all() {
        List<Kernels> sets = new ArrayList<>(List.of(KernelChoice.best()));
        if (KernelSets.class.getModule().isNativeAccessEnabled()) {
            for (Target target : Processor.targets()) {
                sets.add(new MachineKernels(target, KernelChoice::scalar));
            }
        }
        return List.copyOf(sets);
    }

    /** One of them, which the seed of a property's try chooses. */
    public static Kernels any(long seed) {
        return ALL.get(new Random(seed).nextInt(ALL.size()));
    }
}
