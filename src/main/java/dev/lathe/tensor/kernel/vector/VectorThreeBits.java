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
 * One row times 3-bit weights: 16 products of -4..3 fit in a 16-bit lane. The lanes add 0..7 times the activation modulo
 * 2^16, starting at -4 times the sum of the activations, so they end at the signed sum.
 *
 * <p>One method holds everything: the compiler inlines the Vector API without limit, but not methods around it.
 */
final class VectorThreeBits {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

    private VectorThreeBits() {}

    /** As {@link VectorFourBits#multiply}: signed 3-bit weights with scales of 16 columns. */
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
        FloatVector eLow = IntVector.fromMemorySegment(INTS, weights, first, ORDER)
                .lanewise(LSHL, 16)
                .lanewise(ASHR, 3)
                .and(0x8fffe000)
                .reinterpretAsFloats()
                .mul(0x1p112f);
        FloatVector eHigh = IntVector.fromMemorySegment(INTS, weights, first, ORDER)
                .lanewise(ASHR, 3)
                .and(0x8fffe000)
                .reinterpretAsFloats()
                .mul(0x1p112f);
        FloatVector fLow = IntVector.fromMemorySegment(INTS, weights, second, ORDER)
                .lanewise(LSHL, 16)
                .lanewise(ASHR, 3)
                .and(0x8fffe000)
                .reinterpretAsFloats()
                .mul(0x1p112f);
        FloatVector fHigh = IntVector.fromMemorySegment(INTS, weights, second, ORDER)
                .lanewise(ASHR, 3)
                .and(0x8fffe000)
                .reinterpretAsFloats()
                .mul(0x1p112f);
        FloatVector firstLow = FloatVector.fromArray(FLOATS, out, o);
        FloatVector firstHigh = FloatVector.fromArray(FLOATS, out, o + 16);
        FloatVector secondLow = FloatVector.fromArray(FLOATS, out, p);
        FloatVector secondHigh = FloatVector.fromArray(FLOATS, out, p + 16);
        for (int b = 2 * from; b < 2 * to; b++) { // halves of blocks
            int half = b % 2;
            int at = 32 + b / 2 * 224;
            ShortVector c = ShortVector.broadcast(SHORTS, (short) (-4 * x.sums[2 * block + b]));
            ShortVector d = c;
            ShortVector g = ShortVector.zero(SHORTS); // the highest bits: the 16th column
            ShortVector h = g;
            for (int word = 3 * half; word < 3 * half + 3; word++) {
                int i = (block + b / 2) * 32 + half + word * 5;
                IntVector v = IntVector.fromMemorySegment(INTS, weights, first + 4L * (at + 32 + word * 32), ORDER);
                IntVector w = IntVector.fromMemorySegment(INTS, weights, second + 4L * (at + 32 + word * 32), ORDER);
                ShortVector m = ShortVector.broadcast(SHORTS, a[i]);
                c = c.add(v.and(0x00070007).reinterpretAsShorts().mul(m));
                d = d.add(w.and(0x00070007).reinterpretAsShorts().mul(m));
                m = ShortVector.broadcast(SHORTS, a[i + 1]);
                c = c.add(v.lanewise(LSHR, 3)
                        .and(0x00070007)
                        .reinterpretAsShorts()
                        .mul(m));
                d = d.add(w.lanewise(LSHR, 3)
                        .and(0x00070007)
                        .reinterpretAsShorts()
                        .mul(m));
                m = ShortVector.broadcast(SHORTS, a[i + 2]);
                c = c.add(v.lanewise(LSHR, 6)
                        .and(0x00070007)
                        .reinterpretAsShorts()
                        .mul(m));
                d = d.add(w.lanewise(LSHR, 6)
                        .and(0x00070007)
                        .reinterpretAsShorts()
                        .mul(m));
                m = ShortVector.broadcast(SHORTS, a[i + 3]);
                c = c.add(v.lanewise(LSHR, 9)
                        .and(0x00070007)
                        .reinterpretAsShorts()
                        .mul(m));
                d = d.add(w.lanewise(LSHR, 9)
                        .and(0x00070007)
                        .reinterpretAsShorts()
                        .mul(m));
                m = ShortVector.broadcast(SHORTS, a[i + 4]);
                c = c.add(v.lanewise(LSHR, 12)
                        .and(0x00070007)
                        .reinterpretAsShorts()
                        .mul(m));
                d = d.add(w.lanewise(LSHR, 12)
                        .and(0x00070007)
                        .reinterpretAsShorts()
                        .mul(m));
                g = g.lanewise(LSHR, 1).or(v.and(0x80008000).reinterpretAsShorts());
                h = h.lanewise(LSHR, 1).or(w.and(0x80008000).reinterpretAsShorts());
            }
            ShortVector m = ShortVector.broadcast(SHORTS, a[block * 32 + b * 16 + 15]);
            IntVector v = c.add(g.lanewise(LSHR, 13).mul(m)).reinterpretAsInts();
            IntVector w = d.add(h.lanewise(LSHR, 13).mul(m)).reinterpretAsInts();
            float scale = x.scales[block + b / 2];
            IntVector s = IntVector.fromMemorySegment(INTS, weights, first + 4L * at, ORDER)
                    .lanewise(LSHL, 8 - 8 * half);
            IntVector t = IntVector.fromMemorySegment(INTS, weights, second + 4L * at, ORDER)
                    .lanewise(LSHL, 8 - 8 * half);
            FloatVector sLow =
                    ((FloatVector) s.lanewise(LSHL, 16).lanewise(ASHR, 24).convert(I2F, 0)).mul(eLow);
            FloatVector sHigh = ((FloatVector) s.lanewise(ASHR, 24).convert(I2F, 0)).mul(eHigh);
            FloatVector tLow =
                    ((FloatVector) t.lanewise(LSHL, 16).lanewise(ASHR, 24).convert(I2F, 0)).mul(fLow);
            FloatVector tHigh = ((FloatVector) t.lanewise(ASHR, 24).convert(I2F, 0)).mul(fHigh);
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
