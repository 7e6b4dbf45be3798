package dev.lathe.tensor.kernel.machine;

import static dev.lathe.tensor.kernel.machine.VectorInstruction.VCVTDQ2PS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VCVTPH2PS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VFMADD231PS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VMULPS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPACKUSDW;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPAND;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPBLENDW;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPMOVDW;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPOR;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPSHUFB;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPTERNLOGD;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPXOR;

import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.TileLayout;
import java.util.List;

/**
 * A tile as {@link TileLayout} packs it. A part is what one vector of a word holds: outputs in the low halves of its ints, and as
 * many in the high halves.
 */
final class PackedTile implements QuadSource {
    private static final int WORD_BYTES = IntegerPlane.WORD_BYTES;
    /** Register whose vectors the source takes, from the end: two lanes, two temporaries, two quads. */
    private static final int REGISTERS = 6;

    private final Assembler code;
    private final Target target;
    private final TileLayout layout;
    private final boolean signed;
    private final IntegerFields fields;
    private final Register block;
    private final Register superBlock;
    private final int low;
    private final int high;
    private final int first;
    private final int second;
    private final int[] quads;

    /**
     * A source of code.
     *
     * @param signed whether weights come as they are, not plus the center
     * @param block register that points to the block's scales
     * @param superBlock register that points to the super-block's scales
     */
    PackedTile(Assembler code, Target target, TileLayout layout, boolean signed, Register block, Register superBlock) {
        this.code = code;
        this.target = target;
        this.layout = layout;
        this.signed = signed;
        this.block = block;
        this.superBlock = superBlock;
        fields = new IntegerFields(layout.integers());
        int last = (target.wide ? 32 : 16) - 1;
        low = last;
        high = last - 1;
        first = last - 2;
        second = last - 3;
        quads = new int[] {last - 4, last - 5};
    }

    @Override
    public int parts() {
        return IntegerPlane.WORD / target.lanes();
    }

    @Override
    public int vectors() {
        return 2;
    }

    @Override
    public int firstOutput(int part, int vector) {
        int lane = part * target.lanes();
        return lane / 16 * 32 + lane % 16 + 16 * vector;
    }

    @Override
    public int firstRegister() {
        return low + 1 - REGISTERS;
    }

    @Override
    public void quads(int part, int group, Consumer consumer) {
        int groups = IntegerPlane.BLOCK / layout.scales().columns();
        int pairs = fields.pairs() / groups;
        for (int pair = group * pairs; pair < (group + 1) * pairs; pair++) {
            if (fields.inBytes()) {
                code.load(low, word(2 * pair, part));
                code.load(high, word(2 * pair + 1, part));
            } else {
                gather(low, fields.terms(4 * pair), part);
                gather(high, fields.terms(4 * pair + 2), part);
            }
            split();
            for (int field = 0; field < fields.quadsOfPair(); field++) {
                int quad = pair * fields.quadsOfPair() + field;
                if (fields.bits() == 8 || !fields.inBytes()) {
                    if (signed && fields.bits() == 8) {
                        code.vector(VPXOR, low, low, code.constant(0x80808080)); // less the center
                        code.vector(VPXOR, high, high, code.constant(0x80808080));
                    }
                    consumer.accept(quad, new int[] {low, high});
                } else {
                    extract(field * fields.bits());
                    consumer.accept(quad, quads);
                }
            }
        }
    }

    /** Ors the terms of a lane together. */
    private void gather(int to, List<IntegerFields.Term> terms, int part) {
        for (int i = 0; i < terms.size(); i++) {
            IntegerFields.Term term = terms.get(i);
            int moved = i == 0 ? to : first;
            Address mask = code.constant(term.mask() * 0x10001);
            code.load(moved, word(term.word(), part));
            if (term.left() != 0) {
                code.shiftInts(moved, moved, term.left());
            }
            if (i > 0 && target.wide) {
                code.vector(VPTERNLOGD, to, moved, mask, 0xf8); // to | moved & mask
            } else {
                code.vector(VPAND, moved, moved, mask);
                if (i > 0) {
                    code.vector(VPOR, to, to, moved);
                }
            }
        }
    }

    /** Two vectors of lanes become one of the ints of the low outputs and one of the high outputs. */
    private void split() {
        code.shiftInts(first, low, -16);
        code.shiftInts(second, high, 16);
        if (target.wide) {
            Address lowHalves = code.constant(0xffff);
            code.vector(VPTERNLOGD, low, second, lowHalves, 0xec); // low & mask | second
            code.vector(VPTERNLOGD, high, first, lowHalves, 0xdc); // high & ~mask | first
        } else {
            code.vector(VPBLENDW, low, low, second, 0xaa);
            code.vector(VPBLENDW, high, first, high, 0xaa);
        }
    }

    private void extract(int bit) {
        int mask = (1 << fields.bits()) - 1;
        int[] lanes = {low, high};
        for (int i = 0; i < lanes.length; i++) {
            int from = lanes[i];
            if (bit > 0) {
                code.shiftInts(quads[i], from, -bit);
                from = quads[i];
            }
            code.vector(VPAND, quads[i], from, code.constant(mask * 0x01010101));
        }
        if (layout.integers().isLookup()) {
            code.load(first, code.constant(levels()));
            for (int quad : quads) {
                code.vector(VPSHUFB, quad, first, quad);
            }
        }
    }

    private byte[] levels() {
        byte[] levels = layout.integers().lookupTable();
        byte[] table = new byte[64];
        for (int i = 0; i < table.length; i++) {
            table[i] = (byte) (signed ? levels[i] - layout.integers().center() : levels[i]);
        }
        return table;
    }

    private Address word(int word, int part) {
        int scaleBytes = layout.scales().blockWords() * WORD_BYTES;
        return Address.at(block, scaleBytes + word * WORD_BYTES + part * code.vectorBytes());
    }

    @Override
    public void scales(int part, int group) {
        int at = part * code.vectorBytes();
        Address own = Address.at(block, at);
        switch (layout.scales()) {
            case SCALE -> halves(own, low, high, first, second);
            case SCALE_AND_MINIMUM -> {
                halves(own, low, high, first, second);
                halves(own.plus(WORD_BYTES), first, second, quads[0], quads[1]);
            }
            case BRAIN_SCALE -> {
                code.load(high, own);
                code.shiftInts(low, high, 16);
                code.vector(VPAND, high, high, code.constant(0xffff0000));
            }
            case SCALE_OF_256 -> halves(Address.at(superBlock, at), low, high, first, second);
            case SUPER_SCALE -> superScales(at, own, 0, 16, true);
            case SUPER_SCALE_OF_16 -> superScales(at, own, 8 - 8 * group, 8, true);
            case SUPER_SCALE_AND_MINIMUM -> {
                superScales(at, own, 8, 8, false);
                superMinima(at, own, 0, 8);
            }
            case SUPER_SCALE_AND_MINIMUM_OF_16 -> {
                superScales(at, own, 12 - 8 * group, 4, false);
                superMinima(at, own, 8 - 8 * group, 4);
            }
        }
    }

    private void superScales(int at, Address own, int left, int bits, boolean signed) {
        halves(Address.at(superBlock, at), low, high, first, second);
        multiplyField(own, left, bits, signed, low, high, first, second);
    }

    private void superMinima(int at, Address own, int left, int bits) {
        halves(Address.at(superBlock, WORD_BYTES + at), first, second, quads[0], quads[1]);
        for (int register : new int[] {first, second}) {
            code.vector(VMULPS, register, register, code.constant(-1f));
        }
        multiplyField(own, left, bits, false, first, second, quads[0], quads[1]);
    }

    /** Half precision in the halves of ints, to floats of the low and of the high ones. */
    private void halves(Address from, int lowFloats, int highFloats, int temporary, int other) {
        code.load(temporary, from);
        code.shiftInts(other, temporary, -16);
        if (target.wide) {
            code.vector(VPMOVDW, temporary, 0, lowFloats);
            code.vector(VCVTPH2PS, lowFloats, 0, lowFloats);
            code.vector(VPMOVDW, other, 0, highFloats);
            code.vector(VCVTPH2PS, highFloats, 0, highFloats);
        } else {
            code.vector(VPAND, temporary, temporary, code.constant(0xffff));
            code.vector(VPACKUSDW, temporary, temporary, other);
            code.vpermq(temporary, temporary, 0b11_01_10_00);
            code.vector(VCVTPH2PS, lowFloats, 0, temporary);
            code.extractHalf(temporary, temporary, 1);
            code.vector(VCVTPH2PS, highFloats, 0, temporary);
        }
    }

    /** Multiplies floats by a field of every lane: of the low lanes and of the high ones. */
    private void multiplyField(
            Address from, int left, int bits, boolean signed, int lowFloats, int highFloats, int temporary, int other) {
        code.load(other, from);
        code.shiftInts(temporary, other, 16 + left);
        if (left > 0) {
            code.shiftInts(other, other, left);
        }
        int[] registers = {temporary, other};
        int[] floats = {lowFloats, highFloats};
        for (int i = 0; i < 2; i++) {
            if (signed) {
                code.shiftIntsSigned(registers[i], registers[i], 32 - bits);
            } else {
                code.shiftInts(registers[i], registers[i], bits - 32);
            }
            code.vector(VCVTDQ2PS, registers[i], 0, registers[i]);
            code.vector(VMULPS, floats[i], floats[i], registers[i]);
        }
    }

    @Override
    public void multiplyScale(int to, int factor, int vector) {
        code.vector(VMULPS, to, factor, vector == 0 ? low : high);
    }

    @Override
    public void addMinimum(int to, int factor, int vector) {
        code.vector(VFMADD231PS, to, factor, vector == 0 ? first : second);
    }
}
