package dev.lathe.tensor.kernel.machine;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Code in memory, and the one way to call it. It is called where it lies with arrays where they lie, so a call keeps the garbage
 * collector waiting: callers keep calls short (some ten microseconds). Thread-safe.
 */
@SuppressWarnings("restricted") // calling code is what it is for
class MachineCode {
    private static final MethodHandle CALL = Linker.nativeLinker()
            .downcallHandle(
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

    private final MemorySegment code;

    /** Code that can be executed where it lies. */
    MachineCode(MemorySegment code) {
        this.code = code;
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
