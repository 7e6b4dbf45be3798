package dev.lathe.tensor.kernel.machine;

import dev.lathe.tensor.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Not a test: a loop of machine code that only reads memory, each thread its share of it. What products of one row can reach at most
 * where weights are larger than the caches.
 */
public final class ReadingLoop implements AutoCloseable {
    private static final int STEP = 512; // bytes
    private static final int LINE = 64;
    private static final int AHEAD = 4096; // bytes, as products ask for weights
    private static final long PART = 4 << 20; // bytes of one call

    private final Arena arena = Arena.ofShared();
    private final MachineCode code = new CodeMemory(arena).install(code());

    /** Arguments: where to read; steps. */
    private static byte[] code() {
        Assembler code = new Assembler(false);
        code.endbr64();
        for (int sum = 0; sum < 8; sum++) {
            code.zero(sum);
        }
        int loop = code.loop();
        for (int at = 0; at < STEP; at += code.vectorBytes()) {
            if (at % LINE == 0) {
                code.prefetch(Address.at(Register.RDI, AHEAD + at));
            }
            int sum = at / code.vectorBytes() % 8;
            code.vector(VectorInstruction.VPADDD, sum, sum, Address.at(Register.RDI, at));
        }
        code.add(Register.RDI, STEP);
        code.dec(Register.R8);
        code.jumpIfNotZero(loop);
        code.vzeroupper();
        code.ret();
        return code.finish();
    }

    /** Reads all whole steps of the memory once. */
    public void read(MemorySegment memory, Workers workers) {
        int parts = Math.toIntExact((memory.byteSize() + PART - 1) / PART);
        workers.run(parts, part -> {
            MemorySegment some = memory.asSlice(part * PART, Math.min(PART, memory.byteSize() - part * PART));
            if (some.byteSize() >= STEP) {
                MemorySegment none = MemorySegment.NULL;
                code.call(some, none, none, none, some.byteSize() / STEP, 0, 0, 0);
            }
        });
    }

    @Override
    public void close() {
        arena.close();
    }
}
