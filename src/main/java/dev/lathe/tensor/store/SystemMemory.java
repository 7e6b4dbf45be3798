package dev.lathe.tensor.store;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Memory of Linux itself, where native access is enabled: zeros that nobody has to write first, as {@link Arena} does, in
 * pages of 2 MiB where the system has them. Thread-safe.
 */
@SuppressWarnings("restricted") // memory that Java has no other way to
final class SystemMemory {
    static final long PAGE = 2 << 20;

    private static final long READ_WRITE = 3;
    private static final long PRIVATE_ANONYMOUS = 0x22;
    private static final long HUGE_PAGES = 14;

    private SystemMemory() {}

    /** Linked when first needed. */
    private static final class Call {
        static final Linker LINKER = Linker.nativeLinker();
        static final MethodHandle HANDLE = LINKER.downcallHandle(FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG));
    }

    /** Whether this virtual machine may ask the system. */
    static boolean isAvailable() {
        return "Linux".equals(System.getProperty("os.name"))
                && SystemMemory.class.getModule().isNativeAccessEnabled();
    }

    /**
     * Zeros that begin with a page of 2 MiB and are given back with the arena; empty if the system has no more memory.
     * Only what is read or written takes memory.
     */
    static Optional<MemorySegment> map(long byteCount, Arena arena) {
        long all = byteCount + PAGE;
        long address = call("mmap", 0, all, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0);
        if (address == -1) {
            return Optional.empty();
        }
        long first = (address + PAGE - 1) / PAGE * PAGE;
        call("madvise", first, byteCount, HUGE_PAGES, 0, 0, 0); // where it is refused, pages are small
        return Optional.of(MemorySegment.ofAddress(first)
                .reinterpret(byteCount, arena, _ -> call("munmap", address, all, 0, 0, 0, 0)));
    }

    private static long call(String name, long a, long b, long c, long d, long e, long f) {
        try {
            return (long) Call.HANDLE.invokeExact(Call.LINKER.defaultLookup().findOrThrow(name), a, b, c, d, e, f);
        } catch (RuntimeException | Error exception) {
            throw exception;
        } catch (Throwable throwable) {
            throw new AssertionError(throwable);
        }
    }
}
