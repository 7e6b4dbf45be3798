package dev.lathe.tensor.kernel.machine;

import static dev.lathe.tensor.kernel.machine.Register.R10;
import static dev.lathe.tensor.kernel.machine.Register.R11;
import static dev.lathe.tensor.kernel.machine.Register.R8;
import static dev.lathe.tensor.kernel.machine.Register.R9;
import static dev.lathe.tensor.kernel.machine.Register.RAX;
import static dev.lathe.tensor.kernel.machine.Register.RDI;
import static dev.lathe.tensor.kernel.machine.Register.RDX;
import static dev.lathe.tensor.kernel.machine.Register.RSI;
import static dev.lathe.tensor.kernel.machine.Register.RSP;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VCVTDQ2PS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VCVTPH2PS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VMULPS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPBROADCASTW;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPMOVSXWD;

import dev.lathe.tensor.kernel.AttentionKernels;
import dev.lathe.tensor.kernel.CacheBlocks;

/**
 * Writes what unpacks tiles of quantized keys and values to floats, each an integer times its scale, which is exact.
 */
final class CacheCode {
    private static final int TILE = AttentionKernels.TILE;
    private static final int ROW_BYTES = 4 * TILE; // an int of each position's key, or a float
    private static final int COLUMN_BYTES = 4 * CacheBlocks.COLUMNS;

    private final boolean wide;
    private final CacheBlocks blocks;

    CacheCode(boolean wide, CacheBlocks blocks) {
        this.wide = wide;
        this.blocks = blocks;
    }

    /** A tile of keys. Arguments: words, scales, floats, nothing; ints of a key. */
    byte[] keys() {
        Assembler code = new Assembler(wide);
        code.endbr64();
        int vectors = ROW_BYTES / code.vectorBytes();
        int word = vectors; // registers behind those of the scales
        int number = vectors + 1;
        int block = code.loop();
        for (int v = 0; v < vectors; v++) {
            code.vector(VCVTPH2PS, v, 0, Address.at(RSI, v * code.vectorBytes() / 2));
        }
        code.mov(RAX, blocks.blockInts());
        code.compareInt(R8, blocks.blockInts());
        int whole = code.jumpIfAtLeast();
        code.mov(RAX, R8);
        code.land(whole);
        code.sub(R8, RAX);
        int loop = code.loop();
        for (int v = 0; v < vectors; v++) {
            code.load(word, Address.at(RDI, v * code.vectorBytes()));
            for (int field = 0; field < blocks.dimensionsPerInt(); field++) {
                multiplyField(code, number, word, field, v);
                code.store(Address.at(RDX, field * ROW_BYTES + v * code.vectorBytes()), number);
            }
        }
        code.add(RDI, ROW_BYTES);
        code.add(RDX, blocks.dimensionsPerInt() * ROW_BYTES);
        code.dec(RAX);
        code.jumpIfNotZero(loop);
        code.add(RSI, Short.BYTES * TILE);
        code.test(R8);
        code.jumpIfNotZero(block);
        return end(code);
    }

    /**
     * A tile of values. What a short block writes too far, the next position overwrites.
     *
     * <p>Arguments: words, scales, floats, nothing; positions, bytes from row to row of the
     * floats, blocks of a row.
     */
    byte[] values() {
        Assembler code = new Assembler(false); // a block has eight columns
        code.endbr64();
        int row = code.loop();
        code.mov(R10, RDX);
        code.mov(R11, Address.at(RSP, 8));
        int loop = code.loop();
        int scale = 0;
        int word = 1;
        int number = 2;
        code.vector(VPBROADCASTW, scale, 0, Address.at(RSI, 0));
        code.vector(VCVTPH2PS, scale, 0, scale);
        if (blocks == CacheBlocks.EIGHT) {
            code.load(word, Address.at(RDI, 0));
        } else {
            code.vector(VPMOVSXWD, word, 0, Address.at(RDI, 0));
        }
        for (int field = 0; field < CacheBlocks.SIZE / CacheBlocks.COLUMNS; field++) {
            multiplyField(code, number, word, field, scale);
            code.store(Address.at(R10, field * COLUMN_BYTES), number);
        }
        code.add(RDI, Integer.BYTES * blocks.blockInts());
        code.add(RSI, Short.BYTES);
        code.add(R10, Float.BYTES * CacheBlocks.SIZE);
        code.dec(R11);
        code.jumpIfNotZero(loop);
        code.add(RDX, R9);
        code.dec(R8);
        code.jumpIfNotZero(row);
        return end(code);
    }

    /** A field of ints, lowest bits first, with its sign, times the scale. */
    private void multiplyField(Assembler code, int number, int word, int field, int scale) {
        int above = Integer.SIZE - (field + 1) * blocks.bits();
        int from = word;
        if (above > 0) {
            code.shiftInts(number, word, above);
            from = number;
        }
        code.shiftIntsSigned(number, from, Integer.SIZE - blocks.bits());
        code.vector(VCVTDQ2PS, number, 0, number);
        code.vector(VMULPS, number, number, scale);
    }

    private static byte[] end(Assembler code) {
        code.vzeroupper();
        code.ret();
        return code.finish();
    }
}
