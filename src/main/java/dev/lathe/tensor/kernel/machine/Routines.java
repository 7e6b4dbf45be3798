package dev.lathe.tensor.kernel.machine;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntFunction;

/** Routines that differ by a number, such as that of rows; each is written when it is first asked for. Thread-safe. */
final class Routines {
    private final AtomicReferenceArray<MachineCode> routines;
    private final IntFunction<byte[]> source;
    private final CodeMemory memory;

    /**
     * No routine yet.
     *
     * @param most the largest number
     * @param source writes the code for a number
     * @param memory where code lies
     */
    Routines(int most, IntFunction<byte[]> source, CodeMemory memory) {
        routines = new AtomicReferenceArray<>(most + 1);
        this.source = source;
        this.memory = memory;
    }

    /** The routine of a number. */
    MachineCode get(int number) {
        MachineCode routine = routines.get(number);
        return routine == null ? write(number) : routine;
    }

    private synchronized MachineCode write(int number) {
        MachineCode routine = routines.get(number);
        if (routine == null) {
            routine = memory.install(source.apply(number));
            routines.set(number, routine);
        }
        return routine;
    }
}
