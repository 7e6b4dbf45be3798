package dev.lathe.tensor.kernel.machine;

/**
 * Where an operand lies in memory: {@code base + index * scale + displacement}.
 *
 * @param base register, or null for a constant of the code itself
 * @param index register, or null
 * @param scale 1, 2, 4 or 8
 * @param displacement bytes; for a constant its number
 */
record Address(Register base, Register index, int scale, int displacement) {
    Address {
        if (index == Register.RSP) {
            throw new IllegalArgumentException("rsp cannot be an index");
        }
    }

    static Address at(Register base, int displacement) {
        return new Address(base, null, 1, displacement);
    }

    static Address at(Register base, Register index, int scale, int displacement) {
        return new Address(base, index, scale, displacement);
    }

    /** The same place some bytes on. */
    Address plus(int bytes) {
        return new Address(base, index, scale, displacement + bytes);
    }
}
