package dev.lathe.tensor.kernel.machine;

import static dev.lathe.tensor.kernel.machine.Register.R10;
import static dev.lathe.tensor.kernel.machine.Register.R11;
import static dev.lathe.tensor.kernel.machine.Register.R12;
import static dev.lathe.tensor.kernel.machine.Register.R13;
import static dev.lathe.tensor.kernel.machine.Register.R14;
import static dev.lathe.tensor.kernel.machine.Register.R15;
import static dev.lathe.tensor.kernel.machine.Register.R8;
import static dev.lathe.tensor.kernel.machine.Register.R9;
import static dev.lathe.tensor.kernel.machine.Register.RAX;
import static dev.lathe.tensor.kernel.machine.Register.RBP;
import static dev.lathe.tensor.kernel.machine.Register.RBX;
import static dev.lathe.tensor.kernel.machine.Register.RCX;
import static dev.lathe.tensor.kernel.machine.Register.RDI;
import static dev.lathe.tensor.kernel.machine.Register.RDX;
import static dev.lathe.tensor.kernel.machine.Register.RSI;
import static dev.lathe.tensor.kernel.machine.Register.RSP;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VBROADCASTSS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VCVTPH2PS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VFMADD231PS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VMULPS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPAND;

import dev.lathe.tensor.kernel.ActiveColumns;
import dev.lathe.tensor.kernel.AttentionKernels;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Writes loops of float products: {@code c[row][lane] = sum over k of a[row][k] * b[k][lane]}, each sum one chain of fused
 * multiply-adds in the order of k. That is a product with plain weights, the scores of attention and its weighted values.
 */
final class FloatCode {
    /** How the numbers of {@code b} lie. */
    enum Numbers {
        /** Floats, lane after lane. */
        FLOATS,
        /** Halves, lane after lane. */
        HALF_LANES,
        /** Halves in the words of a tile; products want {@code a} times the plane's scale. */
        HALVES,
        /** Upper halves of floats in the words of a tile. */
        BFLOATS
    }

    private static final int LINE = 64; // bytes of the cache
    private static final int WORD_BYTES = 128; // of a column of 16-bit numbers
    /** The most rows of {@link #packedProducts}. */
    static final int MOST_PACKED_ROWS = 6;
    /** Columns of a piece of {@link #packedProducts}: 4 KB of a tile. */
    private static final int PIECE = 32;

    private final Target target;

    FloatCode(Target target) {
        this.target = target;
    }

    /** The most rows of a loop over so many vectors. */
    int mostRows(int vectors) {
        return (target.wide ? 24 : 8) / vectors;
    }

    /**
     * Products of groups of some rows with some vectors of lanes of floats or halves.
     *
     * <p>Arguments: a, b, c, what will be b soon after; bytes from row to row of a, from k to k of b, from row to row
     * of c, {@link #counts}.
     *
     * @param adds whether the sums begin with what c holds, else with zero
     */
    byte[] products(Numbers numbers, int rows, int vectors, boolean adds) {
        return products(numbers, rows, vectors, adds, false);
    }

    /**
     * Products of the same rows with tiles that follow each other, as {@link #products} computes them: results of a tile stand behind
     * those of the one before. The number of groups is that of tiles.
     */
    byte[] tileProducts(Numbers numbers, int rows, int vectors) {
        return products(numbers, rows, vectors, false, true);
    }

    private byte[] products(Numbers numbers, int rows, int vectors, boolean adds, boolean tiles) {
        Assembler code = new Assembler(target.wide);
        code.endbr64();
        List<Register> saved = List.of(RBX, RBP, R12, R13, R14, R15, RCX);
        saved.forEach(code::push);
        int arguments = 8 * (saved.size() + 1);
        Address stride = Address.at(RSP, arguments);
        code.mov(RBP, RCX);
        code.movInt(R14, Address.at(RSP, arguments + 8));
        code.movInt(R12, Address.at(RSP, arguments + 12));
        code.mov(R13, tiles ? RDX : RSI); // where every group begins
        code.mov(R15, RDI);
        int group = code.loop();
        if (!tiles) {
            code.mov(RBP, Address.at(RSP, 0));
        }
        for (int row = 0; row < rows; row++) {
            if (row == 0) {
                code.mov(RAX, RDX);
            } else {
                code.add(RAX, stride);
            }
            for (int v = 0; v < vectors; v++) {
                int sum = row * vectors + v;
                if (adds) {
                    code.load(sum, Address.at(RAX, v * code.vectorBytes()));
                } else {
                    code.zero(sum);
                }
            }
        }
        code.mov(RBX, R14);
        bases(code);
        int first = rows * vectors;
        int factor = first + vectors;
        code.test(RBX);
        int nothing = code.jumpIfZero();
        int loop = code.loop();
        for (int line = 0; numbers == Numbers.HALF_LANES && line < vectors * code.vectorBytes() / 2; line += LINE) {
            code.prefetchFar(Address.at(RBP, line));
        }
        for (int v = 0; v < vectors; v++) {
            if (numbers == Numbers.FLOATS) {
                code.load(first + v, Address.at(RSI, v * code.vectorBytes()));
            } else {
                code.vector(VCVTPH2PS, first + v, 0, Address.at(RSI, v * code.vectorBytes() / 2));
            }
        }
        for (int row = 0; row < rows; row++) {
            code.vector(VBROADCASTSS, factor, 0, row(row));
            for (int v = 0; v < vectors; v++) {
                code.vector(VFMADD231PS, row * vectors + v, factor, first + v);
            }
        }
        code.add(RSI, R9);
        if (numbers == Numbers.HALF_LANES) {
            code.add(RBP, R9);
        }
        code.add(RDI, 4);
        code.add(R10, 4);
        code.add(R11, 4);
        code.add(RCX, 4);
        code.dec(RBX);
        code.jumpIfNotZero(loop);
        code.land(nothing);
        for (int row = 0; row < rows; row++) {
            for (int v = 0; v < vectors; v++) {
                code.store(Address.at(RDX, v * code.vectorBytes()), row * vectors + v);
            }
            code.add(RDX, stride);
            if (!tiles) {
                code.add(R15, R8);
            }
        }
        if (tiles) {
            code.add(R13, Float.BYTES * AttentionKernels.TILE);
            code.mov(RDX, R13);
        } else {
            code.mov(RSI, R13);
        }
        code.mov(RDI, R15);
        code.dec(R12);
        code.jumpIfNotZero(group);
        code.vzeroupper();
        saved.reversed().forEach(code::pop);
        code.ret();
        return code.finish();
    }

    /** The last argument of {@link #products}: how many k, and how many groups of rows. */
    static long counts(int k, int groups) {
        return (long) groups << 32 | k;
    }

    /** Bases of rows 0 to 2, 3 to 5, 6 to 8, 9 to 11. */
    private static void bases(Assembler code) {
        code.lea(RAX, Address.at(R8, R8, 2, 0));
        code.lea(R10, Address.at(RDI, RAX, 1, 0));
        code.lea(R11, Address.at(R10, RAX, 1, 0));
        code.lea(RCX, Address.at(R11, RAX, 1, 0));
    }

    private static Address row(int row) {
        Register base =
                switch (row / 3) {
                    case 0 -> RDI;
                    case 1 -> R10;
                    case 2 -> R11;
                    default -> RCX;
                };
        return row % 3 == 0 ? Address.at(base, 0) : Address.at(base, R8, row % 3, 0);
    }

    /**
     * Adds products of some rows with a tile of 16-bit numbers. Where there are no registers for the sums of all its
     * outputs, it takes {@link #PIECE} columns after the other, and of them {@link #packedParts} of the outputs after
     * the other, while they are near.
     *
     * <p>Arguments: a, the tile, c, nothing; bytes from row to row of a, from column to column of the tile, from row to
     * row of c, columns.
     */
    byte[] packedProducts(Numbers numbers, int rows) {
        Assembler code = new Assembler(target.wide);
        code.endbr64();
        List<Register> saved = List.of(RBX, R12, R13, R14, R15);
        saved.forEach(code::push);
        int arguments = 8 * (saved.size() + 1);
        Address stride = Address.at(RSP, arguments);
        code.mov(R14, Address.at(RSP, arguments + 8));
        code.mov(R13, RSI);
        code.mov(R15, RDI);
        code.test(R14);
        int nothing = code.jumpIfZero();
        int piece = code.here();
        code.mov(R12, R14);
        if (packedParts(rows) < parts()) {
            code.mov(R12, PIECE);
            code.compareInt(R14, PIECE);
            int whole = code.jumpIfAtLeast();
            code.mov(R12, R14);
            code.land(whole);
        }
        for (int part = 0; part < parts(); part += packedParts(rows)) {
            code.mov(RSI, R13);
            code.mov(RDI, R15);
            code.mov(RBX, R12);
            addPackedParts(code, numbers, rows, part, stride);
        }
        code.mov(R13, RSI);
        code.mov(R15, RDI);
        code.sub(R14, R12);
        code.jumpIfNotZero(piece);
        code.land(nothing);
        code.vzeroupper();
        saved.reversed().forEach(code::pop);
        code.ret();
        return code.finish();
    }

    /** Columns of some vectors of a tile's words, each of which holds two vectors of outputs, 16 apart. */
    private void addPackedParts(Assembler code, Numbers numbers, int rows, int from, Address stride) {
        int parts = packedParts(rows);
        int sums = 2 * rows * parts;
        int together = Math.min(parts, 2);
        int factor = sums + 2 * together;
        Constants constants = new Constants(code);
        if (rows > 1) {
            constants.keep(List.of(mask(numbers)), factor + 1, factor + 2);
        }
        sums(code, rows, parts, from, stride, (sum, at) -> code.load(sum, at));
        bases(code);
        if (parts < parts()) { // the next piece, evenly: processors do not foresee that it follows
            code.lea(RAX, Address.at(R13, PIECE * WORD_BYTES + from * PIECE * WORD_BYTES / parts()));
        }
        int loop = code.loop();
        for (int part = 0; part < parts; part += together) {
            for (int i = 0; i < together; i++) {
                int low = sums + 2 * i;
                code.load(low + 1, Address.at(RSI, (from + part + i) * code.vectorBytes()));
                widen(code, numbers, constants, low, low + 1);
            }
            for (int row = 0; row < rows; row++) {
                code.vector(VBROADCASTSS, factor, 0, row(row));
                for (int i = 0; i < 2 * together; i++) {
                    code.vector(VFMADD231PS, 2 * (row * parts + part) + i, factor, sums + i);
                }
            }
        }
        if (parts < parts()) {
            code.prefetch(Address.at(RAX, 0));
            code.add(RAX, parts * WORD_BYTES / parts());
        }
        code.add(RSI, R9);
        code.add(RDI, 4);
        code.add(R10, 4);
        code.add(R11, 4);
        code.add(RCX, 4);
        code.dec(RBX);
        code.jumpIfNotZero(loop);
        sums(code, rows, parts, from, stride, (sum, at) -> code.store(at, sum));
    }

    private void sums(
            Assembler code, int rows, int parts, int from, Address stride, BiConsumer<Integer, Address> move) {
        for (int row = 0; row < rows; row++) {
            if (row == 0) {
                code.mov(RAX, RDX);
            } else {
                code.add(RAX, stride);
            }
            for (int part = 0; part < parts; part++) {
                int output = 4 * firstOutput(from + part);
                move.accept(2 * (row * parts + part), Address.at(RAX, output));
                move.accept(2 * (row * parts + part) + 1, Address.at(RAX, output + 64));
            }
        }
    }

    /**
     * Products of a tile with the elements of one row that are not zero.
     *
     * <p>Arguments: the elements, the tile, 64 floats for the results, for each element the offset of its column in the tile as
     * an int, and {@link ActiveColumns#AHEAD} ints more; how many elements.
     */
    byte[] activeProducts(Numbers numbers) {
        Assembler code = new Assembler(target.wide);
        Constants constants = new Constants(code);
        code.endbr64();
        code.push(RBX);
        int sums = 64 / target.lanes();
        for (int sum = 0; sum < sums; sum++) {
            code.zero(sum);
        }
        int low = sums;
        int high = sums + 1;
        int factor = sums + 2;
        code.test(R8);
        int nothing = code.jumpIfZero();
        int loop = code.loop();
        code.movInt(R9, Address.at(RCX, Integer.BYTES * ActiveColumns.AHEAD));
        int columnBytes = numbers == Numbers.FLOATS ? 256 : 128;
        for (int line = 0; line < columnBytes; line += 64) { // processors foresee whole tiles, but not these columns
            code.prefetch(Address.at(RSI, R9, 1, line));
        }
        code.movInt(RAX, Address.at(RCX, 0));
        code.vector(VBROADCASTSS, factor, 0, Address.at(RDI, 0));
        if (numbers == Numbers.FLOATS) {
            for (int v = 0; v < sums; v++) {
                code.load(low, Address.at(RSI, RAX, 1, v * code.vectorBytes()));
                code.vector(VFMADD231PS, v, factor, low);
            }
        } else {
            for (int part = 0; part < parts(); part++) {
                code.load(high, Address.at(RSI, RAX, 1, part * code.vectorBytes()));
                widen(code, numbers, constants, low, high);
                code.vector(VFMADD231PS, 2 * part, factor, low);
                code.vector(VFMADD231PS, 2 * part + 1, factor, high);
            }
        }
        code.add(RDI, 4);
        code.add(RCX, 4);
        code.dec(R8);
        code.jumpIfNotZero(loop);
        code.land(nothing);
        for (int sum = 0; sum < sums; sum++) {
            int output = numbers == Numbers.FLOATS ? sum * target.lanes() : firstOutput(sum / 2) + sum % 2 * 16;
            code.store(Address.at(RDX, 4 * output), sum);
        }
        return end(code);
    }

    /** Vectors of a word. */
    int parts() {
        return 32 / target.lanes();
    }

    /** The output of the first low half of a word's vector. */
    int firstOutput(int part) {
        int lane = part * target.lanes();
        return lane / 16 * 32 + lane % 16;
    }

    /** Vectors of a word that {@link #packedProducts} takes at once: all, where there are registers for their sums. */
    private int packedParts(int rows) {
        return target.wide || rows == 1 ? parts() : 1;
    }

    /** Of the ints in {@code high}: floats of their low and of their high halves; of halves without the plane's scale. */
    private static void widen(Assembler code, Numbers numbers, Constants constants, int low, int high) {
        code.shiftInts(low, high, 16);
        if (numbers == Numbers.HALVES) {
            code.shiftIntsSigned(low, low, 3);
            constants.vector(VPAND, low, low, mask(numbers));
            code.shiftIntsSigned(high, high, 3);
        }
        constants.vector(VPAND, high, high, mask(numbers));
    }

    private static int mask(Numbers numbers) {
        return numbers == Numbers.HALVES ? 0x8fffe000 : 0xffff0000;
    }

    /**
     * Unpacks words of 16-bit numbers, column after column, to the floats of their 64 outputs.
     *
     * <p>Arguments: words, floats, nothing, nothing; columns.
     *
     * @param scale what halves are multiplied by
     */
    byte[] unpack(Numbers numbers, float scale) {
        Assembler code = new Assembler(target.wide);
        Constants constants = new Constants(code);
        code.endbr64();
        code.push(RBX);
        int loop = code.loop();
        for (int part = 0; part < parts(); part++) {
            int output = firstOutput(part);
            code.load(1, Address.at(RDI, part * code.vectorBytes()));
            widen(code, numbers, constants, 0, 1);
            if (numbers == Numbers.HALVES) {
                code.vector(VMULPS, 0, 0, code.constant(scale));
                code.vector(VMULPS, 1, 1, code.constant(scale));
            }
            code.store(Address.at(RSI, 4 * output), 0);
            code.store(Address.at(RSI, 4 * output + 64), 1);
        }
        code.add(RDI, 128);
        code.add(RSI, 256);
        code.dec(R8);
        code.jumpIfNotZero(loop);
        return end(code);
    }

    private static byte[] end(Assembler code) {
        code.vzeroupper();
        code.pop(RBX);
        code.ret();
        return code.finish();
    }
}
