package dev.lathe.tensor.kernel.machine;

import static dev.lathe.tensor.kernel.machine.Register.R8;
import static dev.lathe.tensor.kernel.machine.Register.RDI;
import static dev.lathe.tensor.kernel.machine.Register.RDX;
import static dev.lathe.tensor.kernel.machine.Register.RSI;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VFMADD231PS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VMULPS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPAND;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPERMD;

import dev.lathe.tensor.kernel.FloatPlane;
import dev.lathe.tensor.kernel.GroupSparseProduct;
import dev.lathe.tensor.kernel.IntegerPlane;

/**
 * Writes the loop over tiles of which some weights of every four columns are stored: each lane takes its own columns out of a vector
 * of neighbouring activations, as {@link GroupSparseProduct} lays them out.
 */
final class SparseCode {
    private static final int SUMS = 0; // two of every vector of a word
    private static final int COLUMNS = 8;
    private static final int LOW = 9;
    private static final int HIGH = 10;
    private static final int TAKEN = 11;
    private static final int MASK = 12;
    private static final int SCALE = 13;

    private final Target target;

    SparseCode(Target target) {
        this.target = target;
    }

    /**
     * Adds chunks of a tile times one row of activations to 64 sums.
     *
     * <p>Arguments: activations, chunks of the tile, sums, nothing; how many chunks.
     *
     * @param kept weights of every four columns
     */
    byte[] groupRow(int kept) {
        Assembler code = new Assembler(target.wide);
        code.endbr64();
        int parts = IntegerPlane.WORD / target.lanes();
        for (int part = 0; part < parts; part++) {
            code.load(SUMS + 2 * part, output(part));
            code.load(SUMS + 2 * part + 1, output(part).plus(Float.BYTES * IntegerPlane.HALF_WORD));
        }
        code.load(MASK, code.constant(0x8fffe000)); // of a half's bits where a float has them
        code.load(SCALE, code.constant(FloatPlane.F16.scale()));
        int loop = code.loop();
        for (int i = 0; i < GroupSparseProduct.GROUP * kept; i++) {
            int neighbours = i / kept * GroupSparseProduct.GROUP & -target.lanes();
            Address activations = Address.at(RDI, Float.BYTES * neighbours);
            for (int part = 0; part < parts; part++) {
                int at = part * code.vectorBytes();
                code.load(COLUMNS, Address.at(RSI, i / 4 * IntegerPlane.WORD_BYTES + at));
                if (i % 4 > 0) {
                    code.shiftInts(COLUMNS, COLUMNS, -4 * (i % 4));
                }
                code.load(HIGH, Address.at(RSI, (kept + i) * IntegerPlane.WORD_BYTES + at));
                code.shiftInts(LOW, HIGH, 16);
                add(code, SUMS + 2 * part, LOW, activations);
                code.shiftInts(COLUMNS, COLUMNS, -16);
                add(code, SUMS + 2 * part + 1, HIGH, activations);
            }
        }
        code.add(RSI, GroupSparseProduct.chunkBytes(kept));
        code.add(RDI, Float.BYTES * GroupSparseProduct.CHUNK);
        code.dec(R8);
        code.jumpIfNotZero(loop);
        for (int part = 0; part < parts; part++) {
            code.store(output(part), SUMS + 2 * part);
            code.store(output(part).plus(Float.BYTES * IntegerPlane.HALF_WORD), SUMS + 2 * part + 1);
        }
        code.vzeroupper();
        code.ret();
        return code.finish();
    }

    /** Adds weights, halves in the upper bits of ints, times the activations of their columns, whose low bits count. */
    private static void add(Assembler code, int sum, int weights, Address activations) {
        code.vector(VPERMD, TAKEN, COLUMNS, activations);
        code.shiftIntsSigned(weights, weights, 3);
        code.vector(VPAND, weights, weights, MASK);
        code.vector(VMULPS, weights, weights, SCALE);
        code.vector(VFMADD231PS, sum, weights, TAKEN);
    }

    /** The first output of a vector's low halves; those of the high ones are half a word behind. */
    private Address output(int part) {
        int lane = part * target.lanes();
        int output = lane / IntegerPlane.HALF_WORD * IntegerPlane.HALF_ROWS + lane % IntegerPlane.HALF_WORD;
        return Address.at(RDX, Float.BYTES * output);
    }
}
