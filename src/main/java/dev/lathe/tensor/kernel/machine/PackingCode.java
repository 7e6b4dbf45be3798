package dev.lathe.tensor.kernel.machine;

import static dev.lathe.tensor.kernel.machine.Register.R10;
import static dev.lathe.tensor.kernel.machine.Register.R8;
import static dev.lathe.tensor.kernel.machine.Register.R9;
import static dev.lathe.tensor.kernel.machine.Register.RCX;
import static dev.lathe.tensor.kernel.machine.Register.RDI;
import static dev.lathe.tensor.kernel.machine.Register.RDX;
import static dev.lathe.tensor.kernel.machine.Register.RSI;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VCVTPH2PS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPACKUSDW;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPADDD;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPAND;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPMAXSD;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPMOVDW;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPOR;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPSUBD;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPTERNLOGD;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPXOR;

import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.LaneBits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes the loop that packs rows of blocks into tiles, a vector of rows at a time: gathers four bytes of each row's block,
 * and moves their bits to where {@link LaneBits} wants them.
 */
final class PackingCode {
    private static final int WINDOW = Integer.BYTES; // bytes of a gathered int
    private static final int SIGN = 0x8000;
    private static final int HALF_EXPONENT = 0x7c00;
    /** Float bits shifted right by 13, with exponents counted from the smallest subnormal half, have so much less. */
    private static final int REBASED = 102 << 10;

    /** Four bytes of the blocks of some rows. */
    private record Window(int offset, Register rows) {}

    private final Assembler code;
    private final boolean wide;
    private final LaneBits bits;
    private final int offsets;
    private final int wrong;
    private final int mask;
    private final int temporary;
    private final int[] windowRegisters;
    private final List<Window> windows = new ArrayList<>(); // in the registers of the same place; null: free
    private int oldest;

    PackingCode(Target target, LaneBits bits) {
        code = new Assembler(target.wide);
        wide = target.wide;
        this.bits = bits;
        int last = (wide ? 32 : 16) - 1;
        offsets = last;
        wrong = last - 1;
        mask = last - 2;
        temporary = last - 3;
        windowRegisters = new int[last - 6]; // behind two lanes and a temporary
        for (int i = 0; i < windowRegisters.length; i++) {
            windowRegisters[i] = 3 + i;
        }
    }

    /**
     * Packs blocks of rows.
     *
     * <p>Arguments: the first row, where its lane belongs in the tile, lanes that become other than zero where a number is
     * wrong, bytes from the first row to that of each lane; blocks, bytes from each row to the one of the high halves.
     */
    byte[] pack() {
        code.endbr64();
        code.load(offsets, Address.at(RCX, 0));
        code.zero(wrong);
        code.mov(R10, RDI);
        code.add(R10, R9);
        int loop = code.loop();
        for (int word = 0; word < bits.words(); word++) {
            word(word);
        }
        code.add(RDI, bits.blockBytes());
        code.add(R10, bits.blockBytes());
        code.add(RSI, bits.words() * IntegerPlane.WORD_BYTES);
        code.dec(R8);
        code.jumpIfNotZero(loop);
        int signs = bits.rebased() ? ~(SIGN - 1) : both(SIGN);
        code.vector(VPAND, wrong, wrong, code.constant(signs));
        code.vector(VPOR, wrong, wrong, Address.at(RDX, 0));
        code.store(Address.at(RDX, 0), wrong);
        code.vzeroupper();
        code.ret();
        return code.finish();
    }

    private static int both(int lane) {
        return lane << 16 | lane;
    }

    private void word(int word) {
        int low = 0;
        int high = 1;
        lane(word, RDI, low);
        lane(word, R10, high);
        code.shiftInts(high, high, 16);
        code.vector(VPOR, low, low, high);
        if (bits.constants()[word] != 0) {
            code.vector(VPXOR, low, low, code.constant(both(bits.constants()[word])));
        }
        if (bits.finite()[word]) { // the greatest exponent becomes a sign
            code.vector(VPAND, high, low, code.constant(both(HALF_EXPONENT)));
            code.vector(VPADDD, high, high, code.constant(both(SIGN - HALF_EXPONENT)));
            code.vector(VPOR, wrong, wrong, high);
        }
        code.store(Address.at(RSI, word * IntegerPlane.WORD_BYTES), low);
    }

    /** A word's lanes of the rows from a register on, in the low halves of ints. */
    private void lane(int word, Register rows, int to) {
        boolean isFirst = true;
        int missing = missing(word, 0, (1 << LaneBits.LANE) - 1);
        while (missing != 0) {
            Window window = best(word, rows, missing);
            int ints = gathered(window);
            for (Map.Entry<Integer, Integer> term : terms(word, window, missing).entrySet()) {
                add(to, ints, term.getKey(), term.getValue(), isFirst);
                isFirst = false;
            }
            missing = missing(word, missing, window);
        }
        if (isFirst) {
            code.zero(to);
        } else if (bits.rebased()) {
            rebase(to);
        }
    }

    /** Those bits of a lane that come from the file. */
    private int missing(int word, int none, int all) {
        int missing = none;
        for (int bit = 0; bit < LaneBits.LANE; bit++) {
            if ((all >> bit & 1) != 0 && source(word, bit) >= 0) {
                missing |= 1 << bit;
            }
        }
        return missing;
    }

    private int missing(int word, int before, Window window) {
        int missing = before;
        for (int bit = 0; bit < LaneBits.LANE; bit++) {
            if (isIn(window, source(word, bit))) {
                missing &= ~(1 << bit);
            }
        }
        return missing;
    }

    private int source(int word, int bit) {
        return bits.sources()[word * LaneBits.LANE + bit];
    }

    private static boolean isIn(Window window, int source) {
        return source >= 0 && source / 8 >= window.offset && source / 8 < window.offset + WINDOW;
    }

    /** A window with the first missing byte: one that is there, unless another has more of the bits. */
    private Window best(int word, Register rows, int missing) {
        int first = Integer.MAX_VALUE;
        for (int bit = 0; bit < LaneBits.LANE; bit++) {
            if ((missing >> bit & 1) != 0) {
                first = Math.min(first, source(word, bit) / 8);
            }
        }
        Window best = new Window(Math.min(first, bits.blockBytes() - WINDOW), rows);
        int most = Integer.bitCount(missing & ~missing(word, missing, best));
        for (Window known : windows) {
            if (known.rows == rows
                    && known.offset <= first
                    && first < known.offset + WINDOW
                    && Integer.bitCount(missing & ~missing(word, missing, known)) >= most) {
                return known;
            }
        }
        return best;
    }

    /** The register of a window, gathered unless it is there. */
    private int gathered(Window window) {
        int known = windows.indexOf(window);
        if (known >= 0) {
            return windowRegisters[known];
        }
        int place = oldest;
        if (windows.size() < windowRegisters.length) {
            windows.add(window);
        } else {
            windows.set(place, window);
        }
        oldest = (place + 1) % windowRegisters.length;
        code.gatherInts(windowRegisters[place], window.rows, window.offset, offsets, mask);
        return windowRegisters[place];
    }

    /** Masks of a lane's bits by the places that they move left. */
    private Map<Integer, Integer> terms(int word, Window window, int missing) {
        Map<Integer, Integer> terms = new TreeMap<>();
        for (int bit = 0; bit < LaneBits.LANE; bit++) {
            int source = source(word, bit);
            if ((missing >> bit & 1) != 0 && isIn(window, source)) {
                terms.merge(bit - (source - 8 * window.offset), 1 << bit, (a, b) -> a | b);
            }
        }
        return terms;
    }

    private void add(int to, int from, int left, int mask, boolean isFirst) {
        int moved = from;
        if (left != 0) {
            moved = isFirst ? to : temporary;
            code.shiftInts(moved, from, left);
        }
        Address constant = code.constant(mask);
        if (isFirst) {
            code.vector(VPAND, to, moved, constant);
        } else if (wide) {
            code.vector(VPTERNLOGD, to, moved, constant, 0xf8); // to | moved & mask
        } else {
            code.vector(VPAND, temporary, moved, constant);
            code.vector(VPOR, to, to, temporary);
        }
    }

    /** What {@link dev.lathe.tensor.kernel.FloatPlane#rebase} does, by way of floats. */
    private void rebase(int lanes) {
        int floats = 2;
        if (wide) {
            code.vector(VPMOVDW, lanes, 0, floats);
        } else {
            code.vector(VPACKUSDW, floats, lanes, lanes);
            code.vpermq(floats, floats, 0b10_00);
        }
        code.vector(VCVTPH2PS, floats, 0, floats);
        code.vector(VPAND, floats, floats, code.constant(Integer.MAX_VALUE));
        code.shiftInts(floats, floats, -13);
        code.vector(VPSUBD, floats, floats, code.constant(REBASED));
        code.vector(VPMAXSD, floats, floats, code.constant(0)); // zeros have no exponent
        code.vector(VPOR, wrong, wrong, floats);
        code.vector(VPAND, lanes, lanes, code.constant(SIGN));
        code.vector(VPOR, lanes, lanes, floats);
    }
}
