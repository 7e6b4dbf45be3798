package dev.lathe.tensor.kernel.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Memory for code, which the system gives for as long as an arena lives. It is written first and made executable then; it never is
 * both. Thread-safe.
 */
@SuppressWarnings("restricted") // memory that Java has no other way to
class CodeMemory {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final long PAGE = 4096;
    private static final long READ_WRITE = 3;
    private static final long READ_EXECUTE = 5;
    private static final long PRIVATE_ANONYMOUS = 0x22;

    private final Arena arena;

    CodeMemory(Arena arena) {
        this.arena = arena;
    }

    /**
     * Installs code.
     *
     * @throws UnsupportedOperationException if the system gives no memory that may become executable
     */
    MachineCode install(byte[] bytes) {
        long size = (bytes.length + PAGE - 1) / PAGE * PAGE;
        long address = system("mmap", 0, size, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0);
        if (address == -1) {
            throw new UnsupportedOperationException("the system gives no memory for " + size + " bytes of code");
        }
        MemorySegment memory = MemorySegment.ofAddress(address)
                .reinterpret(size, arena, released -> system("munmap", released.address(), size, 0, 0, 0, 0));
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
        if (system("mprotect", address, size, READ_EXECUTE, 0, 0, 0) != 0) {
            throw new UnsupportedOperationException("the system lets no memory become executable");
        }
        return codeAt(memory);
    }

    /** What calls the code in some memory; tests call it in their way. */
    MachineCode codeAt(MemorySegment memory) {
        return new MachineCode(memory);
    }

    /**
     * Writes and runs the least code.
     *
     * @throws UnsupportedOperationException as {@link #install}
     */
    void check() {
        Assembler code = new Assembler(false);
        code.endbr64();
        code.ret();
        MemorySegment none = MemorySegment.NULL;
        install(code.finish()).call(none, none, none, none, 0, 0, 0, 0);
    }

    /** Calls a function of the C library whose arguments and result are integers. */
    static long system(String name, long a, long b, long c, long d, long e, long f) {
        try {
            return (long) SystemCall.HANDLE.invokeExact(LINKER.defaultLookup().findOrThrow(name), a, b, c, d, e, f);
        } catch (RuntimeException | Error exception) {
            throw exception;
        } catch (Throwable throwable) {
            throw new AssertionError(throwable);
        }
    }

    /** Linked when first needed. */
    private static final class SystemCall {
        static final MethodHandle HANDLE = LINKER.downcallHandle(FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG));
    }
}
