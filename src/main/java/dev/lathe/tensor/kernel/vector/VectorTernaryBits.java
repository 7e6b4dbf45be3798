package dev.lathe.tensor.kernel.vector;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.lathe.tensor.kernel.QuantizedActivations;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * One row times weights -1, 0 and 1: 32 of them fit in a 16-bit lane. The lanes add 0..2 times the activation modulo 2^16,
 * starting at minus the sum of the activations, so they end at the signed sum.
 *
 * <p>One method holds everything: the compiler inlines the Vector API without limit, but not methods around it.
 */
final class VectorTernaryBits {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

    private VectorTernaryBits() {}

    /** As {@link VectorFourBits#multiply}: ternary weights of one super-block, which has one scale. */
    static void multiply(
            MemorySegment weights,
            long first,
            long second,
            int from,
            int to,
            QuantizedActivations x,
            int block,
            float[] out,
            int o,
            int p) {
        short[] a = x.lanes.shorts;
        FloatVector sLow = IntVector.fromMemorySegment(INTS, weights, first, ORDER)
                .lanewise(LSHL, 16)
                .lanewise(ASHR, 3)
                .and(0x8fffe000)
                .reinterpretAsFloats()
                .mul(0x1p112f);
        FloatVector sHigh = IntVector.fromMemorySegment(INTS, weights, first, ORDER)
                .lanewise(ASHR, 3)
                .and(0x8fffe000)
                .reinterpretAsFloats()
                .mul(0x1p112f);
        FloatVector tLow = IntVector.fromMemorySegment(INTS, weights, second, ORDER)
                .lanewise(LSHL, 16)
                .lanewise(ASHR, 3)
                .and(0x8fffe000)
                .reinterpretAsFloats()
                .mul(0x1p112f);
        FloatVector tHigh = IntVector.fromMemorySegment(INTS, weights, second, ORDER)
                .lanewise(ASHR, 3)
                .and(0x8fffe000)
                .reinterpretAsFloats()
                .mul(0x1p112f);
        FloatVector firstLow = FloatVector.fromArray(FLOATS, out, o);
        FloatVector firstHigh = FloatVector.fromArray(FLOATS, out, o + 16);
        FloatVector secondLow = FloatVector.fromArray(FLOATS, out, p);
        FloatVector secondHigh = FloatVector.fromArray(FLOATS, out, p + 16);
        for (int b = from; b < to; b++) {
            int at = 32 + b * 128;
            int sum = x.sums[2 * (block + b)] + x.sums[2 * (block + b) + 1];
            ShortVector c = ShortVector.broadcast(SHORTS, (short) -sum);
            ShortVector d = c;
            for (int word = 0; word < 4; word++) {
                int i = (block + b) * 32 + word * 8;
                IntVector v = IntVector.fromMemorySegment(INTS, weights, first + 4L * (at + word * 32), ORDER);
                IntVector w = IntVector.fromMemorySegment(INTS, weights, second + 4L * (at + word * 32), ORDER);
                ShortVector m = ShortVector.broadcast(SHORTS, a[i]);
                c = c.add(v.and(0x00030003).reinterpretAsShorts().mul(m));
                d = d.add(w.and(0x00030003).reinterpretAsShorts().mul(m));
                m = ShortVector.broadcast(SHORTS, a[i + 1]);
                c = c.add(v.lanewise(LSHR, 2)
                        .and(0x00030003)
                        .reinterpretAsShorts()
                        .mul(m));
                d = d.add(w.lanewise(LSHR, 2)
                        .and(0x00030003)
                        .reinterpretAsShorts()
                        .mul(m));
                m = ShortVector.broadcast(SHORTS, a[i + 2]);
                c = c.add(v.lanewise(LSHR, 4)
                        .and(0x00030003)
                        .reinterpretAsShorts()
                        .mul(m));
                d = d.add(w.lanewise(LSHR, 4)
                        .and(0x00030003)
                        .reinterpretAsShorts()
                        .mul(m));
                m = ShortVector.broadcast(SHORTS, a[i + 3]);
                c = c.add(v.lanewise(LSHR, 6)
                        .and(0x00030003)
                        .reinterpretAsShorts()
                        .mul(m));
                d = d.add(w.lanewise(LSHR, 6)
                        .and(0x00030003)
                        .reinterpretAsShorts()
                        .mul(m));
                m = ShortVector.broadcast(SHORTS, a[i + 4]);
                c = c.add(v.lanewise(LSHR, 8)
                        .and(0x00030003)
                        .reinterpretAsShorts()
                        .mul(m));
                d = d.add(w.lanewise(LSHR, 8)
                        .and(0x00030003)
                        .reinterpretAsShorts()
                        .mul(m));
                m = ShortVector.broadcast(SHORTS, a[i + 5]);
                c = c.add(v.lanewise(LSHR, 10)
                        .and(0x00030003)
                        .reinterpretAsShorts()
                        .mul(m));
                d = d.add(w.lanewise(LSHR, 10)
                        .and(0x00030003)
                        .reinterpretAsShorts()
                        .mul(m));
                m = ShortVector.broadcast(SHORTS, a[i + 6]);
                c = c.add(v.lanewise(LSHR, 12)
                        .and(0x00030003)
                        .reinterpretAsShorts()
                        .mul(m));
                d = d.add(w.lanewise(LSHR, 12)
                        .and(0x00030003)
                        .reinterpretAsShorts()
                        .mul(m));
                m = ShortVector.broadcast(SHORTS, a[i + 7]);
                c = c.add(v.lanewise(LSHR, 14)
                        .and(0x00030003)
                        .reinterpretAsShorts()
                        .mul(m));
                d = d.add(w.lanewise(LSHR, 14)
                        .and(0x00030003)
                        .reinterpretAsShorts()
                        .mul(m));
            }
            IntVector v = c.reinterpretAsInts();
            IntVector w = d.reinterpretAsInts();
            float scale = x.scales[block + b];
            firstLow = ((FloatVector) v.lanewise(LSHL, 16).lanewise(ASHR, 16).convert(I2F, 0))
                    .fma(sLow.mul(scale), firstLow);
            firstHigh = ((FloatVector) v.lanewise(ASHR, 16).convert(I2F, 0)).fma(sHigh.mul(scale), firstHigh);
            secondLow = ((FloatVector) w.lanewise(LSHL, 16).lanewise(ASHR, 16).convert(I2F, 0))
                    .fma(tLow.mul(scale), secondLow);
            secondHigh = ((FloatVector) w.lanewise(ASHR, 16).convert(I2F, 0)).fma(tHigh.mul(scale), secondHigh);
        }
        firstLow.intoArray(out, o);
        firstHigh.intoArray(out, o + 16);
        secondLow.intoArray(out, p);
        secondHigh.intoArray(out, p + 16);
    }
}
