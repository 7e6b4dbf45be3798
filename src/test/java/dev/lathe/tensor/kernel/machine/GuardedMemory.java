package dev.lathe.tensor.kernel.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory between pages without access rights: whoever reads or writes a byte too many ends the virtual machine. */
@SuppressWarnings("restricted") // forbidden pages come from the system
final class GuardedMemory {
    private static final long PAGE = 4096;
    private static final long NO_ACCESS = 0;
    private static final long READ_WRITE = 3;
    private static final long PRIVATE_ANONYMOUS = 0x22;

    private GuardedMemory() {}

    /** Zeros that end where a forbidden page begins. */
    static MemorySegment endingAtGuard(long size, Arena arena) {
        long pages = (size + PAGE - 1) / PAGE * PAGE;
        return between(pages, arena).asSlice(pages - size, size);
    }

    /** Zeros that begin where a forbidden page ends. */
    static MemorySegment beginningAtGuard(long size, Arena arena) {
        return between((size + PAGE - 1) / PAGE * PAGE, arena).asSlice(0, size);
    }

    private static MemorySegment between(long bytes, Arena arena) {
        long all = bytes + 2 * PAGE;
        long address = CodeMemory.system("mmap", 0, all, NO_ACCESS, PRIVATE_ANONYMOUS, -1, 0);
        if (address == -1 || CodeMemory.system("mprotect", address + PAGE, bytes, READ_WRITE, 0, 0, 0) != 0) {
            throw new IllegalStateException("no memory");
        }
        return MemorySegment.ofAddress(address + PAGE)
                .reinterpret(bytes, arena, _ -> CodeMemory.system("munmap", address, all, 0, 0, 0, 0));
    }
}
