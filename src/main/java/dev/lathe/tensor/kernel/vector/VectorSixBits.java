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
 * One row times 6-bit weights: 16 products of -32..31 and -63..63 fit in a 16-bit lane. The lanes add 0..63 times the
 * activation modulo 2^16, starting at -32 times the sum of the activations, so they end at the signed sum.
 *
 * <p>One method holds everything: the compiler inlines the Vector API without limit, but not methods around it.
 */
final class VectorSixBits {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

    private VectorSixBits() {}

    /** As {@link VectorFourBits#multiply}: signed 6-bit weights with scales of 16 columns. */
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
        short[] eights = x.lanes.eights;
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
        // one loop over the halves of blocks: two nested ones would be unrolled to code that is slow to fetch
        for (int b = 2 * from; b < 2 * to; b++) {
            int half = b % 2;
            int at = 32 + b / 2 * 416;
            IntVector cLow = IntVector.zero(INTS);
            IntVector cHigh = cLow;
            IntVector dLow = cLow;
            IntVector dHigh = cLow;
            for (int group = 2 * half; group < 2 * half + 2; group++) {
                ShortVector c = ShortVector.broadcast(SHORTS, eights[(block + b / 2) * 4 + group]);
                ShortVector d = c;
                int i = (block + b / 2) * 32 + group * 8;
                ShortVector g = ShortVector.zero(SHORTS); // the highest bits: the last two columns
                ShortVector h = g;
                for (int word = 3 * group; word < 3 * group + 3; word++) {
                    int k = (block + b / 2) * 32 + 2 * (word + group);
                    IntVector v = IntVector.fromMemorySegment(INTS, weights, first + 4L * (at + 32 + word * 32), ORDER);
                    IntVector w =
                            IntVector.fromMemorySegment(INTS, weights, second + 4L * (at + 32 + word * 32), ORDER);
                    ShortVector m = ShortVector.broadcast(SHORTS, a[k]);
                    c = c.add(v.and(0x003f003f).reinterpretAsShorts().mul(m));
                    d = d.add(w.and(0x003f003f).reinterpretAsShorts().mul(m));
                    m = ShortVector.broadcast(SHORTS, a[k + 1]);
                    c = c.add(v.lanewise(LSHR, 6)
                            .and(0x003f003f)
                            .reinterpretAsShorts()
                            .mul(m));
                    d = d.add(w.lanewise(LSHR, 6)
                            .and(0x003f003f)
                            .reinterpretAsShorts()
                            .mul(m));
                    g = g.lanewise(LSHR, 4).or(v.and(0xf000f000).reinterpretAsShorts());
                    h = h.lanewise(LSHR, 4).or(w.and(0xf000f000).reinterpretAsShorts());
                }
                ShortVector m = ShortVector.broadcast(SHORTS, a[i + 6]);
                c = c.add(g.lanewise(LSHR, 4).and((short) 63).mul(m));
                d = d.add(h.lanewise(LSHR, 4).and((short) 63).mul(m));
                m = ShortVector.broadcast(SHORTS, a[i + 7]);
                c = c.add(g.lanewise(LSHR, 10).mul(m));
                d = d.add(h.lanewise(LSHR, 10).mul(m));
                IntVector v = c.reinterpretAsInts();
                IntVector w = d.reinterpretAsInts();
                cLow = cLow.add(v.lanewise(LSHL, 16).lanewise(ASHR, 16));
                cHigh = cHigh.add(v.lanewise(ASHR, 16));
                dLow = dLow.add(w.lanewise(LSHL, 16).lanewise(ASHR, 16));
                dHigh = dHigh.add(w.lanewise(ASHR, 16));
            }
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
            firstLow = ((FloatVector) cLow.convert(I2F, 0)).fma(sLow.mul(scale), firstLow);
            firstHigh = ((FloatVector) cHigh.convert(I2F, 0)).fma(sHigh.mul(scale), firstHigh);
            secondLow = ((FloatVector) dLow.convert(I2F, 0)).fma(tLow.mul(scale), secondLow);
            secondHigh = ((FloatVector) dHigh.convert(I2F, 0)).fma(tHigh.mul(scale), secondHigh);
        }
        firstLow.intoArray(out, o);
        firstHigh.intoArray(out, o + 16);
        secondLow.intoArray(out, p);
        secondHigh.intoArray(out, p + 16);
    }
}
