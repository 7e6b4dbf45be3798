package dev.lathe.tensor.kernel.machine;

import static dev.lathe.tensor.kernel.machine.Register.R10;
import static dev.lathe.tensor.kernel.machine.Register.R11;
import static dev.lathe.tensor.kernel.machine.Register.R8;
import static dev.lathe.tensor.kernel.machine.Register.R9;
import static dev.lathe.tensor.kernel.machine.Register.RAX;
import static dev.lathe.tensor.kernel.machine.Register.RCX;
import static dev.lathe.tensor.kernel.machine.Register.RDI;
import static dev.lathe.tensor.kernel.machine.Register.RDX;
import static dev.lathe.tensor.kernel.machine.Register.RSI;
import static dev.lathe.tensor.kernel.machine.Register.RSP;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VADDPS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VBROADCASTSS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VCVTPH2PS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VDIVPS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VFMADD213PS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VFMADD231PS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VFMADDSUB213PS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VFMSUB213PS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VMAXPS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VMINPS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VMOVSLDUP;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VMULPS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPADDD;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPMOVZXDQ;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPSHUFD;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPSUBD;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPXOR;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VSUBPS;

import dev.lathe.tensor.kernel.AttentionKernels;
import dev.lathe.tensor.kernel.Exponential;

/**
 * Writes loops of element-wise functions over vectors of eight floats, the virtual lanes of sums. Each takes how many vectors in its
 * fifth argument, at least one.
 */
final class ElementwiseCode {
    /** Vectors of which the largest are taken at once. */
    private static final int MAXIMA = 4;

    private static final int VECTOR = 32; // bytes
    private static final int SPARE = -64; // of the memory below the stack that a function may use
    private static final int SWAP_HALVES = 0x4e; // of 128 bits, for VPSHUFD
    private static final int SWAP_NEIGHBOURS = 0xb1;

    private final Assembler code;

    /** Code for vectors of the sums' eight lanes, or of two of them at once where a loop can take them. */
    ElementwiseCode(boolean wide) {
        code = new Assembler(wide);
    }

    /**
     * Sums of squares by lane of some rows.
     *
     * <p>Arguments: rows, for each row eight sums; vectors of a row, rows, bytes behind a row's vectors.
     */
    byte[] sumsOfSquares() {
        code.endbr64();
        int row = code.loop();
        code.zero(0);
        code.mov(RAX, R8);
        int loop = code.loop();
        code.load(1, Address.at(RDI, 0));
        code.vector(VFMADD231PS, 0, 1, 1);
        code.add(RDI, VECTOR);
        code.dec(RAX);
        code.jumpIfNotZero(loop);
        code.store(Address.at(RSI, 0), 0);
        code.add(RSI, VECTOR);
        code.add(RDI, argument(0));
        code.dec(R9);
        code.jumpIfNotZero(row);
        return end();
    }

    /**
     * {@code output = input * factor * weight} for some rows.
     *
     * <p>Arguments: rows, weights, output, a factor for each row; vectors of a row, rows, bytes behind a row's vectors.
     */
    byte[] scaleAndWeigh() {
        code.endbr64();
        int row = code.loop();
        code.vector(VBROADCASTSS, 0, 0, Address.at(RCX, 0));
        code.mov(R10, RSI);
        code.mov(RAX, R8);
        int loop = code.loop();
        code.vector(VMULPS, 1, 0, Address.at(RDI, 0));
        code.vector(VMULPS, 1, 1, Address.at(R10, 0));
        code.store(Address.at(RDX, 0), 1);
        for (Register pointer : new Register[] {RDI, R10, RDX}) {
            code.add(pointer, VECTOR);
        }
        code.dec(RAX);
        code.jumpIfNotZero(loop);
        code.add(RDI, argument(0));
        code.add(RDX, argument(0));
        code.add(RCX, Float.BYTES);
        code.dec(R9);
        code.jumpIfNotZero(row);
        return end();
    }

    /** Sums by lane. Arguments: input, eight sums. */
    byte[] sums() {
        code.endbr64();
        code.zero(0);
        int loop = code.loop();
        code.vector(VADDPS, 0, 0, Address.at(RDI, 0));
        next(loop, RDI);
        code.store(Address.at(RSI, 0), 0);
        return end();
    }

    /**
     * Sums by lane of squares of distances from the mean. Arguments: input, eight sums; vectors, nothing, the mean's
     * bits.
     */
    byte[] sumsOfDeviations() {
        code.endbr64();
        code.vector(VBROADCASTSS, 2, 0, argument(0));
        code.zero(0);
        int loop = code.loop();
        code.load(1, Address.at(RDI, 0));
        code.vector(VSUBPS, 1, 1, 2);
        code.vector(VFMADD231PS, 0, 1, 1);
        next(loop, RDI);
        code.store(Address.at(RSI, 0), 0);
        return end();
    }

    /**
     * {@code output = (input - mean) * factor * weight + bias}.
     *
     * <p>Arguments: input, weights, biases, output; vectors, nothing, bits of the mean and of the factor.
     */
    byte[] centre() {
        code.endbr64();
        code.vector(VBROADCASTSS, 2, 0, argument(0));
        code.vector(VBROADCASTSS, 3, 0, argument(1));
        int loop = code.loop();
        code.load(0, Address.at(RDI, 0));
        code.vector(VSUBPS, 0, 0, 2);
        code.vector(VMULPS, 0, 0, 3);
        code.vector(VMULPS, 0, 0, Address.at(RSI, 0));
        code.vector(VADDPS, 0, 0, Address.at(RDX, 0));
        code.store(Address.at(RCX, 0), 0);
        next(loop, RDI, RSI, RDX, RCX);
        return end();
    }

    /** {@code output = input * factor}. Arguments: input, the factor, output. */
    byte[] scale() {
        code.endbr64();
        code.vector(VBROADCASTSS, 0, 0, Address.at(RSI, 0));
        int loop = code.loop();
        code.vector(VMULPS, 1, 0, Address.at(RDI, 0));
        code.store(Address.at(RDX, 0), 1);
        next(loop, RDI, RDX);
        return end();
    }

    /** {@code target += source}. Arguments: target, source. */
    byte[] add() {
        code.endbr64();
        int loop = code.loop();
        code.load(0, Address.at(RDI, 0));
        code.vector(VADDPS, 0, 0, Address.at(RSI, 0));
        code.store(Address.at(RDI, 0), 0);
        next(loop, RDI, RSI);
        return end();
    }

    /**
     * Rotates pairs whose halves lie apart.
     *
     * <p>Arguments: the first head, cosines, sines, nothing; vectors of half a head, heads, bytes of half of what rotates, bytes
     * from head to head.
     */
    byte[] rotateHalves() {
        code.endbr64();
        int head = code.loop();
        code.mov(R11, RDI);
        code.add(R11, argument(0));
        code.mov(RCX, R8);
        code.movInt(RAX, 0);
        int loop = code.loop();
        code.load(0, Address.at(RDI, RAX, 1, 0));
        code.load(1, Address.at(R11, RAX, 1, 0));
        code.load(2, Address.at(RSI, RAX, 1, 0));
        code.load(3, Address.at(RDX, RAX, 1, 0));
        code.vector(VMULPS, 4, 1, 3);
        code.vector(VMULPS, 5, 0, 3);
        code.vector(VFMSUB213PS, 0, 2, 4);
        code.vector(VFMADD213PS, 1, 2, 5);
        code.store(Address.at(RDI, RAX, 1, 0), 0);
        code.store(Address.at(R11, RAX, 1, 0), 1);
        code.add(RAX, VECTOR);
        code.dec(RCX);
        code.jumpIfNotZero(loop);
        code.add(RDI, argument(1));
        code.dec(R9);
        code.jumpIfNotZero(head);
        return end();
    }

    /**
     * Rotates neighbouring pairs.
     *
     * <p>Arguments: the first head, cosines, sines, nothing; vectors of what rotates of a head, heads, bytes from there to the next
     * head.
     */
    byte[] rotatePairs() {
        code.endbr64();
        int head = code.loop();
        code.mov(R10, RSI);
        code.mov(R11, RDX);
        code.mov(RAX, R8);
        int loop = code.loop();
        code.load(0, Address.at(RDI, 0));
        code.vector(VPMOVZXDQ, 2, 0, Address.at(R10, 0));
        code.vector(VPMOVZXDQ, 3, 0, Address.at(R11, 0));
        code.vector(VMOVSLDUP, 2, 0, 2); // each cosine twice
        code.vector(VMOVSLDUP, 3, 0, 3);
        code.vector(VPSHUFD, 1, 0, 0, SWAP_NEIGHBOURS);
        code.vector(VMULPS, 1, 1, 3);
        code.vector(VFMADDSUB213PS, 0, 2, 1);
        code.store(Address.at(RDI, 0), 0);
        code.add(RDI, VECTOR);
        code.add(R10, VECTOR / 2);
        code.add(R11, VECTOR / 2);
        code.dec(RAX);
        code.jumpIfNotZero(loop);
        code.add(RDI, argument(0));
        code.dec(R9);
        code.jumpIfNotZero(head);
        return end();
    }

    /**
     * Softmax of some ranges.
     *
     * <p>Arguments: values, for each range the index of its first value and its size, two ints; nothing, nothing; ranges.
     */
    byte[] softmax() {
        code.endbr64();
        int range = code.loop();
        code.movInt(RAX, Address.at(RSI, 0));
        code.lea(R10, Address.at(RDI, RAX, Float.BYTES, 0)); // its first value
        code.movInt(R9, Address.at(RSI, 4));
        code.test(R9);
        int isEmpty = code.jumpIfZero();
        code.mov(R11, R9);
        code.shr(R11, 3); // whole vectors
        code.mov(RAX, R11);
        code.shl(RAX, 3);
        code.sub(R9, RAX); // values behind them
        code.narrow(this::largest);
        code.vector(VBROADCASTSS, 7, 0, 0);
        exponentials();
        code.narrow(this::divideBySum);
        code.land(isEmpty);
        code.add(RSI, 2 * Integer.BYTES);
        code.dec(R8);
        code.jumpIfNotZero(range);
        return end();
    }

    /** Lane 0 of register 0 becomes the largest value, or any number where one is no number. */
    private void largest() {
        for (int i = 0; i < MAXIMA; i++) {
            code.load(i, code.constant(Float.NEGATIVE_INFINITY));
        }
        code.mov(RCX, R10);
        code.mov(RAX, R11);
        code.shr(RAX, 2);
        repeat(RAX, MAXIMA * VECTOR, () -> {
            for (int i = 0; i < MAXIMA; i++) {
                code.vector(VMAXPS, i, i, Address.at(RCX, i * VECTOR));
            }
        });
        code.mov(RAX, R11);
        code.shr(RAX, 2);
        code.shl(RAX, 2);
        code.mov(RDX, R11);
        code.sub(RDX, RAX);
        repeat(RDX, VECTOR, () -> code.vector(VMAXPS, 0, 0, Address.at(RCX, 0)));
        code.mov(RDX, R9);
        repeat(RDX, Float.BYTES, () -> {
            code.vector(VBROADCASTSS, 4, 0, Address.at(RCX, 0));
            code.vector(VMAXPS, 0, 0, 4);
        });
        code.vector(VMAXPS, 0, 0, 1);
        code.vector(VMAXPS, 2, 2, 3);
        code.vector(VMAXPS, 0, 0, 2);
        fold(VMAXPS, 0, 1);
    }

    /** Replaces the values by exponentials; register 6 becomes their sums by lane, 5 the sum of those behind the vectors. */
    private void exponentials() {
        code.mov(RCX, R10);
        code.narrow(() -> code.vector(VPXOR, 6, 6, 6));
        code.mov(RDX, R11);
        if (code.vectorBytes() > VECTOR) {
            code.shr(RDX, 1);
            repeat(RDX, 2 * VECTOR, () -> {
                exponential();
                code.narrow(() -> {
                    code.vector(VADDPS, 6, 6, Address.at(RCX, 0));
                    code.vector(VADDPS, 6, 6, Address.at(RCX, VECTOR));
                });
            });
            code.mov(RAX, R11);
            code.shr(RAX, 1);
            code.shl(RAX, 1);
            code.mov(RDX, R11);
            code.sub(RDX, RAX);
        }
        code.narrow(() -> {
            repeat(RDX, VECTOR, () -> {
                exponential();
                code.vector(VADDPS, 6, 6, 0);
            });
            code.zero(5);
            code.mov(RDX, R9);
            repeat(RDX, Float.BYTES, () -> {
                code.vector(VBROADCASTSS, 0, 0, Address.at(RCX, 0));
                code.vector(VSUBPS, 0, 0, 7);
                exp();
                storeOne(0);
                code.vector(VADDPS, 5, 5, 0);
            });
        });
    }

    /** Divides the exponentials by their sum, as a product with its inverse. */
    private void divideBySum() {
        fold(VADDPS, 6, 1);
        code.vector(VADDPS, 6, 6, 5);
        code.load(0, code.constant(1f));
        code.vector(VDIVPS, 0, 0, 6);
        code.vector(VBROADCASTSS, 7, 0, 0);
        code.mov(RCX, R10);
        code.mov(RDX, R11);
        repeat(RDX, VECTOR, () -> {
            code.vector(VMULPS, 0, 7, Address.at(RCX, 0));
            code.store(Address.at(RCX, 0), 0);
        });
        code.mov(RDX, R9);
        repeat(RDX, Float.BYTES, () -> {
            code.vector(VBROADCASTSS, 0, 0, Address.at(RCX, 0));
            code.vector(VMULPS, 0, 0, 7);
            storeOne(0);
        });
    }

    /** Lane 0 becomes all eight lanes taken together in the order of {@link dev.lathe.tensor.kernel.ElementwiseKernels}. */
    private void fold(VectorInstruction with, int register, int scratch) {
        code.extractHalf(scratch, register, 1);
        code.vector(with, register, register, scratch);
        code.vector(VPSHUFD, scratch, 0, register, SWAP_HALVES);
        code.vector(with, register, register, scratch);
        code.vector(VPSHUFD, scratch, 0, register, SWAP_NEIGHBOURS);
        code.vector(with, register, register, scratch);
    }

    /** Stores lane 0 to where rcx points. */
    private void storeOne(int register) {
        code.store(Address.at(RSP, SPARE), register);
        code.movInt(RAX, Address.at(RSP, SPARE));
        code.movInt(Address.at(RCX, 0), RAX);
    }

    /** Repeats a step as often as a register says, maybe never; rcx advances by so many bytes after each. */
    private void repeat(Register count, int bytes, Runnable step) {
        code.test(count);
        int never = code.jumpIfZero();
        int loop = code.loop();
        step.run();
        code.add(RCX, bytes);
        code.dec(count);
        code.jumpIfNotZero(loop);
        code.land(never);
    }

    /** An argument that was passed in memory. */
    private static Address argument(int number) {
        return Address.at(RSP, 8 + 8 * number);
    }

    /** Replaces a vector of values by the exponentials of what they are less than register 7. */
    private void exponential() {
        code.load(0, Address.at(RCX, 0));
        code.vector(VSUBPS, 0, 0, 7);
        exp();
        code.store(Address.at(RCX, 0), 0);
    }

    /** {@code output = gate / (1 + exp(-gate)) * up}. Arguments: gate, up, output. */
    byte[] siluGate() {
        code.endbr64();
        int loop = code.loop();
        code.load(4, Address.at(RDI, 0));
        code.vector(VPXOR, 0, 4, code.constant(0x80000000));
        gate(loop);
        return end();
    }

    /** {@code output = gate / (1 + exp(gate * (A + B gate^2))) * up}. Arguments: gate, up, output. */
    byte[] geluGate() {
        code.endbr64();
        int loop = code.loop();
        code.load(4, Address.at(RDI, 0));
        code.vector(VMULPS, 0, 4, 4);
        code.load(1, code.constant(Exponential.GELU_B));
        code.vector(VFMADD213PS, 0, 1, code.constant(Exponential.GELU_A));
        code.vector(VMULPS, 0, 4, 0);
        gate(loop);
        return end();
    }

    private void gate(int loop) {
        exp();
        code.vector(VADDPS, 0, 0, code.constant(1f));
        code.vector(VDIVPS, 0, 4, 0);
        code.vector(VMULPS, 0, 0, Address.at(RSI, 0));
        code.store(Address.at(RDX, 0), 0);
        next(loop, RDI, RSI, RDX);
    }

    /** Register 0 becomes its exponential as {@link Exponential} computes it; 1 to 3 are changed. */
    private void exp() {
        code.load(1, code.constant(Exponential.MINIMUM));
        code.vector(VMAXPS, 0, 1, 0); // the second of two where one is no number
        code.load(1, code.constant(Exponential.MAXIMUM));
        code.vector(VMINPS, 0, 1, 0);
        code.load(1, code.constant(Exponential.ROUNDER));
        code.vector(VFMADD231PS, 1, 0, code.constant(Exponential.LOG2_E));
        code.vector(VSUBPS, 2, 1, code.constant(Exponential.ROUNDER));
        code.vector(VFMADD231PS, 0, 2, code.constant(-Exponential.LN2_HIGH));
        code.vector(VFMADD231PS, 0, 2, code.constant(-Exponential.LN2_LOW));
        code.load(2, code.constant(Exponential.Q4));
        for (float next : new float[] {Exponential.Q3, Exponential.Q2, Exponential.Q1, Exponential.Q0, 1f, 1f}) {
            code.vector(VFMADD213PS, 2, 0, code.constant(next));
        }
        code.vector(VPSUBD, 1, 1, code.constant(Exponential.ROUNDER));
        code.shiftIntsSigned(3, 1, 1);
        code.vector(VPSUBD, 1, 1, 3);
        for (int exponent : new int[] {3, 1}) {
            code.vector(VPADDD, exponent, exponent, code.constant(Exponential.EXPONENT_BIAS));
            code.shiftInts(exponent, exponent, Exponential.MANTISSA_BITS);
        }
        code.vector(VMULPS, 2, 2, 3);
        code.vector(VMULPS, 0, 2, 1);
    }

    /** Widens tiles of halves to floats, exactly. Arguments: halves, floats, nothing, nothing; how many tiles of 32. */
    byte[] widen() {
        code.endbr64();
        int loop = code.loop();
        for (int at = 0; at < Float.BYTES * AttentionKernels.TILE; at += code.vectorBytes()) {
            code.vector(VCVTPH2PS, 0, 0, Address.at(RDI, at / 2));
            code.store(Address.at(RSI, at), 0);
        }
        code.add(RDI, Short.BYTES * AttentionKernels.TILE);
        code.add(RSI, Float.BYTES * AttentionKernels.TILE);
        code.dec(R8);
        code.jumpIfNotZero(loop);
        return end();
    }

    private void next(int loop, Register... pointers) {
        for (Register pointer : pointers) {
            code.add(pointer, VECTOR);
        }
        code.dec(R8);
        code.jumpIfNotZero(loop);
    }

    private byte[] end() {
        code.vzeroupper();
        code.ret();
        return code.finish();
    }
}
