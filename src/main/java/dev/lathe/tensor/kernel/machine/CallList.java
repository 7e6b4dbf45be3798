package dev.lathe.tensor.kernel.machine;

import static dev.lathe.tensor.kernel.machine.Register.R12;
import static dev.lathe.tensor.kernel.machine.Register.R8;
import static dev.lathe.tensor.kernel.machine.Register.R9;
import static dev.lathe.tensor.kernel.machine.Register.RAX;
import static dev.lathe.tensor.kernel.machine.Register.RBX;
import static dev.lathe.tensor.kernel.machine.Register.RCX;
import static dev.lathe.tensor.kernel.machine.Register.RDI;
import static dev.lathe.tensor.kernel.machine.Register.RDX;
import static dev.lathe.tensor.kernel.machine.Register.RSI;
import static dev.lathe.tensor.kernel.machine.Register.RSP;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Calls of routines that one transition from Java makes, one after the other: a transition costs as much as a short routine. Each of
 * the four addresses of a call is a place in one of three arrays, or outside of the heap. Whoever runs the list keeps it short, as
 * {@link MachineCode} says. One thread at a time.
 */
final class CallList {
    /** The array that an address is in; none where it is outside of the heap. */
    enum Base {
        NONE,
        FIRST,
        SECOND,
        THIRD
    }

    private static final int ADDRESSES = 4;
    private static final int NUMBERS = 4;
    /** A call: the routine's address; base and offset of each address; the numbers. */
    private static final int LONGS = 1 + 2 * ADDRESSES + NUMBERS;

    private final MachineCode caller;
    private long[] calls = new long[16 * LONGS];
    private int size;

    /**
     * An empty list.
     *
     * @param caller what {@link #code} wrote
     */
    CallList(MachineCode caller) {
        this.caller = caller;
    }

    /** Number of calls. */
    int count() {
        return size / LONGS;
    }

    /** Begins a call; {@link #at} gives its addresses, in order, and {@link #numbers} ends it. */
    CallList call(MachineCode routine) {
        if (size + LONGS > calls.length) {
            calls = Arrays.copyOf(calls, 2 * calls.length);
        }
        calls[size++] = routine.address();
        return this;
    }

    /** The next address: so many bytes behind the start of its array, or of memory where there is none. */
    CallList at(Base base, long offset) {
        calls[size++] = (long) Long.BYTES * base.ordinal();
        calls[size++] = offset;
        return this;
    }

    /** The numbers of a call, its last arguments. */
    void numbers(long e, long f, long g, long h) {
        calls[size++] = e;
        calls[size++] = f;
        calls[size++] = g;
        calls[size++] = h;
    }

    /**
     * Makes the calls and forgets them.
     *
     * @param outside memory outside of the heap that addresses of {@link Base#NONE} are in and that others may free
     */
    void run(MemorySegment first, MemorySegment second, MemorySegment third, MemorySegment outside) {
        if (size > 0) {
            caller.callHolding(outside, first, second, third, MemorySegment.ofArray(calls), count(), 0, 0, 0);
            size = 0;
        }
    }

    /** Writes the loop over calls. Arguments: three arrays, calls; how many. */
    static byte[] code() {
        Assembler code = new Assembler(false);
        code.endbr64();
        code.push(RBX);
        code.push(R12);
        code.push(RDX); // once more below: the stack stays aligned to 16 bytes
        code.push(RDX);
        code.push(RSI);
        code.push(RDI);
        code.movInt(RAX, 0);
        code.push(RAX);
        code.mov(RBX, RCX);
        code.mov(R12, R8);
        int loop = code.loop();
        int at = Long.BYTES;
        for (Register address : new Register[] {RDI, RSI, RDX, RCX}) {
            code.mov(RAX, Address.at(RBX, at));
            code.mov(address, Address.at(RSP, RAX, 1, 0));
            code.add(address, Address.at(RBX, at + Long.BYTES));
            at += 2 * Long.BYTES;
        }
        code.mov(R8, Address.at(RBX, at));
        code.mov(R9, Address.at(RBX, at + Long.BYTES));
        for (int number : new int[] {3, 2}) {
            code.mov(RAX, Address.at(RBX, at + number * Long.BYTES));
            code.push(RAX);
        }
        code.mov(RAX, Address.at(RBX, 0));
        code.call(RAX);
        code.add(RSP, 2 * Long.BYTES);
        code.add(RBX, LONGS * Long.BYTES);
        code.dec(R12);
        code.jumpIfNotZero(loop);
        code.add(RSP, 5 * Long.BYTES);
        code.pop(R12);
        code.pop(RBX);
        code.ret();
        return code.finish();
    }
}
