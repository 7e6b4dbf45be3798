package dev.lathe.tensor.kernel.vector;

import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.LaneForm;
import dev.lathe.tensor.kernel.MatrixKernels;
import dev.lathe.tensor.kernel.QuantizedActivations;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.Set;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Quantizes activations on the Vector API, and derives what its kernels read in place of bytes. */
final class VectorActivations {
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();
    /** Bytes, or shorts, as many as there are ints in a vector; a vector is at least 64 bits. */
    private static final VectorSpecies<Byte> NARROW_BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, 8 * LANES)));

    private static final VectorSpecies<Short> NARROW_SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(16 * LANES));
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private VectorActivations() {}

    /** As {@link MatrixKernels#quantize}. */
    static void quantize(float[] source, int offset, int blocks, QuantizedActivations target, int block) {
        if (LANES < 8) { // there are no vectors of four bytes
            for (int b = 0; b < blocks; b++) {
                target.setBlock(block + b, source, offset + 32 * b);
            }
            return;
        }
        byte[] values = target.values;
        int[] sums = target.sums;
        for (int b = 0; b < blocks; b++) {
            int from = offset + 32 * b;
            IntVector most = IntVector.zero(INTS);
            for (int j = 0; j < 32; j += LANES) {
                most = most.max(FloatVector.fromArray(FLOATS, source, from + j)
                        .reinterpretAsInts()
                        .and(0x7fffffff));
            }
            float inverse = target.setScale(block + b, most.reduceLanes(VectorOperators.MAX));
            if (inverse == 0) {
                target.setZeros(block + b);
                continue;
            }
            int to = 32 * (block + b);
            for (int half = 0; half < 2; half++) {
                IntVector sum = IntVector.zero(INTS);
                for (int j = 16 * half; j < 16 * half + 16; j += LANES) {
                    IntVector v = FloatVector.fromArray(FLOATS, source, from + j)
                            .mul(inverse)
                            .add(QuantizedActivations.ROUNDER)
                            .reinterpretAsInts();
                    sum = sum.add(v);
                    ((ByteVector) v.convertShape(VectorOperators.I2B, NARROW_BYTES, 0)).intoArray(values, to + j);
                }
                sums[to / 16 + half] = sum.reduceLanes(VectorOperators.ADD)
                        - 16 * Float.floatToRawIntBits(QuantizedActivations.ROUNDER);
            }
        }
    }

    /** As {@link MatrixKernels#forms}. */
    static Set<LaneForm> forms(IntegerPlane plane, boolean packed) {
        return switch (plane) {
            case FOUR -> EnumSet.of(packed ? LaneForm.DIFFERENCES : LaneForm.SHORTS);
            case EIGHT, NONLINEAR_FOUR ->
                packed ? EnumSet.of(LaneForm.SHORTS, LaneForm.PAIRS) : EnumSet.of(LaneForm.FLOATS);
            case SIX -> packed ? EnumSet.of(LaneForm.SHORTS, LaneForm.EIGHTS) : EnumSet.of(LaneForm.SHORTS);
            case TERNARY, TWO, THREE, FLOAT_FOUR, FIVE -> EnumSet.of(LaneForm.SHORTS);
        };
    }

    /** As {@link MatrixKernels#derive}: values {@code [from, to)}, whole blocks. */
    static void derive(LaneForm form, QuantizedActivations x, int from, int to) {
        byte[] values = x.values;
        switch (form) {
            case SHORTS -> {
                short[] shorts = x.lanes.shorts;
                for (int i = from; i < to; i++) {
                    shorts[i] = values[i];
                }
            }
            case FLOATS -> {
                float[] floats = x.lanes.floats;
                for (int i = from; i < to; i++) {
                    floats[i] = values[i];
                }
            }
            case DIFFERENCES -> differences(values, x.lanes.differences, from, to);
            case PAIRS -> pairs(values, x.lanes.pairs, from, to);
            case EIGHTS -> eights(values, x.lanes.eights, from, to);
        }
    }

    private static final VectorSpecies<Byte> HALF_BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(8 * SHORTS.length()));

    private static void differences(byte[] values, short[] target, int from, int to) {
        for (int i = from; i < to; i += SHORTS.length()) {
            ShortVector v = (ShortVector)
                    ByteVector.fromArray(HALF_BYTES, values, i).convertShape(VectorOperators.B2S, SHORTS, 0);
            ShortVector before = v.reinterpretAsLongs() // four values; the first has none before it
                    .lanewise(VectorOperators.LSHL, 16)
                    .reinterpretAsShorts();
            v.sub(before.lanewise(VectorOperators.LSHL, 4)).intoArray(target, i);
        }
    }

    private static void pairs(byte[] values, short[] target, int from, int to) {
        for (int i = from; i < to; i += SHORTS.length()) {
            IntVector v = ByteVector.fromArray(HALF_BYTES, values, i)
                    .convertShape(VectorOperators.B2S, SHORTS, 0)
                    .reinterpretAsInts();
            IntVector sum = v.lanewise(VectorOperators.ASHR, 16)
                    .add(v.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16));
            IntVector start = sum.lanewise(VectorOperators.LSHL, 7).neg().add(0x8000);
            ((ShortVector) start.convertShape(VectorOperators.I2S, NARROW_SHORTS, 0)).intoArray(target, i / 2);
        }
    }

    private static void eights(byte[] values, short[] target, int from, int to) {
        for (int i = from; i < to; i += 8) {
            long x = (long) LONG.get(values, i) ^ 0x8080808080808080L; // 128 more: unsigned
            x = (x & 0x00ff00ff00ff00ffL) + (x >>> 8 & 0x00ff00ff00ff00ffL);
            int sum = (int) (x * 0x0001000100010001L >>> 48) - 8 * 128;
            target[i / 8] = (short) (-32 * sum);
        }
    }
}
