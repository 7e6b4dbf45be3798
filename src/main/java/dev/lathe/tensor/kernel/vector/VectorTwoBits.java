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
 * One row times 2-bit weights: 16 products of 0..3 and -127..127 fit in a 16-bit lane.
 *
 * <p>One method holds everything: the compiler inlines the Vector API without limit, but not methods around it.
 */
final class VectorTwoBits {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

    private VectorTwoBits() {}

    /** As {@link VectorFourBits#multiply}: unsigned 2-bit weights with scales and minima of 16 columns. */
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
        FloatVector firstLow = FloatVector.fromArray(FLOATS, out, o);
        FloatVector firstHigh = FloatVector.fromArray(FLOATS, out, o + 16);
        FloatVector secondLow = FloatVector.fromArray(FLOATS, out, p);
        FloatVector secondHigh = FloatVector.fromArray(FLOATS, out, p + 16);
        for (int b = 2 * from; b < 2 * to; b++) { // halves of blocks
            int half = b % 2;
            int at = 64 + b / 2 * 160;
            ShortVector c = ShortVector.zero(SHORTS);
            ShortVector d = c;
            for (int word = 2 * half; word < 2 * half + 2; word++) {
                int i = (block + b / 2) * 32 + word * 8;
                IntVector v = IntVector.fromMemorySegment(INTS, weights, first + 4L * (at + 32 + word * 32), ORDER);
                IntVector w = IntVector.fromMemorySegment(INTS, weights, second + 4L * (at + 32 + word * 32), ORDER);
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
            float scale = x.scales[block + b / 2];
            FloatVector activations = FloatVector.broadcast(FLOATS, x.sums[2 * (block + b / 2) + half] * scale);
            IntVector e = IntVector.fromMemorySegment(INTS, weights, first, ORDER);
            IntVector f = IntVector.fromMemorySegment(INTS, weights, second, ORDER);
            IntVector s = IntVector.fromMemorySegment(INTS, weights, first + 4L * at, ORDER)
                    .lanewise(LSHR, 8 * half);
            IntVector t = IntVector.fromMemorySegment(INTS, weights, second + 4L * at, ORDER)
                    .lanewise(LSHR, 8 * half);
            firstLow = ((FloatVector) v.lanewise(LSHL, 16).lanewise(ASHR, 16).convert(I2F, 0))
                    .fma(
                            ((FloatVector) s.and(15).convert(I2F, 0))
                                    .mul(e.lanewise(LSHL, 16)
                                            .lanewise(ASHR, 3)
                                            .and(0x8fffe000)
                                            .reinterpretAsFloats()
                                            .mul(0x1p112f))
                                    .mul(scale),
                            firstLow);
            firstHigh = ((FloatVector) v.lanewise(ASHR, 16).convert(I2F, 0))
                    .fma(
                            ((FloatVector) s.lanewise(LSHR, 16).and(15).convert(I2F, 0))
                                    .mul(e.lanewise(ASHR, 3)
                                            .and(0x8fffe000)
                                            .reinterpretAsFloats()
                                            .mul(0x1p112f))
                                    .mul(scale),
                            firstHigh);
            secondLow = ((FloatVector) w.lanewise(LSHL, 16).lanewise(ASHR, 16).convert(I2F, 0))
                    .fma(
                            ((FloatVector) t.and(15).convert(I2F, 0))
                                    .mul(f.lanewise(LSHL, 16)
                                            .lanewise(ASHR, 3)
                                            .and(0x8fffe000)
                                            .reinterpretAsFloats()
                                            .mul(0x1p112f))
                                    .mul(scale),
                            secondLow);
            secondHigh = ((FloatVector) w.lanewise(ASHR, 16).convert(I2F, 0))
                    .fma(
                            ((FloatVector) t.lanewise(LSHR, 16).and(15).convert(I2F, 0))
                                    .mul(f.lanewise(ASHR, 3)
                                            .and(0x8fffe000)
                                            .reinterpretAsFloats()
                                            .mul(0x1p112f))
                                    .mul(scale),
                            secondHigh);
            e = IntVector.fromMemorySegment(INTS, weights, first + 4L * 32, ORDER);
            f = IntVector.fromMemorySegment(INTS, weights, second + 4L * 32, ORDER);
            firstLow = ((FloatVector) s.lanewise(LSHR, 4).and(15).convert(I2F, 0))
                    .mul(e.lanewise(LSHL, 16)
                            .lanewise(ASHR, 3)
                            .and(0x8fffe000)
                            .reinterpretAsFloats()
                            .mul(-0x1p112f))
                    .fma(activations, firstLow);
            firstHigh = ((FloatVector) s.lanewise(LSHR, 20).and(15).convert(I2F, 0))
                    .mul(e.lanewise(ASHR, 3)
                            .and(0x8fffe000)
                            .reinterpretAsFloats()
                            .mul(-0x1p112f))
                    .fma(activations, firstHigh);
            secondLow = ((FloatVector) t.lanewise(LSHR, 4).and(15).convert(I2F, 0))
                    .mul(f.lanewise(LSHL, 16)
                            .lanewise(ASHR, 3)
                            .and(0x8fffe000)
                            .reinterpretAsFloats()
                            .mul(-0x1p112f))
                    .fma(activations, secondLow);
            secondHigh = ((FloatVector) t.lanewise(LSHR, 20).and(15).convert(I2F, 0))
                    .mul(f.lanewise(ASHR, 3)
                            .and(0x8fffe000)
                            .reinterpretAsFloats()
                            .mul(-0x1p112f))
                    .fma(activations, secondHigh);
        }
        firstLow.intoArray(out, o);
        firstHigh.intoArray(out, o + 16);
        secondLow.intoArray(out, p);
        secondHigh.intoArray(out, p + 16);
    }
}
