package dev.lathe.tensor.kernel.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Code that is called with copies of its arrays beside forbidden pages: whoever reads or writes an element too many ends the virtual
 * machine. Memory outside of the heap stays where it is.
 */
final class GuardedCode extends MachineCode {
    /** Memory of so many bytes that begins or ends at a forbidden page. */
    interface Guard {
        MemorySegment allocate(long size, Arena arena);
    }

    private final Guard guard;

    GuardedCode(MemorySegment code, Guard guard) {
        super(code);
        this.guard = guard;
    }

    @Override
    void callHolding(
            MemorySegment held,
            MemorySegment a,
            MemorySegment b,
            MemorySegment c,
            MemorySegment d,
            long e,
            long f,
            long g,
            long h) {
        try (Arena arena = Arena.ofConfined()) {
            List<Copy> copies = new ArrayList<>();
            for (MemorySegment argument : new MemorySegment[] {a, b, c, d}) {
                Object array = argument.heapBase().orElse(null);
                if (array != null && copies.stream().noneMatch(copy -> copy.array == array)) {
                    copies.add(Copy.of(array, List.of(a, b, c, d), guard, arena));
                }
            }
            super.callHolding(held, moved(a, copies), moved(b, copies), moved(c, copies), moved(d, copies), e, f, g, h);
            copies.forEach(Copy::putBack);
        }
    }

    private static MemorySegment moved(MemorySegment argument, List<Copy> copies) {
        Object array = argument.heapBase().orElse(null);
        for (Copy copy : copies) {
            if (copy.array == array) {
                return copy.guarded.asSlice(argument.address() - copy.original.address(), argument.byteSize());
            }
        }
        return argument;
    }

    /** The part of an array that arguments are in: where it is, as it was, and where the code sees it. */
    private record Copy(Object array, MemorySegment original, MemorySegment before, MemorySegment guarded) {
        static Copy of(Object array, List<MemorySegment> arguments, Guard guard, Arena arena) {
            long from = Long.MAX_VALUE;
            long to = 0;
            for (MemorySegment argument : arguments) {
                if (argument.heapBase().orElse(null) == array) {
                    from = Math.min(from, argument.address());
                    to = Math.max(to, argument.address() + argument.byteSize());
                }
            }
            MemorySegment original = whole(array).asSlice(from, to - from);
            MemorySegment before = MemorySegment.ofArray(original.toArray(ValueLayout.JAVA_BYTE));
            return new Copy(
                    array, original, before, guard.allocate(to - from, arena).copyFrom(before));
        }

        private static MemorySegment whole(Object array) {
            return switch (array) {
                case byte[] bytes -> MemorySegment.ofArray(bytes);
                case short[] shorts -> MemorySegment.ofArray(shorts);
                case int[] ints -> MemorySegment.ofArray(ints);
                case long[] longs -> MemorySegment.ofArray(longs);
                default -> MemorySegment.ofArray((float[]) array);
            };
        }

        /** Only what the code wrote: other threads write other parts of the same array. */
        void putBack() {
            long size = before.byteSize();
            long at = 0;
            for (long same; at < size; at += same + 1) {
                same = MemorySegment.mismatch(guarded, at, size, before, at, size);
                if (same < 0) {
                    return;
                }
                MemorySegment.copy(guarded, at + same, original, at + same, 1);
            }
        }
    }
}
