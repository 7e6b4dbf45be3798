package dev.lathe.tensor.kernel.machine;

import static dev.lathe.tensor.kernel.machine.Register.R10;
import static dev.lathe.tensor.kernel.machine.Register.R11;
import static dev.lathe.tensor.kernel.machine.Register.R8;
import static dev.lathe.tensor.kernel.machine.Register.R9;
import static dev.lathe.tensor.kernel.machine.Register.RAX;
import static dev.lathe.tensor.kernel.machine.Register.RBX;
import static dev.lathe.tensor.kernel.machine.Register.RCX;
import static dev.lathe.tensor.kernel.machine.Register.RDI;
import static dev.lathe.tensor.kernel.machine.Register.RDX;
import static dev.lathe.tensor.kernel.machine.Register.RSI;
import static dev.lathe.tensor.kernel.machine.Register.RSP;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPSHUFB;

import dev.lathe.tensor.kernel.IntegerPlane;

/** Writes the loop that copies a row of quantized activations into its panel. */
final class PanelCode {
    private static final int SUMS_OF_BLOCK = 2; // one for 16 columns

    private PanelCode() {}

    /**
     * Copies a row.
     *
     * <p>Arguments: values, scales and sums of 16 columns of all rows, the panel; bytes from the start of the values to the row,
     * blocks, number of the row in the panel, rows of the panel.
     */
    static byte[] copyRow(PanelForm form) {
        Assembler code = new Assembler(false);
        code.endbr64();
        code.push(RBX);
        code.add(RDI, R8);
        code.shr(R8, 2);
        code.add(RDX, R8); // four bytes for 16 columns
        code.shr(R8, 1);
        code.add(RSI, R8); // four bytes for 32 columns
        code.mov(RAX, Address.at(RSP, 16)); // number of the row
        code.mov(R10, Address.at(RSP, 24)); // rows of the panel
        code.lea(R11, Address.at(RCX, RAX, 4, 0));
        code.shl(RAX, 5);
        code.add(RCX, RAX); // the row's bytes
        code.mov(RAX, R10);
        code.shl(RAX, 5);
        code.add(R11, RAX); // the row's scale
        code.shl(R10, 2); // bytes from the scales to the numbers, or from group to group
        code.add(RAX, R10);
        for (int group = 0; group < form.groups(); group++) {
            code.add(RAX, R10); // bytes of a block
        }
        code.load(1, code.constant(shuffle(form.order())));
        int loop = code.loop();
        code.load(0, Address.at(RDI, 0));
        code.vector(VPSHUFB, 0, 0, 1);
        code.store(Address.at(RCX, 0), 0);
        code.movInt(R8, Address.at(RSI, 0));
        code.movInt(Address.at(R11, 0), R8);
        code.mov(RBX, R11);
        for (int group = 0; group < form.groups(); group++) {
            code.add(RBX, R10);
            code.movInt(R8, Address.at(RDX, 4 * group));
            if (form.groups() < SUMS_OF_BLOCK) {
                code.addInt(R8, Address.at(RDX, 4));
            }
            code.multiplyInt(R8, form.factor());
            code.movInt(Address.at(RBX, 0), R8);
        }
        code.add(RDI, IntegerPlane.BLOCK);
        code.add(RSI, 4);
        code.add(RDX, 4 * SUMS_OF_BLOCK);
        code.add(RCX, RAX);
        code.add(R11, RAX);
        code.dec(R9);
        code.jumpIfNotZero(loop);
        code.vzeroupper();
        code.pop(RBX);
        code.ret();
        return code.finish();
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
