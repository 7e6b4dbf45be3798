package dev.lathe.tensor.kernel.machine;

import static dev.lathe.tensor.kernel.machine.Register.R8;
import static dev.lathe.tensor.kernel.machine.Register.R9;
import static dev.lathe.tensor.kernel.machine.Register.RCX;
import static dev.lathe.tensor.kernel.machine.Register.RDI;
import static dev.lathe.tensor.kernel.machine.Register.RDX;
import static dev.lathe.tensor.kernel.machine.Register.RSI;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VADDPS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VBROADCASTSS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VCVTPH2PS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VDIVPS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VFMADD213PS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VFMADD231PS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VMAXPS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VMINPS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VMULPS;
import static dev.lathe.tensor.kernel.machine.VectorInstruction.VPADDD;
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
    /** Vectors of which {@link #maxima} takes the largest at once. */
    static final int MAXIMA = 4;

    private static final int VECTOR = 32; // bytes

    private final Assembler code;

    /** Code for vectors of the sums' eight lanes, or of two of them at once where a loop can take them. */
    ElementwiseCode(boolean wide) {
        code = new Assembler(wide);
    }

    /** Sums of squares by lane. Arguments: values, the eight sums. */
    byte[] sumOfSquares() {
        code.endbr64();
        code.zero(0);
        int loop = code.loop();
        code.load(1, Address.at(RDI, 0));
        code.vector(VFMADD231PS, 0, 1, 1);
        code.add(RDI, VECTOR);
        code.dec(R8);
        code.jumpIfNotZero(loop);
        code.store(Address.at(RSI, 0), 0);
        return end();
    }

    /** {@code output = input * factor * weight}. Arguments: input, weights, output, the factor. */
    byte[] scaleAndWeigh() {
        code.endbr64();
        code.vector(VBROADCASTSS, 0, 0, Address.at(RCX, 0));
        int loop = code.loop();
        code.vector(VMULPS, 1, 0, Address.at(RDI, 0));
        code.vector(VMULPS, 1, 1, Address.at(RSI, 0));
        code.store(Address.at(RDX, 0), 1);
        next(loop, RDI, RSI, RDX);
        return end();
    }

    /**
     * The largest values by lane, or any number where one is no number.
     *
     * <p>Arguments: values, the eight largest, nothing, nothing; groups of {@value #MAXIMA} vectors, vectors behind them.
     */
    byte[] maxima() {
        code.endbr64();
        for (int i = 0; i < MAXIMA; i++) {
            code.load(i, code.constant(Float.NEGATIVE_INFINITY));
        }
        code.test(R8);
        int noGroups = code.jumpIfZero();
        int groups = code.loop();
        for (int i = 0; i < MAXIMA; i++) {
            code.vector(VMAXPS, i, i, Address.at(RDI, i * VECTOR));
        }
        code.add(RDI, MAXIMA * VECTOR);
        code.dec(R8);
        code.jumpIfNotZero(groups);
        code.land(noGroups);
        code.test(R9);
        int noVectors = code.jumpIfZero();
        int vectors = code.loop();
        code.vector(VMAXPS, 0, 0, Address.at(RDI, 0));
        code.add(RDI, VECTOR);
        code.dec(R9);
        code.jumpIfNotZero(vectors);
        code.land(noVectors);
        code.vector(VMAXPS, 0, 0, 1);
        code.vector(VMAXPS, 2, 2, 3);
        code.vector(VMAXPS, 0, 0, 2);
        code.store(Address.at(RSI, 0), 0);
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

    /**
     * Replaces values by {@code exp(value - largest)} and sums by lane.
     *
     * <p>Arguments: values, the eight sums, the largest, nothing; pairs of vectors, vectors behind them. Without wide vectors there
     * are no pairs.
     */
    byte[] exponentials() {
        code.endbr64();
        code.vector(VBROADCASTSS, 7, 0, Address.at(RDX, 0));
        code.zero(6);
        if (code.vectorBytes() > VECTOR) {
            code.test(R8);
            int noPairs = code.jumpIfZero();
            int loop = code.loop();
            exponential();
            code.narrow(() -> {
                code.vector(VADDPS, 6, 6, Address.at(RDI, 0));
                code.vector(VADDPS, 6, 6, Address.at(RDI, VECTOR));
            });
            code.add(RDI, 2 * VECTOR);
            code.dec(R8);
            code.jumpIfNotZero(loop);
            code.land(noPairs);
        }
        code.narrow(() -> {
            code.test(R9);
            int noVectors = code.jumpIfZero();
            int loop = code.loop();
            exponential();
            code.vector(VADDPS, 6, 6, 0);
            code.add(RDI, VECTOR);
            code.dec(R9);
            code.jumpIfNotZero(loop);
            code.land(noVectors);
            code.store(Address.at(RSI, 0), 6);
        });
        return end();
    }

    /** Replaces a vector of values by the exponentials of what they are less than register 7. */
    private void exponential() {
        code.load(0, Address.at(RDI, 0));
        code.vector(VSUBPS, 0, 0, 7);
        exp();
        code.store(Address.at(RDI, 0), 0);
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
