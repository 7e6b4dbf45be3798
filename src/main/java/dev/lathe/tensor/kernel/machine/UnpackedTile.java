package dev.lathe.tensor.kernel.machine;

import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.TileLayout;

/**
 * Blocks of a tile that were unpacked once for many rows: for each block its quads [8][64 outputs], or as many pairs of words for each
 * half of it ({@link ByteDot#WORDS}, of a quad the even bytes, then the odd ones), then the floats of its scales
 * [groups][64], then of its minima where there are some.
 */
final class UnpackedTile implements QuadSource {
    private static final int QUADS = IntegerPlane.BLOCK / 4;
    private static final int VECTOR_OF_OUTPUTS = 4 * IntegerPlane.ROWS; // bytes

    private final Assembler code;
    private final Target target;
    private final int groups;
    private final int quads;
    private final Register block;
    private final int[] registers;
    private int scalesAt;

    UnpackedTile(Assembler code, Target target, TileLayout layout, ByteDot dot, Register block) {
        this.code = code;
        this.target = target;
        this.block = block;
        groups = IntegerPlane.BLOCK / layout.scales().columns();
        quads = QUADS * dot.valueBytes();
        registers = target.wide ? new int[] {24, 25} : new int[] {14, 15};
    }

    /** Bytes of an unpacked block. */
    static int blockBytes(TileLayout layout, ByteDot dot) {
        int groups = IntegerPlane.BLOCK / layout.scales().columns();
        return (QUADS * dot.valueBytes() + groups * (layout.scales().hasMinimum() ? 2 : 1)) * VECTOR_OF_OUTPUTS;
    }

    @Override
    public int parts() {
        return IntegerPlane.ROWS / target.lanes() / vectors();
    }

    @Override
    public int vectors() {
        return registers.length;
    }

    @Override
    public int firstOutput(int part, int vector) {
        return (part * vectors() + vector) * target.lanes();
    }

    @Override
    public int firstRegister() {
        return target.wide ? 24 : 10;
    }

    @Override
    public void quads(int part, int group, Consumer consumer) {
        int count = quads / groups;
        for (int quad = group * count; quad < (group + 1) * count; quad++) {
            for (int v = 0; v < vectors(); v++) {
                code.load(registers[v], at(quad, part, v));
            }
            consumer.accept(quad, registers);
        }
    }

    /** Where the unpacking code puts a vector of a quad, of scales (after the quads) or minima (after the scales). */
    private Address at(int row, int part, int vector) {
        return Address.at(block, row * VECTOR_OF_OUTPUTS + 4 * firstOutput(part, vector));
    }

    @Override
    public void scales(int part, int group) {
        scalesAt = (quads + group) * VECTOR_OF_OUTPUTS + 4 * firstOutput(part, 0);
    }

    @Override
    public void multiplyScale(int to, int factor, int vector) {
        Address scale = Address.at(block, scalesAt + vector * code.vectorBytes());
        code.vector(VectorInstruction.VMULPS, to, factor, scale);
    }

    @Override
    public void addMinimum(int to, int factor, int vector) {
        Address minimum = Address.at(block, scalesAt + groups * VECTOR_OF_OUTPUTS + vector * code.vectorBytes());
        code.vector(VectorInstruction.VFMADD231PS, to, factor, minimum);
    }
}
