package dev.lathe.tensor.kernel.machine;

import static dev.lathe.tensor.kernel.machine.Register.R8;
import static dev.lathe.tensor.kernel.machine.Register.RAX;
import static dev.lathe.tensor.kernel.machine.Register.RCX;
import static dev.lathe.tensor.kernel.machine.Register.RDI;
import static dev.lathe.tensor.kernel.machine.Register.RDX;
import static dev.lathe.tensor.kernel.machine.Register.RSI;
import static dev.lathe.tensor.kernel.machine.Register.RSP;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VBROADCASTSS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VCVTPS2DQ;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VDIVPS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VMULPS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPACKSSDW;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPACKSSWB;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPADDD;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPAND;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPERMD;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPHADDD;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPMAXSD;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPSHUFD;

/** Writes the loop that quantizes activations, as {@link dev.lathe.tensor.kernel.QuantizedActivations} says. */
final class ActivationCode {
    private static final int INFINITY = 0x7f800000;
    private static final int NAN = 0x7fc00000;
    private static final int SPARE = -64; // of the memory below the stack that a function may use

    private ActivationCode() {}

    /**
     * Quantizes blocks.
     *
     * <p>Arguments: floats, values, scales, sums of 16 values; blocks, the bits of the least magnitude that counts.
     */
    static byte[] quantize(int leastBits) {
        Assembler code = new Assembler(false);
        code.endbr64();
        int loop = code.loop();
        for (int i = 0; i < 4; i++) {
            code.load(i, Address.at(RDI, 32 * i));
            code.vector(VPAND, 4 + i, i, code.constant(0x7fffffff));
        }
        code.vector(VPMAXSD, 4, 4, 5);
        code.vector(VPMAXSD, 6, 6, 7);
        code.vector(VPMAXSD, 4, 4, 6);
        code.extractHalf(5, 4, 1);
        code.vector(VPMAXSD, 4, 4, 5);
        code.vector(VPSHUFD, 5, 0, 4, 0x4e);
        code.vector(VPMAXSD, 4, 4, 5);
        code.vector(VPSHUFD, 5, 0, 4, 0xb1);
        code.vector(VPMAXSD, 4, 4, 5); // the lower four lanes have the largest magnitude
        code.store(Address.at(RSP, SPARE), 4);
        code.movInt(RAX, Address.at(RSP, SPARE));
        code.compareInt(RAX, INFINITY);
        int notFinite = code.jumpIfAtLeast();
        code.compareInt(RAX, leastBits);
        int counts = code.jumpIfAtLeast();
        code.movInt(RAX, 0);
        int zeros = code.jump();
        code.land(notFinite);
        code.movInt(RAX, NAN);
        code.land(zeros);
        code.movInt(Address.at(RDX, 0), RAX);
        code.zero(0);
        code.store(Address.at(RSI, 0), 0);
        code.movInt(RAX, 0);
        code.movInt(Address.at(RCX, 0), RAX);
        code.movInt(Address.at(RCX, 4), RAX);
        int done = code.jump();
        code.land(counts);
        code.vector(VBROADCASTSS, 4, 0, Address.at(RSP, SPARE));
        code.vector(VDIVPS, 5, 4, code.constant(127f));
        code.store(Address.at(RSP, SPARE), 5);
        code.movInt(RAX, Address.at(RSP, SPARE));
        code.movInt(Address.at(RDX, 0), RAX);
        code.load(6, code.constant(127f));
        code.vector(VDIVPS, 6, 6, 4);
        for (int i = 0; i < 4; i++) {
            code.vector(VMULPS, i, i, 6);
            code.vector(VCVTPS2DQ, i, 0, i); // rounds half to even
        }
        sum(code, 0, 1, 0);
        sum(code, 2, 3, 4);
        code.vector(VPACKSSDW, 0, 0, 1); // halves of 128 bits: 0..3 8..11 | 4..7 12..15
        code.vector(VPACKSSDW, 2, 2, 3);
        code.vector(VPACKSSWB, 0, 0, 2); // 0..3 8..11 16..19 24..27 | 4..7 ...
        code.load(1, code.constant(new byte[] {0, 4, 1, 5, 2, 6, 3, 7}, 4));
        code.vector(VPERMD, 0, 1, 0);
        code.store(Address.at(RSI, 0), 0);
        code.land(done);
        code.add(RDI, 128);
        code.add(RSI, 32);
        code.add(RDX, 4);
        code.add(RCX, 8);
        code.dec(R8);
        code.jumpIfNotZero(loop);
        code.vzeroupper();
        code.ret();
        return code.finish();
    }

    /** The sum of two vectors of ints. */
    private static void sum(Assembler code, int a, int b, int to) {
        code.vector(VPADDD, 5, a, b);
        code.vector(VPHADDD, 5, 5, 5);
        code.vector(VPHADDD, 5, 5, 5);
        code.extractHalf(7, 5, 1);
        code.vector(VPADDD, 5, 5, 7);
        code.store(Address.at(RSP, SPARE), 5);
        code.movInt(RAX, Address.at(RSP, SPARE));
        code.movInt(Address.at(RCX, to), RAX);
    }
}
