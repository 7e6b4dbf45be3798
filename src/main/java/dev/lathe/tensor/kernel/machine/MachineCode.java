package dev.lathe.tensor.kernel.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Memory with code in it, and the one way to call it. The memory is written first and made executable then; it never is both. Code
 * is called where it lies with arrays where they lie, so a call keeps the garbage collector waiting: callers keep calls short (some
 * ten microseconds). Thread-safe.
 */
@SuppressWarnings("restricted") // calling code is what it is for
final class MachineCode {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle CALL = LINKER.downcallHandle(
            FunctionDescriptor.ofVoid(
                    ValueLayout.ADDRESS,
                    ValueLayout.ADDRESS,
                    ValueLayout.ADDRESS,
                    ValueLayout.ADDRESS,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.ADDRESS), // no code reads the last one
            Linker.Option.critical(true));
    private static final long PAGE = 4096;
    private static final long READ_WRITE = 3;
    private static final long READ_EXECUTE = 5;
    private static final long PRIVATE_ANONYMOUS = 0x22;

    private final MemorySegment code;

    private MachineCode(MemorySegment code) {
        this.code = code;
    }

    /**
     * Installs code for as long as the arena lives.
     *
     * @throws UnsupportedOperationException if the system gives no memory that may become executable
     */
    static MachineCode install(byte[] bytes, Arena arena) {
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
        return new MachineCode(memory);
    }

    /**
     * Writes and runs the least code.
     *
     * @throws UnsupportedOperationException as {@link #install}
     */
    static void check(Arena arena) {
        Assembler code = new Assembler(false);
        code.endbr64();
        code.ret();
        MemorySegment none = MemorySegment.NULL;
        install(code.finish(), arena).call(none, none, none, none, 0, 0, 0, 0);
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

    /** Where the code begins. */
    long address() {
        return code.address();
    }

    /** Calls the code; what the arguments mean is its matter, and nothing is checked. */
    void call(MemorySegment a, MemorySegment b, MemorySegment c, MemorySegment d, long e, long f, long g, long h) {
        callHolding(MemorySegment.NULL, a, b, c, d, e, f, g, h);
    }

    /** As {@link #call}, with memory that the code finds by an address in another argument: it cannot be freed meanwhile. */
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
        try {
            CALL.invokeExact(code, a, b, c, d, e, f, g, h, held);
        } catch (RuntimeException | Error exception) {
            throw exception;
        } catch (Throwable throwable) {
            throw new AssertionError(throwable);
        }
    }
}
