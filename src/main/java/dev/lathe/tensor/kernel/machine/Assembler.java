package dev.lathe.tensor.kernel.machine;

import static dev.lathe.tensor.kernel.machine.VectorInstruction.VMOVUPS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VMOVUPS_STORE;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes x86-64 machine code: moves, additions and loops on general registers, and vector instructions of 256 bits (VEX) or 512
 * bits (EVEX). Constants that the code reads lie behind it and are addressed relative to it.
 *
 * <p>Vector registers are numbers: 0 to 15 with VEX, 0 to 31 with EVEX. Operands come in the order of Intel's manuals: result
 * first. Not thread-safe.
 */
final class Assembler {
    private static final int CONSTANT_BYTES = 64;

    /** A place of the code that still lacks the distance to something. */
    private record Fixup(int at, int end, int constant) {}

    private boolean wide;
    private final List<byte[]> constants = new ArrayList<>();
    private final List<Fixup> fixups = new ArrayList<>();
    private byte[] code = new byte[4096];
    private int size;

    /** Code for vectors of 512 bits, else of 256. */
    Assembler(boolean wide) {
        this.wide = wide;
    }

    /** Writes a part of the code for vectors of 256 bits, the lower halves of wide ones. */
    void narrow(Runnable part) {
        boolean before = wide;
        wide = false;
        part.run();
        wide = before;
    }

    /** Bytes of a vector. */
    int vectorBytes() {
        return wide ? 64 : 32;
    }

    /** The code and its constants; {@link #ret} must have been the last instruction. */
    byte[] finish() {
        while (size % CONSTANT_BYTES != 0) {
            put(0xcc); // traps
        }
        int first = size;
        for (byte[] constant : constants) {
            for (byte b : constant) {
                put(b);
            }
        }
        for (Fixup fixup : fixups) {
            patch(fixup.at, first + fixup.constant * CONSTANT_BYTES - fixup.end);
        }
        return Arrays.copyOf(code, size);
    }

    /** A constant vector that repeats one int. */
    Address constant(int value) {
        byte[] bytes = new byte[CONSTANT_BYTES];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (value >>> 8 * (i % 4));
        }
        return constant(bytes);
    }

    /** A constant vector that repeats one float. */
    Address constant(float value) {
        return constant(Float.floatToRawIntBits(value));
    }

    /** A constant of numbers of some bytes each, of which the first is given and the others are zero. */
    Address constant(byte[] numbers, int size) {
        byte[] bytes = new byte[CONSTANT_BYTES];
        for (int i = 0; i < numbers.length; i++) {
            bytes[size * i] = numbers[i];
        }
        return constant(bytes);
    }

    /** A constant of 64 bytes; equal ones share a place. */
    Address constant(byte[] bytes) {
        for (int i = 0; i < constants.size(); i++) {
            if (Arrays.equals(constants.get(i), bytes)) {
                return new Address(null, null, 1, i);
            }
        }
        constants.add(bytes.clone());
        return new Address(null, null, 1, constants.size() - 1);
    }

    // General registers.

    void push(Register register) {
        if (register.ordinal() > 7) {
            put(0x41);
        }
        put(0x50 | register.ordinal() & 7);
    }

    void pop(Register register) {
        if (register.ordinal() > 7) {
            put(0x41);
        }
        put(0x58 | register.ordinal() & 7);
    }

    void call(Register routine) {
        if (routine.ordinal() > 7) {
            put(0x41);
        }
        putAll(0xff, 0xd0 | routine.ordinal() & 7);
    }

    void ret() {
        put(0xc3);
    }

    /** Marks a target of indirect calls for processors that ask for such marks. */
    void endbr64() {
        putAll(0xf3, 0x0f, 0x1e, 0xfa);
    }

    void mov(Register to, Register from) {
        registers(0x89, from, to);
    }

    void add(Register to, Register from) {
        registers(0x01, from, to);
    }

    void sub(Register to, Register from) {
        registers(0x29, from, to);
    }

    void add(Register to, int value) {
        immediate(0, to, value);
    }

    /** Compares the low 32 bits of a register with a value. */
    void compareInt(Register register, int value) {
        if (register.ordinal() > 7) {
            put(0x41);
        }
        putAll(0x81, 0xf8 | register.ordinal() & 7);
        putInt(value);
    }

    /** Jumps forward if the first of the values compared is at least the second, both unsigned; {@link #land} says where to. */
    int jumpIfAtLeast() {
        putAll(0x0f, 0x83);
        putInt(0);
        return size;
    }

    void movInt(Register to, int value) {
        if (to.ordinal() > 7) {
            put(0x41);
        }
        put(0xb8 | to.ordinal() & 7);
        putInt(value);
    }

    void mov(Register to, int value) {
        rex(0, 0, to.ordinal());
        putAll(0xc7, 0xc0 | to.ordinal() & 7);
        putInt(value);
    }

    void shr(Register register, int count) {
        rex(0, 0, register.ordinal());
        putAll(0xc1, 0xe8 | register.ordinal() & 7, count);
    }

    /** Moves 32 bits; the others become zero. */
    void movInt(Register to, Address from) {
        memoryOfInt(0x8b, to.ordinal(), from);
    }

    void movInt(Address to, Register from) {
        memoryOfInt(0x89, from.ordinal(), to);
    }

    void addInt(Register to, Address from) {
        memoryOfInt(0x03, to.ordinal(), from);
    }

    void multiplyInt(Register register, int factor) {
        if (register.ordinal() > 7) {
            put(0x45);
        }
        putAll(0x69, 0xc0 | (register.ordinal() & 7) << 3 | register.ordinal() & 7);
        putInt(factor);
    }

    void shl(Register register, int count) {
        rex(0, 0, register.ordinal());
        putAll(0xc1, 0xe0 | register.ordinal() & 7, count);
    }

    void mov(Register to, Address from) {
        memory(0x8b, to.ordinal(), from);
    }

    void mov(Address to, Register from) {
        memory(0x89, from.ordinal(), to);
    }

    void add(Register to, Address from) {
        memory(0x03, to.ordinal(), from);
    }

    void lea(Register to, Address from) {
        memory(0x8d, to.ordinal(), from);
    }

    /** Subtracts one and tells {@link #jumpIfNotZero} whether anything is left. */
    void dec(Register register) {
        rex(0, 0, register.ordinal());
        putAll(0xff, 0xc8 | register.ordinal() & 7);
    }

    /** The present place, for jumps back to it. */
    int here() {
        return size;
    }

    /** As {@link #here}, at the start of a line of the instruction cache's fetches. */
    int loop() {
        while (size % 32 != 0) {
            int missing = 32 - size % 32;
            if (missing >= 9) {
                putAll(0x66, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0);
            } else if (missing >= 4) {
                putAll(0x0f, 0x1f, 0x40, 0);
            } else {
                put(0x90);
            }
        }
        return size;
    }

    void jumpIfNotZero(int target) {
        putAll(0x0f, 0x85);
        putInt(target - size - 4);
    }

    /** Jumps forward if the last result was zero; {@link #land} says where to. */
    int jumpIfZero() {
        putAll(0x0f, 0x84);
        putInt(0);
        return size;
    }

    /** Jumps forward; {@link #land} says where to. */
    int jump() {
        put(0xe9);
        putInt(0);
        return size;
    }

    /** Lets a forward jump end here. */
    void land(int jump) {
        patch(jump - 4, size - jump);
    }

    void test(Register register) {
        registers(0x85, register, register);
    }

    /** Asks for the line of an address, which may be any, to be brought to the cache of the first level. */
    void prefetch(Address address) {
        prefetch(1, address);
    }

    /** As {@link #prefetch}, to that of the second level: more of them can be under way. */
    void prefetchFar(Address address) {
        prefetch(2, address);
    }

    private void prefetch(int hint, Address address) {
        int x = address.index() == null ? 0 : address.index().ordinal();
        if ((address.base().ordinal() | x) > 7) {
            put(0x40 | x >> 3 << 1 | address.base().ordinal() >> 3);
        }
        putAll(0x0f, 0x18);
        operand(hint, address, 1, 0);
    }

    // Vectors.

    void vzeroupper() {
        putAll(0xc5, 0xf8, 0x77);
    }

    void load(int to, Address from) {
        vector(VMOVUPS, to, 0, from);
    }

    void store(Address to, int from) {
        vector(VMOVUPS_STORE, from, 0, to);
    }

    void zero(int register) {
        vector(VectorInstruction.VPXOR, register, register, register);
    }

    /** An instruction with registers only; {@code a} is 0 where there is one source, {@code b}. */
    void vector(VectorInstruction i, int to, int a, int b) {
        if (wide) {
            evex(i.map, i.prefix, 0, to, a, b);
            put(i.opcode);
        } else {
            vex(i.map, i.prefix, 0, to, a, 0, b);
            put(i.opcode);
        }
        put(0xc0 | (to & 7) << 3 | b & 7);
    }

    /** The same with an immediate byte. */
    void vector(VectorInstruction i, int to, int a, int b, int immediate) {
        vector(i, to, a, b);
        put(immediate);
    }

    /** An instruction whose last source is in memory. */
    void vector(VectorInstruction i, int to, int a, Address b) {
        vector(i, to, a, b, false, 0);
    }

    /** The same with an immediate byte. */
    void vector(VectorInstruction i, int to, int a, Address b, int immediate) {
        vector(i, to, a, b, false, 1);
        put(immediate);
    }

    /** An instruction whose last source is one number of 32 bits in memory, the same for all lanes (EVEX). */
    void vectorBroadcast(VectorInstruction i, int to, int a, Address b) {
        if (!wide) {
            throw new IllegalStateException("VEX has no broadcast operands");
        }
        vector(i, to, a, b, true, 0);
    }

    private void vector(VectorInstruction i, int to, int a, Address b, boolean broadcast, int immediates) {
        int base = b.base() == null ? 0 : b.base().ordinal();
        int index = b.index() == null ? 0 : b.index().ordinal();
        int unit = 1; // bytes that a short displacement counts in
        if (wide) {
            put(0x62);
            put(~to >> 3 << 7 & 0x80 | ~index >> 3 << 6 & 0x40 | ~base >> 3 << 5 & 0x20 | ~to >> 4 << 4 & 0x10 | i.map);
            put((~a & 15) << 3 | 4 | i.prefix);
            put(0x40 | (broadcast ? 0x10 : 0) | ~a >> 4 << 3 & 8);
            unit = broadcast || i.loadsOneNumber()
                    ? 4
                    : switch (i.tuple) {
                        case FULL -> 64;
                        case HALF -> 32;
                    };
        } else {
            vex(i.map, i.prefix, 0, to, a, index, base);
        }
        put(i.opcode);
        operand(to, b, unit, immediates);
    }

    /** Shifts ints left, or right without their sign, by some bits. */
    void shiftInts(int to, int from, int left) {
        shift(0x72, left >= 0 ? 6 : 2, to, from, Math.abs(left));
    }

    /** Shifts ints right with their sign. */
    void shiftIntsSigned(int to, int from, int right) {
        shift(0x72, 4, to, from, right);
    }

    /** Shifts words of 16 bits left. */
    void shiftWords(int to, int from, int left) {
        shift(0x71, 6, to, from, left);
    }

    /** Shifts words of 16 bits right with their sign. */
    void shiftWordsSigned(int to, int from, int right) {
        shift(0x71, 4, to, from, right);
    }

    private void shift(int opcode, int extension, int to, int from, int count) {
        if (wide) {
            evex(1, 1, 0, extension, to, from);
        } else {
            vex(1, 1, 0, extension, to, 0, from);
        }
        putAll(opcode, 0xc0 | extension << 3 | from & 7, count);
    }

    /**
     * Loads an int for each lane, from {@code base + displacement} and as many bytes on as the lane of a register says.
     *
     * @param mask VEX: a register that is all ones, and zero afterwards; with EVEX the mask register k1 is used so
     */
    void gatherInts(int to, Register base, int displacement, int offsets, int mask) {
        if (wide) {
            putAll(0xc5, 0xf4, 0x46, 0xc9); // kxnorw k1, k1, k1: all ones
            put(0x62);
            put(~to >> 3 << 7 & 0x80 | ~offsets >> 3 << 6 & 0x40 | ~base.ordinal() >> 3 << 5 & 0x20);
            code[size - 1] |= (byte) (~to >> 4 << 4 & 0x10 | 2);
            put(0x7d);
            put(0x41 | ~offsets >> 4 << 3 & 8);
        } else {
            vector(VectorInstruction.VPCMPEQD, mask, mask, mask);
            vex(2, 1, 0, to, mask, offsets, base.ordinal());
        }
        put(0x90);
        put(0x84 | (to & 7) << 3);
        put((offsets & 7) << 3 | base.ordinal() & 7);
        putInt(displacement);
    }

    /** VEX: quarters of 64 bits in the order of the immediate's pairs of bits. */
    void vpermq(int to, int from, int order) {
        vex(3, 1, 1, to, 0, 0, from);
        putAll(0x00, 0xc0 | (to & 7) << 3 | from & 7, order);
    }

    /** VEX: a half of a vector of 256 bits. */
    void extractHalf(int to, int from, int half) {
        vex(3, 1, 0, from, 0, 0, to);
        putAll(0x39, 0xc0 | (from & 7) << 3 | to & 7, half);
    }

    // Encoding.

    private void vex(int map, int prefix, int w, int reg, int a, int index, int rm) {
        if ((reg | a | rm) > 15) {
            throw new IllegalArgumentException("VEX knows registers 0 to 15; got " + reg + ", " + a + ", " + rm);
        }
        put(0xc4);
        put(~reg >> 3 << 7 & 0x80 | ~index >> 3 << 6 & 0x40 | ~rm >> 3 << 5 & 0x20 | map);
        put(w << 7 | (~a & 15) << 3 | 4 | prefix);
    }

    private void evex(int map, int prefix, int w, int reg, int a, int rm) {
        put(0x62);
        put(~reg >> 3 << 7 & 0x80 | ~rm >> 4 << 6 & 0x40 | ~rm >> 3 << 5 & 0x20 | ~reg >> 4 << 4 & 0x10 | map);
        put(w << 7 | (~a & 15) << 3 | 4 | prefix);
        put(0x40 | ~a >> 4 << 3 & 8);
    }

    private void rex(int reg, int index, int base) {
        put(0x48 | reg >> 3 << 2 | index >> 3 << 1 | base >> 3);
    }

    private void registers(int opcode, Register reg, Register rm) {
        rex(reg.ordinal(), 0, rm.ordinal());
        putAll(opcode, 0xc0 | (reg.ordinal() & 7) << 3 | rm.ordinal() & 7);
    }

    private void immediate(int extension, Register rm, int value) {
        rex(0, 0, rm.ordinal());
        putAll(0x81, 0xc0 | extension << 3 | rm.ordinal() & 7);
        putInt(value);
    }

    private void memory(int opcode, int reg, Address address) {
        int index = address.index() == null ? 0 : address.index().ordinal();
        rex(reg, index, address.base().ordinal());
        put(opcode);
        operand(reg, address, 1, 0);
    }

    private void memoryOfInt(int opcode, int reg, Address address) {
        int index = address.index() == null ? 0 : address.index().ordinal();
        int rex = reg >> 3 << 2 | index >> 3 << 1 | address.base().ordinal() >> 3;
        if (rex > 0) {
            put(0x40 | rex);
        }
        put(opcode);
        operand(reg, address, 1, 0);
    }

    private void operand(int reg, Address address, int unit, int immediates) {
        if (address.base() == null) {
            put((reg & 7) << 3 | 5);
            fixups.add(new Fixup(size, size + 4 + immediates, address.displacement()));
            putInt(0);
            return;
        }
        int base = address.base().ordinal() & 7;
        int displacement = address.displacement();
        boolean indexed = address.index() != null || base == 4;
        int mode;
        if (displacement == 0 && base != 5) {
            mode = 0;
        } else if (displacement % unit == 0 && displacement / unit == (byte) (displacement / unit)) {
            mode = 1;
        } else {
            mode = 2;
        }
        put(mode << 6 | (reg & 7) << 3 | (indexed ? 4 : base));
        if (indexed) {
            boolean none = address.index() == null;
            int index = none ? 4 : address.index().ordinal() & 7;
            put((none ? 0 : Integer.numberOfTrailingZeros(address.scale()) << 6) | index << 3 | base);
        }
        if (mode == 1) {
            put(displacement / unit);
        } else if (mode == 2) {
            putInt(displacement);
        }
    }

    private void patch(int at, int value) {
        for (int i = 0; i < 4; i++) {
            code[at + i] = (byte) (value >> 8 * i);
        }
    }

    private void putInt(int value) {
        putAll(value, value >> 8, value >> 16, value >> 24);
    }

    private void putAll(int... bytes) {
        for (int b : bytes) {
            put(b);
        }
    }

    private void put(int b) {
        if (size == code.length) {
            code = Arrays.copyOf(code, 2 * size);
        }
        code[size++] = (byte) b;
    }
}
