package dev.lathe.tensor.kernel.machine;

import static dev.lathe.tensor.kernel.machine.Register.R10;
import static dev.lathe.tensor.kernel.machine.Register.R11;
import static dev.lathe.tensor.kernel.machine.Register.R12;
import static dev.lathe.tensor.kernel.machine.Register.R13;
import static dev.lathe.tensor.kernel.machine.Register.R14;
import static dev.lathe.tensor.kernel.machine.Register.R8;
import static dev.lathe.tensor.kernel.machine.Register.R9;
import static dev.lathe.tensor.kernel.machine.Register.RAX;
import static dev.lathe.tensor.kernel.machine.Register.RBX;
import static dev.lathe.tensor.kernel.machine.Register.RCX;
import static dev.lathe.tensor.kernel.machine.Register.RDI;
import static dev.lathe.tensor.kernel.machine.Register.RDX;
import static dev.lathe.tensor.kernel.machine.Register.RSI;
import static dev.lathe.tensor.kernel.machine.Register.RSP;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VBROADCASTSS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VCVTDQ2PS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VMULPS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPBROADCASTD;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPMOVSXBW;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPSHUFB;

import dev.lathe.tensor.kernel.IntegerPlane;

/** Writes the loop that copies rows of quantized activations into their panel. */
final class PanelCode {
    private static final int SUMS_OF_BLOCK = 2; // one for 16 columns
    private static final int SPARE = -64; // of the memory below the stack that a function may use

    private PanelCode() {}

    /**
     * Copies neighbouring rows.
     *
     * <p>Arguments: values, scales and sums of 16 columns of the rows, the panel; rows, blocks, number of the first row in the
     * panel, rows of the panel.
     */
    static byte[] copyRows(PanelForm form) {
        Assembler code = new Assembler(false);
        code.endbr64();
        code.push(RBX);
        code.push(R12);
        code.push(R13);
        code.push(R14);
        code.mov(RAX, Address.at(RSP, 40)); // number of the first row
        code.mov(R10, Address.at(RSP, 48)); // rows of the panel
        code.lea(R11, Address.at(RCX, RAX, 4, 0));
        int logRowBytes = Integer.numberOfTrailingZeros(form.rowBytes());
        code.shl(RAX, logRowBytes);
        code.add(RCX, RAX); // the row's bytes
        code.mov(RAX, R10);
        code.shl(RAX, logRowBytes);
        code.add(R11, RAX); // the row's scale
        code.shl(R10, 2); // bytes from the scales to the numbers, or from group to group
        code.add(RAX, R10);
        for (int group = 0; group < form.groups(); group++) {
            code.add(RAX, R10); // bytes of a block
        }
        code.load(1, code.constant(shuffle(form.order())));
        int row = code.loop();
        code.mov(R12, RCX);
        code.mov(R13, R11);
        code.mov(R14, R9);
        int loop = code.loop();
        code.load(0, Address.at(RDI, 0));
        code.vector(VPSHUFB, 0, 0, 1);
        if (form.valueBytes() == 2) {
            code.extractHalf(2, 0, 1);
            code.vector(VPMOVSXBW, 0, 0, 0);
            code.vector(VPMOVSXBW, 2, 0, 2);
            code.store(Address.at(R12, code.vectorBytes()), 2);
        }
        code.store(Address.at(R12, 0), 0);
        code.movInt(RBX, Address.at(RSI, 0));
        code.movInt(Address.at(R13, 0), RBX);
        for (int group = 0; group < form.groups(); group++) {
            code.movInt(RBX, Address.at(RDX, 4 * group));
            if (form.groups() < SUMS_OF_BLOCK) {
                code.addInt(RBX, Address.at(RDX, 4));
            }
            if (form.hasScaledSums()) {
                scale(code);
            } else {
                code.multiplyInt(RBX, form.factor());
            }
            code.movInt(Address.at(R13, R10, 1 + group, 0), RBX);
        }
        code.add(RDI, IntegerPlane.BLOCK);
        code.add(RSI, 4);
        code.add(RDX, 4 * SUMS_OF_BLOCK);
        code.add(R12, RAX);
        code.add(R13, RAX);
        code.dec(R14);
        code.jumpIfNotZero(loop);
        code.add(RCX, form.rowBytes());
        code.add(R11, 4);
        code.dec(R8);
        code.jumpIfNotZero(row);
        code.vzeroupper();
        code.pop(R14);
        code.pop(R13);
        code.pop(R12);
        code.pop(RBX);
        code.ret();
        return code.finish();
    }

    /** Makes an int in {@code rbx} a float, times the row's scale. */
    private static void scale(Assembler code) {
        Address spare = Address.at(RSP, SPARE);
        code.movInt(spare, RBX);
        code.vector(VPBROADCASTD, 2, 0, spare);
        code.vector(VCVTDQ2PS, 2, 0, 2);
        code.vector(VBROADCASTSS, 3, 0, Address.at(RSI, 0));
        code.vector(VMULPS, 2, 2, 3);
        code.store(spare, 2);
        code.movInt(RBX, spare);
    }

    /** An order of 32 bytes as the shuffle wants it, which keeps bytes in their half. */
    private static byte[] shuffle(int[] order) {
        byte[] shuffle = new byte[64];
        for (int i = 0; i < order.length; i++) {
            if (order[i] / 16 != i / 16) {
                throw new AssertionError("column " + order[i] + " cannot become byte " + i);
            }
            shuffle[i] = (byte) (order[i] % 16);
        }
        return shuffle;
    }
}
