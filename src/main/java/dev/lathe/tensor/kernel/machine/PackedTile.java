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
import java.util.ArrayList;
import java.util.List;

/**
 * A tile as {@link TileLayout} packs it. A part is what one vector of a word holds: outputs in the low halves of its ints, and as
 * many in the high halves.
 */
final class PackedTile implements QuadSource {
    /** Bytes of the scales and minima of a super-block's outputs as floats. */
    static final int CONVERTED_BYTES = 2 * 4 * IntegerPlane.ROWS;

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
    private final Address converted;
    private final Constants constants;
    private int keptLevels = -1; // register of the levels that are looked up
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
     * @param converted where {@link #convertSuperScales} keeps them, {@link #CONVERTED_BYTES}; null if each block converts them anew
     */
    PackedTile(
            Assembler code,
            Target target,
            TileLayout layout,
            boolean signed,
            Register block,
            Register superBlock,
            Address converted) {
        this.code = code;
        this.target = target;
        this.layout = layout;
        this.signed = signed;
        this.block = block;
        this.superBlock = superBlock;
        this.converted = converted;
        constants = new Constants(code);
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
                        constants.vector(VPXOR, low, low, 0x80808080); // less the center
                        constants.vector(VPXOR, high, high, 0x80808080);
                    }
                    consumer.accept(quad, new int[] {low, high});
                } else {
                    extract(field * fields.bits());
                    consumer.accept(quad, quads);
                }
            }
        }
    }

    /** Whether the integers are whole bytes or halves of bytes, which little has to be done with. */
    boolean isOfBytes() {
        return fields.inBytes();
    }

    /**
     * Writes code that loads constants into registers {@code [from, to)}, where they stay: levels that are looked up, those that are
     * given, then those that quads and scales use most.
     */
    void keepConstants(int from, int to, List<Integer> given) {
        int register = from;
        if (layout.integers().isLookup() && register < to) {
            keptLevels = register++;
            code.load(keptLevels, code.constant(levels()));
        }
        Address anywhere = converted == null ? null : Address.at(Register.RDX, 0);
        PackedTile trial = new PackedTile(
                new Assembler(target.wide), target, layout, signed, Register.RCX, Register.R10, anywhere);
        for (int group = 0; group < IntegerPlane.BLOCK / layout.scales().columns(); group++) {
            trial.quads(0, group, (_, _) -> {});
            trial.scales(0, group);
        }
        List<Integer> wanted = new ArrayList<>(given);
        wanted.addAll(trial.constants.mostUsed());
        constants.keep(wanted, register, to);
    }

    /** The register that keeps a constant, or -1. */
    int kept(int constant) {
        return constants.register(constant);
    }

    /** Ors the terms of a lane together. */
    private void gather(int to, List<IntegerFields.Term> terms, int part) {
        for (int i = 0; i < terms.size(); i++) {
            IntegerFields.Term term = terms.get(i);
            int moved = i == 0 ? to : first;
            int mask = term.mask() * 0x10001;
            code.load(moved, word(term.word(), part));
            if (term.left() != 0) {
                code.shiftInts(moved, moved, term.left());
            }
            if (i > 0 && target.wide) {
                constants.vector(VPTERNLOGD, to, moved, mask, 0xf8); // to | moved & mask
            } else {
                constants.vector(VPAND, moved, moved, mask);
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
            constants.vector(VPTERNLOGD, low, second, 0xffff, 0xec); // low & mask | second
            constants.vector(VPTERNLOGD, high, first, 0xffff, 0xdc); // high & ~mask | first
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
            constants.vector(VPAND, quads[i], from, mask * 0x01010101);
        }
        if (layout.integers().isLookup()) {
            int table = keptLevels < 0 ? first : keptLevels;
            if (keptLevels < 0) {
                code.load(first, code.constant(levels()));
            }
            for (int quad : quads) {
                code.vector(VPSHUFB, quad, table, quad);
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
                constants.vector(VPAND, high, high, 0xffff0000);
            }
            case SCALE_OF_256 -> {
                if (converted == null) {
                    superFloats(part, 0, low, high, first, second);
                } else {
                    code.load(low, converted(part, 0, 0));
                    code.load(high, converted(part, 0, 1));
                }
            }
            case SUPER_SCALE -> superScales(part, own, 0, 16, true);
            case SUPER_SCALE_OF_16 -> superScales(part, own, 8 - 8 * group, 8, true);
            case SUPER_SCALE_AND_MINIMUM -> {
                superScales(part, own, 8, 8, false);
                superMinima(part, own, 0, 8);
            }
            case SUPER_SCALE_AND_MINIMUM_OF_16 -> {
                superScales(part, own, 12 - 8 * group, 4, false);
                superMinima(part, own, 8 - 8 * group, 4);
            }
        }
    }

    /** Writes the code that makes floats of the scales of a super-block, once for all of its blocks. */
    void convertSuperScales() {
        for (int part = 0; part < parts(); part++) {
            for (int word = 0; word < (layout.scales().hasMinimum() ? 2 : 1); word++) {
                superFloats(part, word, low, high, first, second);
                code.store(converted(part, word, 0), low);
                code.store(converted(part, word, 1), high);
            }
        }
    }

    private Address converted(int part, int word, int vector) {
        return converted.plus(4 * (word * IntegerPlane.ROWS + firstOutput(part, vector)));
    }

    /** Scales (word 0) or minima (word 1) of a super-block. */
    private void superFloats(int part, int word, int lowFloats, int highFloats, int temporary, int other) {
        int at = word * WORD_BYTES + part * code.vectorBytes();
        halves(Address.at(superBlock, at), lowFloats, highFloats, temporary, other);
        if (word == 1) {
            for (int register : new int[] {lowFloats, highFloats}) {
                code.vector(VMULPS, register, register, code.constant(-1f));
            }
        }
    }

    private void superScales(int part, Address own, int left, int bits, boolean signed) {
        multiplyField(part, 0, own, left, bits, signed, new int[] {low, high}, new int[] {first, second});
    }

    private void superMinima(int part, Address own, int left, int bits) {
        multiplyField(part, 1, own, left, bits, false, new int[] {first, second}, quads);
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
            constants.vector(VPAND, temporary, temporary, 0xffff);
            code.vector(VPACKUSDW, temporary, temporary, other);
            code.vpermq(temporary, temporary, 0b11_01_10_00);
            code.vector(VCVTPH2PS, lowFloats, 0, temporary);
            code.extractHalf(temporary, temporary, 1);
            code.vector(VCVTPH2PS, highFloats, 0, temporary);
        }
    }

    /** Scales or minima of a super-block times a field of every lane of a block: of the low lanes and of the high ones. */
    private void multiplyField(
            int part, int word, Address from, int left, int bits, boolean signed, int[] floats, int[] registers) {
        if (converted == null) {
            superFloats(part, word, floats[0], floats[1], registers[0], registers[1]);
        }
        code.load(registers[1], from);
        code.shiftInts(registers[0], registers[1], 16 + left);
        if (left > 0) {
            code.shiftInts(registers[1], registers[1], left);
        }
        for (int i = 0; i < 2; i++) {
            if (signed) {
                code.shiftIntsSigned(registers[i], registers[i], 32 - bits);
            } else {
                code.shiftInts(registers[i], registers[i], bits - 32);
            }
            code.vector(VCVTDQ2PS, registers[i], 0, registers[i]);
            if (converted == null) {
                code.vector(VMULPS, floats[i], floats[i], registers[i]);
            } else {
                code.vector(VMULPS, floats[i], registers[i], converted(part, word, i));
            }
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
